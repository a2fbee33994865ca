"""Ways to use a trained network, judged by held-out training patients: context and calibration.

Each fold's networks, of the best between patients, classify the recordings that they never saw, in
both their leads, which count as two recordings: plainly, in context, and calibrated by the first
minute. What follows that minute is scored in every way. Test recordings are never read, so that
what is chosen by this table is chosen without them.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from ecgcore.errors import EcgError
from ecgcore.experiments.ablation_figures import held_out_figures
from ecgcore.experiments.ablation_plan import JUDGED
from ecgcore.experiments.document import versions
from ecgcore.experiments.results import Document, read_results
from ecgcore.experiments.steps import StepTable, finished, record_seed
from ecgcore.experiments.ways_table import TABLE
from ecgcore.features.inputs import beat_inputs
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.models.network import Network
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.catalog import database
from ecgcore.records.reader import read_record
from ecgcore.schema import Peaks, Predictions, Recording
from ecgcore.settings import settings
from ecgcore.training.calibrate import CALIBRATION, Calibration, calibrated
from ecgcore.training.choice import Fold, fit_folds
from ecgcore.training.compute import CPU, Compute
from ecgcore.training.config import TrainConfig, load_config
from ecgcore.training.context import CONTEXT, Context, in_context
from ecgcore.training.held_out import folds_fitted
from ecgcore.training.loop import run_meta
from ecgcore.training.predict import predict
from ecgcore.training.setup import Progress, run_key, training_beats

CONFIG: Final = "best/inter-patient"
SEEDS: Final = (0, 1)


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a network's word on a recording is come by."""

    name: str
    title: str
    against: str = ""  # the way that it is one step from
    calibration: Calibration | None = None
    context: Context | None = None


_LIKENESS: Final = replace(CALIBRATION, directions=False, unseen_kept=0.0)
_DIRECTIONS: Final = replace(CALIBRATION, unseen_kept=0.0)
_FEWER_FUSIONS: Final = replace(CALIBRATION, unseen_kept=0.0, unseen_fusion=2.0)
_KEPT: Final = replace(CALIBRATION, unseen_kept=1.0)
_ONLY_SPREAD: Final = replace(CONTEXT, ventricular=0.0, fibrillation=1.0)
_ONLY_FUSIONS: Final = replace(CONTEXT, rounds=0, fibrillation=1.0)
_ONLY_FIBRILLATION: Final = replace(CONTEXT, rounds=0, ventricular=0.0)
WAYS: Final = (
    Way(name="plain", title="Each beat by itself"),
    Way(
        name="spread",
        title="… averaged with the beats most alike",
        against="plain",
        context=_ONLY_SPREAD,
    ),
    Way(
        name="fusions",
        title="… no fusions where hardly a beat is ventricular",
        against="plain",
        context=_ONLY_FUSIONS,
    ),
    Way(
        name="fibrillation",
        title="… no early beats in fibrillation",
        against="plain",
        context=_ONLY_FIBRILLATION,
    ),
    Way(name="in-context", title="… all three: in context", against="plain", context=CONTEXT),
    Way(
        name="likeness",
        title="… calibrated: RR features and likeness",
        against="in-context",
        calibration=_LIKENESS,
        context=CONTEXT,
    ),
    Way(
        name="directions",
        title="… … and the person's own directions",
        against="likeness",
        calibration=_DIRECTIONS,
        context=CONTEXT,
    ),
    Way(
        name="unseen",
        title="… … and fewer fusions where the minute has none",
        against="directions",
        calibration=_FEWER_FUSIONS,
        context=CONTEXT,
    ),
    Way(
        name="kept",
        title="… … or what the minute does not show as before",
        against="directions",
        calibration=_KEPT,
        context=CONTEXT,
    ),
    Way(
        name="calibrated",
        title="… … or half as before: as it is done",
        against="directions",
        calibration=CALIBRATION,
        context=CONTEXT,
    ),
)


