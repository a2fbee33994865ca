"""A training run from configuration to checkpoint: choose the epoch, fit, test once, save.

The number of epochs is chosen by folds of training patients that are held out in turn (see
``choice``). Then the network is fitted to all training patients for as many epochs. Test labels are
read by the evaluation at the end, and once more for the figures in context of a checkpoint that
predicts so. Of several seeds the one kept is the median: by the held-out patients' figure, or,
where none are held out and so nothing is chosen, by the test's, as the one that stands for the
others.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ecgcore.models.checkpoint import Checkpoint, save_checkpoint
from ecgcore.models.meta import CheckpointMeta
from ecgcore.models.network import Network
from ecgcore.models.registry import network_config
from ecgcore.records.catalog import database
from ecgcore.records.database import Database
from ecgcore.records.reader import read_header
from ecgcore.records.splits import select_records
from ecgcore.schema import Protocol
from ecgcore.training.card import write_card
from ecgcore.training.checks import check_run
from ecgcore.training.choice import EpochChoice, choose_epochs, chosen_together
from ecgcore.training.compute import CPU, Compute
from ecgcore.training.config import TrainConfig
from ecgcore.training.data import BeatSet
from ecgcore.training.evaluate import Evaluation, evaluate
from ecgcore.training.fit import fit
from ecgcore.training.held_out import folds_fitted
from ecgcore.training.leads import own_lead
from ecgcore.training.own_way import metrics_of, own_way
from ecgcore.training.predict import predict_alone
from ecgcore.training.protocols import OWN, beat_class_flags, split_flags
from ecgcore.training.setup import (
    Progress,
    epoch_size,
    forget_states,
    run_key,
    state_folder,
    told,
    training_beats,
    untrained,
)
from ecgcore.training.state import epochs_saved
from ecgcore.training.watch import Watcher, Within


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainResult:
    """One seed's checkpoint, not yet on disk, and its figures."""

    checkpoint: Checkpoint
    evaluation: Evaluation
    choice: EpochChoice

    @property
    def chosen_by(self) -> float:
        """Macro F1 of the held-out patients at the chosen epoch; NaN without folds."""
        return self.choice.figure

    def figures(self) -> dict[str, Any]:
        """Return what a table of seeds shows."""
        total, who = self.evaluation.total, self.evaluation.identification
        return {
            "seed": self.checkpoint.meta.seed,
            "epochs": self.checkpoint.meta.training["epochs"],
            "held_out_f1": self.chosen_by,
            "macro": total.macro,
            "per_class": {c: asdict(m) for c, m in total.per_class.items()},
            "accuracy": total.accuracy,
            "mean_ovr_accuracy": total.mean_ovr_accuracy,
            "ece": total.ece,
            "confusion": total.confusion.tolist(),
            **({} if who is None else {"identification": who.to_json(), "people": who.table()}),
        }


def train(
    config: TrainConfig,
    seed: int,
    out: Path | None = None,
    progress: Progress | None = None,
    command: str = "",
    compute: Compute = CPU,
    watcher: Watcher | None = None,
) -> TrainResult:
    """Train one seed and, when ``out`` is given, write its checkpoint there.

    Saved after each epoch under the settings' ``home``: called again after an interruption, it
    goes on from the last whole epoch; what was saved goes when the checkpoint is written. Raises
    EcgError when the recordings or the settings don't serve, or the disk refuses; and whatever
    ``watcher`` raises, which is asked after every batch and every test recording.
    """
    checkpoint, choice = trained(config, seed, progress, command, compute, watcher)
    elsewhere = database(config.test_database or config.database)
    if progress:
        progress(f"seed {seed}: test", choice.epochs, choice.epochs)
    looked = (lambda *_: watcher.batch()) if watcher else None
    tested = select_records(config.test, elsewhere.records)
    evaluation = evaluate(checkpoint, elsewhere, tested, progress=looked, predictor=predict_alone)
    meta = replace(checkpoint.meta, metrics=metrics_of(evaluation))
    result = TrainResult(
        checkpoint=replace(checkpoint, meta=meta), evaluation=evaluation, choice=choice
    )
    if out is not None:
        keep(config, result, [result.figures()], out, progress, watcher)
        if not chosen_together(config):  # else other seeds need this one's folds
            forget_states([checkpoint.digest])
    return result


