"""What each record of a database holds, in one line: for lists, without opening each by hand."""

from dataclasses import dataclass
from typing import Final

from ecgcore.errors import RecordError
from ecgcore.records.annotations import annotation_notice, class_counts, read_annotations
from ecgcore.records.catalog import Database
from ecgcore.records.names import inside
from ecgcore.records.notices import database_notices
from ecgcore.records.reader import DEFAULT_ANNOTATOR, read_header, read_record
from ecgcore.schema import Annotations, Notice, RecordHeader

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
            annotations, notices = _annotations_only(database, header)
    except RecordError as error:
        return RecordSummary(name=name, fault=str(error))
    return RecordSummary(
        name=name,
        header=header,
        beats=None if annotations is None else class_counts(annotations),
        notices=notices,
    )


def _annotations_only(
    database: Database, header: RecordHeader
) -> tuple[Annotations | None, tuple[Notice, ...]]:
    notices = database_notices(database)
    if DEFAULT_ANNOTATOR not in header.annotators:
        return None, notices
    path = database.path(header.name)
    try:
        annotations = read_annotations(
            inside(database.root, path.with_name(f"{path.name}.{DEFAULT_ANNOTATOR}")),
            length=header.length,
            fs=header.fs,
            start=0,
            stop=header.length,
            label=f"{database.name}/{header.name}.{DEFAULT_ANNOTATOR}",
        )
    except RecordError as error:
        return None, (*notices, Notice(code="annotations", text=str(error)))
    return annotations, (*notices, *filter(None, [annotation_notice(annotations)]))
