"""What a checkpoint has seen of the recordings that it is judged on."""

from typing import Final

import numpy as np

from ecgcore.models.meta import CheckpointMeta
from ecgcore.records.people import person
from ecgcore.records.splits import named_records
from ecgcore.schema import BoolArray, Peaks, RecordHeader
from ecgcore.training.protocols import IdentitySplit

CROSS_DATABASE: Final = "cross-database"


def trained_on(meta: CheckpointMeta, database: str, records: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of ``records`` whose patients the checkpoint was trained on, in order.

    Read from the protocol's training set ("mitdb DS1", "mitdb 101,106"). None for a checkpoint
    for user recognition, which knows its people by design, and where the recordings themselves
    were split: their training beats are kept apart, and a flag says so.
    """
    if meta.task == "identity" or meta.training.get("split") is not None:
        return ()
    return _training_records(meta, database, records)


def known_person(meta: CheckpointMeta, database: str, record: str) -> str | None:
    """Return whose recording it is, where that is one of the people a checkpoint knows.

    A person is known by database and name: another database's record of this name is no one's,
    but for recordings of one person in two databases (``records.people``).
    """
    whose = person(database, record)
    known = meta.task == "identity" and whose.database == meta.home and whose.name in meta.classes
    return whose.name if known else None


def tested_beats(meta: CheckpointMeta, header: RecordHeader, peaks: Peaks) -> BoolArray:
    """Return which beats (b,) of a recording may test a checkpoint.

    All, but of a recording that trained and was itself split: those that its split keeps apart.
    """
    if not split_records(meta, header.database, (header.name,)):
        return np.ones(len(peaks), dtype=np.bool_)
    split = IdentitySplit.from_json(meta.training["split"])
    return split.tests(header.name, peaks.sample, header.fs)


def trained_beats(meta: CheckpointMeta, header: RecordHeader, peaks: Peaks) -> BoolArray:
    """Return which beats (b,) of a recording that was itself split trained a checkpoint.

    None of them, of a recording that was not split: see ``trained_on``. What is neither here nor
    among the ``tested_beats`` lies outside the stretch that was used.
    """
    if not split_records(meta, header.database, (header.name,)):
        return np.zeros(len(peaks), dtype=np.bool_)
    split = IdentitySplit.from_json(meta.training["split"])
    return split.trains(header.name, peaks.sample, header.fs)


def split_records(meta: CheckpointMeta, database: str, records: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of ``records`` that trained and were themselves split, in order."""
    if meta.training.get("split") is None:
        return ()
    return _training_records(meta, database, records)


def _training_records(
    meta: CheckpointMeta, database: str, records: tuple[str, ...]
) -> tuple[str, ...]:
    if meta.home != database:
        return ()
    group = meta.protocol.train.partition(" ")[2].strip()
    trained = records if group == "all" else named_records(group)
    return tuple(name for name in records if name in trained)


def seen_flags(meta: CheckpointMeta, database: str, records: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sentence that goes with figures on recordings that trained, where some did."""
    seen = trained_on(meta, database, records)
    if not seen:
        return ()
    if len(seen) == len(records):
        which = f"All {len(records)} test recordings" if len(records) > 1 else "The test recording"
        return (f"{which} trained this checkpoint.",)
    named = ", ".join(seen)
    return (f"{len(seen)} of {len(records)} test recordings trained this checkpoint: {named}.",)
