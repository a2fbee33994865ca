"""How many epochs to train, and the classes' bias: by training patients held out in turn.

Rules (``Optimisation.epoch_rule``):

* "own": each seed takes the epoch at which the macro F1 of all its held-out beats together is
  best. One seed's curve over a few folds is noisy, and its highest point may be a lucky early one.
* "mean-curve": the curves of all seeds and folds (each fold's macro F1 by itself) are averaged,
  and every seed takes the epoch at which that mean is highest.
* "last": nothing is chosen; the held-out figures are told, and serve the classes' bias (``prior``).

With a bias, the held-out figure at the chosen epoch is told with it: a little too good, as the same
beats chose the bias (``experiments.ablation`` has the honest one).
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from ecgcore.models.network import Network
from ecgcore.schema import DoubleArray, FloatArray, StrArray
from ecgcore.training.compute import CPU, Compute
from ecgcore.training.config import TrainConfig
from ecgcore.training.data import BeatSet
from ecgcore.training.fit import fit
from ecgcore.training.metrics import class_metrics
from ecgcore.training.prior import held_out_bias
from ecgcore.training.setup import Progress, epoch_size, run_key, state_folder, told, untrained
from ecgcore.training.watch import Watcher


@dataclass(frozen=True, kw_only=True)
class EpochChoice:
    """The number of epochs of one seed, and what it was chosen by; empty curves without folds."""

    epochs: int
    held_out: tuple[float, ...]  # this seed's macro F1 of held-out patients after each epoch
    mean_curve: tuple[float, ...] = ()  # over all seeds and folds; "mean-curve" only
    bias: tuple[float, ...] = ()  # to add to each class' logit; "held-out" only
    seconds: float = 0.0  # that this seed's folds took

    @property
    def figure(self) -> float:
        """This seed's held-out macro F1 at the chosen epoch; NaN without folds."""
        return self.held_out[self.epochs - 1] if self.held_out else math.nan


def choose_epochs(
    config: TrainConfig,
    seed: int,
    beats: BeatSet,
    progress: Progress | None = None,
    compute: Compute = CPU,
    watcher: Watcher | None = None,
) -> EpochChoice:
    """Return the number of epochs for ``seed``; fits every fold, and resumes what was begun.

    By "mean-curve", and for a bias of the classes, the folds of all of the configuration's seeds
    are fitted, once: their states are kept.
    """
    most, rule = config.optimisation.epochs, config.optimisation.epoch_rule
    if not config.folds:
        return EpochChoice(epochs=most, held_out=())
    folds = {seed: fit_folds(config, seed, beats, progress, compute, watcher)}
    seconds = sum(fold.seconds for fold in folds[seed])
    if chosen_together(config):
        for other in config.seeds:
            if other not in folds:
                folds[other] = fit_folds(config, other, beats, progress, compute, watcher)
    mean: tuple[float, ...] = ()
    if rule == "mean-curve":
        curves = {each: _mean(folds[each], beats) for each in folds}
        over_all = np.mean([curves[each] for each in config.seeds], axis=0)
        epochs, mean = int(over_all.argmax()) + 1, tuple(over_all.tolist())
        held_out = curves[seed]
    else:
        truth, probability = _pooled(folds[seed])
        held_out = _curve(truth, probability, beats.classes)
        epochs = int(held_out.argmax()) + 1 if rule == "own" else most
    bias: tuple[float, ...] = ()
    if config.optimisation.class_bias == "held-out":
        bias = _bias(folds, epochs, beats.classes)
        moved = [_biased(fold, epochs, bias) for fold in folds[seed]]
        told_by = (
            _mean(moved, beats) if rule == "mean-curve" else _curve(*_pooled(moved), beats.classes)
        )
        held_out[epochs - 1] = told_by[0]
    return EpochChoice(
        epochs=epochs,
        held_out=tuple(held_out.tolist()),
        mean_curve=mean,
        bias=bias,
        seconds=seconds,
    )


def chosen_together(config: TrainConfig) -> bool:
    """Return whether what is chosen for one seed takes the folds of all seeds."""
    how = config.optimisation
    return bool(config.folds) and (how.epoch_rule == "mean-curve" or how.class_bias != "none")


@dataclass(frozen=True, kw_only=True, eq=False)
class Fold:
    """One fold's held-out beats, after each epoch."""

    truth: StrArray  # (n,)
    record: StrArray  # (n,)
    probability: FloatArray  # (epochs, n, classes)
    seconds: float
    network: Network | None = None  # after the last epoch


def fit_folds(
    config: TrainConfig,
    seed: int,
    beats: BeatSet,
    progress: Progress | None = None,
    compute: Compute = CPU,
    watcher: Watcher | None = None,
) -> list[Fold]:
    """Fit every fold of one seed, or read what was fitted before: of ``config.folds``, in order."""
    key = run_key(config, seed, beats)
    names = np.array(beats.classes)
    found = []
    for number, fold in enumerate(config.folds):
        held = np.isin(beats.record, fold)
        watch = beats.subset(held)
        train = beats.subset(~held)
        what = f"seed {seed}: fold {number + 1} of {len(config.folds)}"
        epochs = config.optimisation.epochs
        if watcher:
            watcher.stage(what, epochs)
        network = untrained(config, beats, seed)
        done = fit(
            network,
            train,
            config.optimisation,
            seed,
            watch=watch,
            state=state_folder(key) / f"fold{number}.safetensors",
            key=key,
            epoch_done=told(progress, watcher, what, epochs, epoch_size(train, config), watch),
            batch_done=watcher.batch if watcher else None,
            compute=compute,
        )
        found.append(
            Fold(
                truth=names[watch.label],
                record=watch.record,
                probability=done.watched.numpy(),
                seconds=done.seconds,
                network=network,
            )
        )
    return found


def _pooled(folds: list[Fold]) -> tuple[StrArray, FloatArray]:
    """Return truth (n,) and probability (epochs, n, classes) of all held-out beats together."""
    truth = np.concatenate([fold.truth for fold in folds])
    return truth, np.concatenate([fold.probability for fold in folds], axis=1)


def _bias(folds: dict[int, list[Fold]], epochs: int, classes: tuple[str, ...]) -> tuple[float, ...]:
    """Return each class' bias by the held-out beats of all seeds after ``epochs``."""
    found = {seed: _pooled(of_seed) for seed, of_seed in folds.items()}
    truth = next(iter(found.values()))[0]
    label = np.array([classes.index(str(name)) for name in truth], dtype=np.int64)
    probability = [each[epochs - 1] for _, each in found.values()]
    return tuple(held_out_bias(label, probability, classes).tolist())


def _biased(fold: Fold, epochs: int, bias: tuple[float, ...]) -> Fold:
    """Return what the fold was after ``epochs`` alone, each class' logit moved by ``bias``."""
    odds = fold.probability[epochs - 1 : epochs] * np.exp(np.array(bias, dtype=np.float32))
    return replace(fold, probability=odds / odds.sum(axis=-1, keepdims=True))


def _mean(folds: list[Fold], beats: BeatSet) -> DoubleArray:
    """Return the macro F1 after each epoch (epochs,), the mean over the folds."""
    curves = [_curve(fold.truth, fold.probability, beats.classes) for fold in folds]
    mean: DoubleArray = np.mean(curves, axis=0)
    return mean


def _curve(truth: StrArray, probability: FloatArray, classes: tuple[str, ...]) -> DoubleArray:
    """Return the macro F1 after each epoch (epochs,)."""
    return np.array([class_metrics(truth, each, classes).macro["f1"] for each in probability])
