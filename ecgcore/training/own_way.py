"""The figures that a checkpoint is described by: those of its own way to predict.

A run is tested with each beat by itself: so are the rows of tables, and so the seed is chosen that
is kept. A checkpoint that puts its predictions in context is described by what it says then, as
``evaluate`` gives it; what it came to by itself stands beside, in its ``metrics`` as ``alone``.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from ecgcore.models.checkpoint import Checkpoint
from ecgcore.models.meta import CheckpointMeta
from ecgcore.records.catalog import database
from ecgcore.records.splits import select_records
from ecgcore.training.config import TrainConfig
from ecgcore.training.evaluate import Evaluation, evaluate

_TOTALS: Final = (
    *("n_beats", "confusion", "per_class", "macro", "accuracy"),
    *("mean_ovr_accuracy", "ece"),
)


def own_way(config: TrainConfig, checkpoint: Checkpoint) -> CheckpointMeta:
    """Return the description of a checkpoint tested by itself, with the figures of its own way.

    In context the test recordings are read once more. Raises as ``evaluate``.
    """
    meta = checkpoint.meta
    if not meta.context:
        return meta
    elsewhere = database(config.test_database or config.database)
    found = evaluate(checkpoint, elsewhere, select_records(config.test, elsewhere.records))
    return replace(meta, metrics={**metrics_of(found), "alone": _totals(meta.metrics)})


def metrics_of(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as a description's ``metrics``."""
    plain = evaluation.to_json()
    return {key: value for key, value in plain.items() if key not in ("protocol", "classes")}


def _totals(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures over all records, without curves and each record's own."""
    return {key: metrics[key] for key in _TOTALS if key in metrics}