def run_ways(
    *,
    seeds: int | None = None,
    ways: Sequence[str] = (),
    compute: Compute = CPU,
    progress: Progress | None = None,
) -> Document:
    """Judge what is missing, seed by seed, and return the document, as in its file.

    ``seeds``: the first so many; ``ways``: names, () for all. Folds that aren't fitted are fitted.
    Raises EcgError for an unknown way, and as ``fit_folds``.
    """
    known = [way.name for way in WAYS]
    if unknown := sorted(set(ways) - set(known)):
        raise EcgError(f"There is no way {', '.join(unknown)}; there are {', '.join(known)}.")
    config = load_config(settings().config_dir / Path(f"{CONFIG}.toml"))
    plain = training_beats(config, augmented=False)
    runs = {seed: run_key(config, seed, plain) for seed in SEEDS[:seeds]}
    wanted = [way for way in WAYS if not ways or way.name in ways]
    for seed, run in runs.items():
        missing = [way for way in wanted if _key(run, way) not in finished(TABLE, way.name)]
        if not missing:
            continue
        beats = plain if folds_fitted(config, [run]) else training_beats(config)
        folds = fit_folds(config, seed, beats, progress, compute)
        meta = run_meta(config, database(config.database), plain, seed, _network(folds[0]), {})
        for way in missing:
            judged = []
            for number, (fold, names) in enumerate(zip(folds, config.folds, strict=True)):
                if progress:
                    progress(f"{way.name}: seed {seed}: folds judged", number, len(folds))
                one = Checkpoint(
                    name=config.name, network=_network(fold), meta=meta, card="", digest=run
                )
                judged.append(_judged(way, one, config, names))
            _record(config, way, seed, _key(run, way), judged, compute)
    return read_results(TABLE)


def said_by(
    way: Way, checkpoint: Checkpoint, record: Recording, peaks: Peaks, lead: str
) -> Predictions:
    """Return a recording's beats classified in one lead by one way."""
    one = checkpoint
    if way.calibration:
        seconds = way.calibration.seconds
        one = calibrated(checkpoint, record, peaks, seconds, lead, way.calibration)
    inputs = beat_inputs(record, peaks, one.meta.input, lead)
    found = predict(one, record, peaks, lead, inputs=inputs, context=False)
    return in_context(found, inputs, way.context) if way.context else found


def _judged(way: Way, checkpoint: Checkpoint, config: TrainConfig, names: Sequence[str]) -> Fold:
    """Return what a way makes of held-out recordings after the first minute, lead by lead."""
    truth, record, probability = [], [], []
    for name, lead, found in _said(way, checkpoint, config, names):
        assert found.truth is not None  # the beats are annotated ones
        keep = np.isin(found.truth, config.classes) & found.usable
        keep &= found.peaks.sample >= CALIBRATION.seconds * found.header.fs
        truth.append(found.truth[keep])
        record.append(np.full(int(keep.sum()), f"{name} {lead}"))
        probability.append(found.probability[keep])
    return Fold(
        truth=np.concatenate(truth),
        record=np.concatenate(record),
        probability=np.concatenate(probability)[None],
        seconds=0.0,
    )


def _said(
    way: Way, checkpoint: Checkpoint, config: TrainConfig, names: Sequence[str]
) -> Iterator[tuple[str, str, Predictions]]:
    source = database(config.database)
    for name in names:
        record = read_record(source, name)
        peaks = annotated_peaks(record)
        for lead in record.header.leads:
            yield name, lead, said_by(way, checkpoint, record, peaks, lead)


def _network(fold: Fold) -> Network:
    assert fold.network is not None  # ``fit_folds`` keeps it
    return fold.network


def _key(run: str, way: Way) -> str:
    """Return what names a way's figures of one seed: the run and the way's settings."""
    text = json.dumps([run, asdict(way)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _record(
    config: TrainConfig, way: Way, seed: int, key: str, folds: list[Fold], compute: Compute
) -> None:
    """Write a finished seed of a way."""
    once = replace(config, optimisation=replace(config.optimisation, epochs=1))
    figures = held_out_figures(once, seed, {seed: folds})
    entry = {
        "key": key,
        "seed": seed,
        "macro_f1": float(np.mean([figures["f1"][name] for name in (*JUDGED, "F")])),
        **figures,
        "device": compute.name,
        "versions": versions(),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    record_seed(
        StepTable(
            table=TABLE,
            steps=WAYS,
            title=TABLE.title,
            base=CONFIG,
            protocol="held-out training patients, both leads, after the first minute",
            planned=SEEDS,
            averaged=("macro_f1", "f1", "by_patient", "accuracy"),
            gained=("macro_f1",),
        ),
        way,
        config,
        entry,
        settings=asdict(way),
        stays=lambda one: one["seed"] != seed,
    )
