"""Whose recording it is, where recordings of several names, or databases, are of one person.

Sources: the QT Database's list of where its excerpts come from (Laguna et al. 1997), the folders
and the dates in the headers of the ECG-ID Database (Lugovaya 2005). What is not known here is a
person of its own.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from ecgcore.schema import RecordHeader

# The excerpts of qtdb, ``sel`` and the record, 9 to 21 hours into recordings of nsrdb.
FROM_NSRDB: Final = tuple("16265 16272 16273 16420 16483 16539 16773 16786 16795 17453".split())
_DATE: Final = re.compile(r"ECG date:\s*(\d{1,2})\.(\d{1,2})\.(\d{4})\b")


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person: a name within a database."""

    database: str
    name: str


def person(database: str, record: str) -> Person:
    """Return whom a recording is of.

    An excerpt in qtdb is of the person of its nsrdb recording; recordings of ecgid are of the
    folder they lie in (``Person_01``); any other recording is named after itself.
    """
    if database == "qtdb" and record.removeprefix("sel") in FROM_NSRDB:
        return Person(database="nsrdb", name=record.removeprefix("sel"))
    if database == "ecgid" and "/" in record:
        return Person(database=database, name=record.partition("/")[0])
    return Person(database=database, name=record)


def recorded_on(header: RecordHeader) -> date | None:
    """Return the day that an ecgid header's comments give; None without one."""
    for comment in header.comments:
        found = _DATE.search(comment)
        if found:
            day, month, year = map(int, found.groups())
            try:
                return date(year, month, day)
            except ValueError:
                return None
    return None
