"""What each record of a database holds, in one line: for lists, without opening each by hand."""

from dataclasses import dataclass
from typing import Final

from ecgcore.errors import RecordError
from ecgcore.records.annotations import class_counts
from ecgcore.records.database import Database
from ecgcore.records.notices import database_notices
from ecgcore.records.reader import read_header, read_record, read_record_annotations
from ecgcore.schema import Notice, RecordHeader

# Values (samples times leads) up to which the signal is read too, for what only it can tell
# (checksum, gaps): five hours of two leads at 128 Hz. A whole database takes a second or two.
SIGNAL_LIMIT: Final = 5_000_000


@dataclass(frozen=True, kw_only=True)
class RecordSummary:
    """One record; where it can't be read there is no header, and ``fault`` says why."""

    name: str
    header: RecordHeader | None = None
    beats: dict[str, int] | None = None  # by AAMI class; None without usable annotations
    notices: tuple[Notice, ...] = ()
    fault: str = ""


def summarize(database: Database, *, signal_limit: int = SIGNAL_LIMIT) -> tuple[RecordSummary, ...]:
    """Return a summary of each record, in the database's order; unreadable ones included."""
    return tuple(_summary(database, name, signal_limit) for name in database.records)


def _summary(database: Database, name: str, signal_limit: int) -> RecordSummary:
    try:
        header = read_header(database, name)
        if header.length * len(header.leads) <= signal_limit:
            record = read_record(database, name)
            annotations, notices = record.annotations, record.notices
        else:
            annotations, told = read_record_annotations(database, header)
            notices = (*database_notices(database), *told)
    except RecordError as error:
        return RecordSummary(name=name, fault=str(error))
    return RecordSummary(
        name=name,
        header=header,
        beats=None if annotations is None else class_counts(annotations),
        notices=notices,
    )