def trained(
    config: TrainConfig,
    seed: int,
    progress: Progress | None = None,
    command: str = "",
    compute: Compute = CPU,
    watcher: Watcher | None = None,
) -> tuple[Checkpoint, EpochChoice]:
    """Return one seed's fitted network, not yet tested, and what its epochs were chosen by.

    What was fitted before is read from its saved states. Parameters and errors as ``train``.
    """
    source = database(config.database)
    elsewhere = database(config.test_database or config.database)
    check_run(config, source.records, elsewhere.records)
    # What is whole in its saved states needs no augmented beats, which take longer to make.
    beats = training_beats(config, augmented=False)
    key = run_key(config, seed, beats)
    augmented = not config.optimisation.draws
    if not augmented and not _folds_saved(config, seed, beats):
        beats, augmented = training_beats(config), True
    choice = choose_epochs(config, seed, beats, progress, compute, watcher)
    epochs = choice.epochs
    # Named by its epochs: with other seeds beside it, a run may be given another number.
    state = state_folder(key) / f"fit{epochs}.safetensors"
    if not augmented and epochs_saved(state, key) < epochs:
        beats = training_beats(config)
    network = untrained(config, beats, seed)
    stage = f"seed {seed}: all patients"
    if watcher:
        watcher.stage(stage, epochs)
    fitted = fit(
        network,
        beats,
        config.optimisation,
        seed,
        epochs=epochs,
        state=state,
        key=key,
        epoch_done=told(progress, watcher, stage, epochs, epoch_size(beats, config)),
        batch_done=watcher.batch if watcher else None,
        compute=compute,
    )
    if choice.bias:
        with torch.no_grad():
            network.classifier.bias.add_(torch.tensor(choice.bias))
    training = {
        "epochs": epochs,
        "of_epochs": config.optimisation.epochs,
        "loss": list(fitted.loss),
        "held_out_f1": list(choice.held_out),
        "mean_curve_f1": list(choice.mean_curve),
        "class_bias": dict(zip(beats.classes, choice.bias, strict=True)) if choice.bias else {},
        "folds": [list(fold) for fold in config.folds],
        "beats": beats.counts(),
        "optimisation": asdict(config.optimisation),
        "split": asdict(config.split) if config.split else None,
        "command": command,
        "seconds": choice.seconds + fitted.seconds,
        "device": compute.name,
        "precision": compute.precision,
    }
    meta = run_meta(config, source, beats, seed, network, training)
    checkpoint = Checkpoint(name=config.name, network=network, meta=meta, card="", digest=key)
    return checkpoint, choice


def _folds_saved(config: TrainConfig, seed: int, beats: BeatSet) -> bool:
    """Return whether every fold that the choice of epochs looks at is fitted and saved."""
    seeds = config.seeds if chosen_together(config) else (seed,)
    return folds_fitted(config, [run_key(config, each, beats) for each in {seed, *seeds}])


def train_seeds(
    config: TrainConfig,
    out: Path,
    progress: Progress | None = None,
    command: str = "",
    compute: Compute = CPU,
    watcher: Watcher | None = None,
) -> list[TrainResult]:
    """Train every seed of the configuration and write the median one's checkpoint to ``out``.

    The median is by the held-out patients' macro F1 (the lower one of two); without folds by the
    test's, so that what is kept is what the table shows: neither the best nor the worst.
    """
    elsewhere = database(config.test_database or config.database)
    check_run(config, database(config.database).records, elsewhere.records)
    results = [
        train(config, seed, None, progress, command, compute, watcher) for seed in config.seeds
    ]
    figures = [result.figures() for result in results]
    keep(config, results[median_seed(figures)], figures, out, progress, watcher)
    forget_states(result.checkpoint.digest for result in results)
    return results


def median_seed(figures: Sequence[Mapping[str, Any]]) -> int:
    """Return which of the seeds' ``figures`` is the median (the lower of two), as told above."""
    by = [one["held_out_f1"] for one in figures]
    if any(value is None or not math.isfinite(value) for value in by):
        by = [one["macro"]["f1"] for one in figures]
    return int(np.argsort(np.nan_to_num(by, nan=-math.inf), kind="stable")[(len(by) - 1) // 2])


def keep(
    config: TrainConfig,
    chosen: TrainResult,
    figures: Sequence[Mapping[str, Any]],
    out: Path,
    progress: Progress | None = None,
    watcher: Watcher | None = None,
) -> None:
    """Write the chosen seed's checkpoint, with every seed's ``figures`` in its description.

    The figures of the splits in ``config.also`` stand beside them: of networks trained anew, of
    the chosen seed, which are not kept.
    """
    also, spent = {}, []
    for kind in config.also:
        assert config.split is not None  # the configuration was checked
        other = replace(config, protocol=OWN[kind], split=replace(config.split, kind=kind), also=())
        within = Within(watcher, f"split {kind}") if watcher else None
        found = train(other, chosen.checkpoint.meta.seed, None, progress, watcher=within)
        also[other.protocol] = found.figures()
        spent.append(found.checkpoint.digest)
    seeds = tuple(one["seed"] for one in figures)
    meta = own_way(config, chosen.checkpoint)
    meta = replace(
        meta,
        protocol=replace(meta.protocol, seeds=seeds),
        metrics={**meta.metrics, "seeds": list(figures), "also": also},
    )
    card = write_card(config, meta)
    save_checkpoint(out, chosen.checkpoint.network, meta, card)
    forget_states(spent)


def run_meta(
    config: TrainConfig,
    source: Database,
    beats: BeatSet,
    seed: int,
    network: Network,
    training: dict[str, Any],
) -> CheckpointMeta:
    """Return what is told of a run's network; ``training``: how it was fitted."""
    flags = (
        split_flags(config.split, config.input, config.protocol)
        if config.split
        else beat_class_flags(
            beats.classes,
            config.input,
            database=config.database,
            train=config.train,
            test=config.test,
            virtual_leads=config.optimisation.virtual_leads > 0,
        )
    )
    first = read_header(source, select_records(config.train, source.records)[0])
    return CheckpointMeta(
        architecture=config.architecture,
        config=network_config(network),
        task=config.task,
        input=config.input,
        classes=beats.classes,
        lead=own_lead(config.input, config.lead),
        fs=first.fs,
        protocol=Protocol(
            name=config.protocol,
            train=f"{config.database} {config.train}",
            test=f"{config.test_database or config.database} {config.test}",
            flags=(*flags, *beats.notes),
            seeds=(seed,),
        ),
        seed=seed,
        data_hash=beats.digest(),
        training=training,
        context=config.context,
    )
