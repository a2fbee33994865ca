"""Rows that score another row's trained networks in another way: nothing more is trained.

Each is set beside the same networks scored plainly on the same beats, seed by seed, so that the
difference is that of the way and of nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Final

from ecgcore.dsp.detectors import DEFAULT_DETECTOR
from ecgcore.errors import EcgError
from ecgcore.experiments.statistics import summary
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.records.catalog import database
from ecgcore.records.database import Database
from ecgcore.records.splits import select_records
from ecgcore.training.calibrate import CALIBRATION, evaluate_calibrated
from ecgcore.training.choice import EpochChoice
from ecgcore.training.compute import CPU, Compute
from ecgcore.training.config import TrainConfig
from ecgcore.training.context import CONTEXT
from ecgcore.training.evaluate import Evaluation, evaluate
from ecgcore.training.loop import TrainResult, trained
from ecgcore.training.metrics import Metrics
from ecgcore.training.predict import predict_alone, predict_in_context
from ecgcore.training.setup import Progress

Score = Callable[[Checkpoint, Database, Sequence[str]], Evaluation]


@dataclass(frozen=True, kw_only=True)
class Scoring:
    """A way to score a trained network."""

    way: Score
    plain: Score  # the same beats, plainly
    beside: str  # what ``plain`` is, in words
    settings: tuple[Any, ...]  # what its figures depend on, besides the network; part of their name


# Rows say themselves how beats are classified, whatever the checkpoint's own way.
_alone: Final = partial(evaluate, predictor=predict_alone)
_in_context: Final = partial(evaluate, predictor=predict_in_context)

SCORINGS: Final[dict[str, Scoring]] = {
    "calibrated": Scoring(
        way=lambda one, where, records: evaluate_calibrated(one, where, records),
        plain=lambda one, where, records: _alone(one, where, records, skip=CALIBRATION.seconds),
        beside="the same networks on the same beats, not calibrated",
        settings=(asdict(CALIBRATION), asdict(CONTEXT)),
    ),
    "in-context": Scoring(
        way=_in_context,
        plain=_alone,
        beside="the same networks, each beat by itself",
        settings=(asdict(CONTEXT),),
    ),
    "end-to-end": Scoring(
        way=lambda one, where, records: _in_context(one, where, records, peaks="detected"),
        plain=_in_context,
        beside="the same networks on annotated R-peaks",
        settings=(DEFAULT_DETECTOR, asdict(CONTEXT)),
    ),
}


def scoring(name: str) -> Scoring:
    """Return a way of scoring. Raises EcgError, naming those there are."""
    if name not in SCORINGS:
        raise EcgError(f"There is no scoring {name!r}; there are {', '.join(SCORINGS)}.")
    return SCORINGS[name]


def rescored(
    name: str,
    config: TrainConfig,
    seed: int,
    progress: Progress | None = None,
    command: str = "",
    compute: Compute = CPU,
) -> tuple[TrainResult, dict[str, Any]]:
    """Return one seed's result by the scoring ``name``, and the plain figures beside it.

    The network is read from its training's saved states; without them it is trained. As the
    result chose nothing of its own, it tells no held-out figures. Raises as ``train``.
    """
    how = scoring(name)
    checkpoint, choice = trained(config, seed, progress, command, compute)
    elsewhere = database(config.test_database or config.database)
    records = select_records(config.test, elsewhere.records)
    if progress:
        progress(f"seed {seed}: {name}", choice.epochs, choice.epochs)
    found = how.way(checkpoint, elsewhere, records)
    plain = how.plain(checkpoint, elsewhere, records)
    # A row's flags hold for all of its seeds: a sentence with this one's figures is none of them.
    flags = tuple(flag for flag in found.protocol.flags if flag not in found.measured)
    told = replace(checkpoint.meta.protocol, peaks=found.protocol.peaks, flags=flags)
    result = TrainResult(
        checkpoint=replace(checkpoint, meta=replace(checkpoint.meta, protocol=told)),
        evaluation=found,
        choice=EpochChoice(epochs=choice.epochs, held_out=()),
    )
    return result, {"plain": figures(plain.total)}


def beside(name: str, seeds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what a row says of the plain figures: theirs, and the seeds' own differences."""
    here = [{key: one[key] for key in one["plain"]} for one in seeds]
    pairs = [_difference(mine, one["plain"]) for mine, one in zip(here, seeds, strict=True)]
    return {
        "what": scoring(name).beside,
        "summary": summary([one["plain"] for one in seeds]),
        "difference": summary(pairs),
    }


def figures(total: Metrics) -> dict[str, Any]:
    """Return the figures that are compared, by their names in a seed's entry."""
    return {
        "macro": total.macro,
        "per_class": {name: asdict(one) for name, one in total.per_class.items()},
        "accuracy": total.accuracy,
        "mean_ovr_accuracy": total.mean_ovr_accuracy,
        "ece": total.ece,
        "n_beats": total.n_beats,
    }


def _difference(mine: Mapping[str, Any], plain: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in mine.items():
        other = plain[key]
        if isinstance(value, Mapping):
            found[key] = _difference(value, other)
        elif value is not None and other is not None:
            found[key] = value - other
    return found
