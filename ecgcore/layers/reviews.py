"""What reviewers say of single beats' labels: kept with name and time, never in the source files.

Verdicts are only ever added. What counts is the last word of each reviewer on each beat; the rest
is history. They go out as a table and as a WFDB annotation file whose marks carry who said what in
their notes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
from sqlalchemy import Connection, RowMapping, insert, select

from ecgcore.aami import AAMI_CLASSES, SYMBOL_CLASS, aami_classes
from ecgcore.errors import LayerError
from ecgcore.layers.names import checked_name, checked_note
from ecgcore.schema import Annotations, RecordHeader
from ecgcore.storage.engine import AppDatabase
from ecgcore.storage.layer_tables import REVIEWS
from ecgcore.storage.tables import now
from ecgcore.strict_json import to_json

Verdict = Literal["right", "wrong", "unsure", "withdrawn"]

VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)
_LABELS: Final = (*AAMI_CLASSES, *(s for s in SYMBOL_CLASS if s not in AAMI_CLASSES))


@dataclass(frozen=True, kw_only=True)
class Review:
    """One verdict on the label of one beat."""

    number: int  # in the order they were given, over everything
    database: str
    record: str
    sample: int  # absolute
    fs: float  # Hz
    annotated: str  # the beat's class or symbol as it stands
    verdict: Verdict
    suggested: str  # the class or symbol that it should have, "" where none is said
    note: str
    reviewer: str
    at: float  # s since 1970, the database's clock
    context: dict[str, Any] = field(default_factory=dict)  # what it was listed for


def add_review(
    database: AppDatabase,
    header: RecordHeader,
    *,
    sample: int,
    annotated: str,
    verdict: Verdict,
    reviewer: str,
    suggested: str = "",
    note: str = "",
    context: Mapping[str, Any] | None = None,
) -> Review:
    """Keep a verdict on the beat at ``sample`` and return it.

    ``annotated`` and ``suggested`` are AAMI classes or WFDB beat symbols; ``context`` plain values
    (checkpoint, its prediction, confidence) that say what the beat was listed for. Another verdict
    of the same reviewer on the same beat takes its place, "withdrawn" takes it back. Raises
    LayerError for a name, label, place or note that can't be, and StorageError.
    """
    reviewer, note = checked_name(reviewer, "your name"), checked_note(note)
    if verdict not in VERDICTS:
        raise LayerError(f"{verdict!r} is no verdict; there are {', '.join(VERDICTS)}.")
    for label in filter(None, (annotated, suggested)):
        if label not in _LABELS:
            raise LayerError(f"{label!r} is no beat's class or symbol.")
    if not 0 <= sample < header.length:
        raise LayerError(f"{header.name} has {header.length} samples; {sample} is none of them.")
    values = {
        "database": header.database,
        "record": header.name,
        "sample": sample,
        "fs": header.fs,
        "annotated": annotated,
        "verdict": verdict,
        "suggested": suggested,
        "note": note,
        "reviewer": reviewer,
        "context": to_json(dict(context or {})),
    }

    def put(connection: Connection) -> int:
        key = connection.execute(insert(REVIEWS).values(**values, at=now())).inserted_primary_key
        assert key is not None
        return int(key[0])

    number = database.work(put)
    wanted = select(REVIEWS).where(REVIEWS.c.number == number)
    return _review(database.look(lambda c: c.execute(wanted).mappings().one()))


def review_history(database: AppDatabase, of: str, record: str | None = None) -> tuple[Review, ...]:
    """Return all verdicts on a recording's beats, or on a database's, oldest first."""
    wanted = select(REVIEWS).where(REVIEWS.c.database == of).order_by(REVIEWS.c.number)
    if record is not None:
        wanted = wanted.where(REVIEWS.c.record == record)
    rows = database.look(lambda connection: connection.execute(wanted).mappings().all())
    return tuple(_review(row) for row in rows)


def reviews(database: AppDatabase, of: str, record: str | None = None) -> tuple[Review, ...]:
    """Return what counts: each reviewer's last word on each beat, by record and sample."""
    return standing(review_history(database, of, record))


def standing(history: Sequence[Review]) -> tuple[Review, ...]:
    """Return each reviewer's last word on each beat, less what was withdrawn."""
    last = {(r.database, r.record, r.sample, r.reviewer): r for r in history}
    kept = [review for review in last.values() if review.verdict != "withdrawn"]
    return tuple(sorted(kept, key=lambda r: (r.database, r.record, r.sample, r.number)))


def review_table(found: Sequence[Review]) -> pd.DataFrame:
    """Return verdicts as a table, one row each; what stands in a CSV."""
    return pd.DataFrame(
        [
            {
                "database": review.database,
                "record": review.record,
                "sample": review.sample,
                "time_s": round(review.sample / review.fs, 3),
                "annotated": review.annotated,
                "verdict": review.verdict,
                "suggested": review.suggested,
                "note": review.note,
                "reviewer": review.reviewer,
                "at": moment(review.at),
                "context": to_json(review.context) if review.context else "",
            }
            for review in found
        ],
        columns="database record sample time_s annotated verdict suggested note reviewer at "
        "context".split(),
    )


def review_annotations(found: Sequence[Review]) -> Annotations:
    """Return one recording's verdicts as annotations, to be written by ``annotation_bytes``.

    Each is a mark at its beat: of the suggested label where there is one, else as annotated; its
    note says the verdict, who gave it and when, and their words (cut at 255 bytes, as WFDB does;
    the table has them whole).
    """
    ordered = sorted(found, key=lambda review: (review.sample, review.number))
    symbol = np.array([r.suggested or r.annotated or "Q" for r in ordered], dtype="<U8")
    return Annotations(
        sample=np.array([review.sample for review in ordered], dtype=np.int64),
        symbol=symbol,
        aami=aami_classes(symbol),
        aux=tuple(
            f"{r.verdict} ({r.annotated or '?'}) by {r.reviewer} {moment(r.at)}"
            + (f": {' '.join(r.note.split())}" if r.note else "")
            for r in ordered
        ),
        annotator="reviews",
    )


def moment(at: float) -> str:
    """Return a time as it stands in exports: UTC, to the second."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _review(row: RowMapping) -> Review:
    return Review(**{**row, "context": json.loads(row["context"])})
