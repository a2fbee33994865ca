"""All that a comparison is drawn from: a set's predictions, their matrix, list and exemplars."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ecgcore.compare.confusion import Confusion, confusion
from ecgcore.compare.exemplars import Pool, pool
from ecgcore.compare.scope import held_out
from ecgcore.compare.table import beat_table
from ecgcore.models.meta import CheckpointMeta
from ecgcore.schema import Predictions


@dataclass(frozen=True, kw_only=True, eq=False)
class Summary:
    """A set of recordings as a checkpoint saw it; see the modules for each part."""

    predictions: dict[str, Predictions]  # by record
    matrix: Confusion
    table: pd.DataFrame
    pool: Pool


def summarise(meta: CheckpointMeta, predictions: Sequence[Predictions]) -> Summary | None:
    """Return the summary of a set, None when the true class of no usable beat is known."""
    parts = [held_out(meta, part) for part in predictions]
    if not parts:
        return None
    table = beat_table(parts)
    if not (table["true"] != "").any():
        return None
    return Summary(
        predictions={part.header.name: part for part in parts},
        matrix=confusion(parts),
        table=table,
        pool=pool(parts),
    )
