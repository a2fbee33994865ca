"""What a checkpoint has seen of the recordings that it is judged on."""

from typing import Final

from ecgcore.models.meta import CheckpointMeta
from ecgcore.records.splits import named_records

CROSS_DATABASE: Final = "cross-database"


def trained_on(meta: CheckpointMeta, database: str, records: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of ``records`` whose patients the checkpoint was trained on, in order.

    Read from the protocol's training set ("mitdb DS1", "mitdb 101,106"). None for a checkpoint
    for user recognition, which knows its people by design, and where the recordings themselves
    were split: their training beats are kept apart, and a flag says so.
    """
    split = meta.training.get("split")
    if meta.home != database or meta.task == "identity" or split is not None:
        return ()
    group = meta.protocol.train.partition(" ")[2].strip()
    trained = records if group == "all" else named_records(group)
    return tuple(name for name in records if name in trained)


def seen_flags(meta: CheckpointMeta, database: str, records: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sentence that goes with figures on recordings that trained, where some did."""
    seen = trained_on(meta, database, records)
    if not seen:
        return ()
    return (f"{len(seen)} of {len(records)} test recordings trained this checkpoint.",)
