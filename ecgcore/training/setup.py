"""What a training run starts from: its beats, its untrained network, and the name of its state."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from ecgcore.models.code import network_code
from ecgcore.models.network import Network
from ecgcore.models.registry import build_network
from ecgcore.records.catalog import database
from ecgcore.records.people import person
from ecgcore.records.splits import select_records
from ecgcore.schema import Peaks, StrArray
from ecgcore.settings import settings
from ecgcore.training.config import TrainConfig
from ecgcore.training.data import BeatSet, by_aami, load_beats
from ecgcore.training.fit import EpochDone
from ecgcore.training.fit import epoch_size as beats_an_epoch
from ecgcore.training.metrics import class_metrics
from ecgcore.training.rhythms import drawn_features, ventricular_features
from ecgcore.training.state import Progressed
from ecgcore.training.watch import EpochReport, Watcher

# Add a word when the state's format changes, or how fitting works: a run that was begun by other
# code is then begun anew instead of being gone on with. A changed network is seen by itself.
CHANGES: Final[tuple[str, ...]] = ()

# Settings that came after there were results, by what leaves everything as it was: left out of a
# run's name then, so that those results stay theirs.
LATER_SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "optimisation": {"warp": 0.0, "warp_about": 0.5, "drift": 0.0, "wander": 0.0}
    | {"t_gain": 0.0, "t_bump": 0.0, "p_gain": 0.0, "blur": 0.0}
    | {"virtual_leads": 0, "own_lead": 0.2, "rhythms": 0.0}
    | {"rhythm_kinds": ("fibrillation",), "ventricular_rhythms": 0.0, "fusions": 0}
    | {"drawn_patients": 0},
    "input": {"snap": 0.0},
}

Progress = Callable[[str, int, int], None]  # what is done, epochs done, of


def training_beats(config: TrainConfig, *, augmented: bool = True) -> BeatSet:
    """Return the beats that train, of all folds. Raises EcgError as ``load_beats``.

    ``augmented``: with their versions in virtual leads and the drawn rhythms, where configured.
    """
    source = database(config.database)
    records = select_records(config.train, source.records)
    classes = config.classes or tuple(
        dict.fromkeys(person(config.database, record).name for record in records)
    )
    labeller = _labeller(config)
    how = config.optimisation
    virtual, drawn = (how.virtual_leads, how.drawn_patients) if augmented else (0, 0)
    beats = load_beats(
        source, records, config.input, classes, labeller, config.lead, virtual, drawn
    )
    if not augmented:
        return beats
    names = config.input.rr
    return replace(
        beats,
        rhythms=drawn_features(names, how.rhythm_kinds) if how.rhythms else None,
        ventricular=ventricular_features(names) if how.ventricular_rhythms else None,
    )


def untrained(config: TrainConfig, beats: BeatSet, seed: int) -> Network:
    """Return the configured network, sized for ``beats``, with random weights by ``seed``."""
    sizes = {
        "in_channels": beats.x.shape[1],
        "rr_features": beats.rr.shape[1],
        "classes": len(beats.classes),
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build_network(config.architecture, {**config.network, **sizes})


def epoch_size(beats: BeatSet, config: TrainConfig) -> int:
    """Return how many beats an epoch trains on."""
    return beats_an_epoch(beats, config.optimisation)


def run_key(config: TrainConfig, seed: int, beats: BeatSet) -> str:
    """Return what names one seed's run: the settings that its weights depend on, data and seed.

    Of the code, the network's own counts by itself, and ``CHANGES`` for the rest. The rule by
    which the number of epochs or the classes' bias is chosen counts for nothing: the held-out
    curves are the same. Nor does how the network is used.
    """
    plain = {**asdict(config), "seeds": (), "purpose": "", "limits": "", "title": ""}
    del plain["also"], plain["choices"], plain["context"]
    del plain["optimisation"]["epoch_rule"], plain["optimisation"]["class_bias"]
    del plain["test_database"]
    for part, later in LATER_SETTINGS.items():
        for name, value in later.items():
            if plain[part][name] == value:
                del plain[part][name]
    code = [network_code(config.architecture), *CHANGES]
    text = json.dumps([plain, seed, beats.digest(), *code], sort_keys=True)
    return f"{config.name}-{seed}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def state_folder(key: str) -> Path:
    """Return where the unfinished run ``key`` is kept."""
    return settings().home / "training" / key


def forget_states(keys: Iterable[str]) -> None:
    """Remove the states of runs whose checkpoint is saved; what can't be removed stays."""
    for key in keys:
        shutil.rmtree(state_folder(key), ignore_errors=True)


def told(
    progress: Progress | None,
    watcher: Watcher | None,
    stage: str,
    epochs: int,
    trained: int,
    watch: BeatSet | None = None,
) -> EpochDone:
    """Return what ``fit`` calls after each epoch to have ``progress`` and ``watcher`` told of it.

    ``trained``: beats of an epoch; ``watch``: the held-out ones.
    """

    def tell(done: Progressed) -> None:
        if progress:
            progress(f"{stage}, loss {done.loss[-1]:.3f}", done.epochs, epochs)
        if watcher:
            held_out = None
            if watch is not None:
                truth = np.array(watch.classes)[watch.label]
                held_out = class_metrics(truth, done.watched[-1].numpy(), watch.classes)
            report = EpochReport(
                stage=stage,
                epoch=done.epochs,
                of=epochs,
                loss=done.loss[-1],
                beats=trained,
                held_out=held_out,
            )
            watcher.epoch(report)

    return tell


def _labeller(config: TrainConfig) -> Callable[[str, Peaks], StrArray]:
    if config.split is None:
        return by_aami
    split, task = config.split, config.task

    def of_training_beats(record: str, peaks: Peaks) -> StrArray:
        trains = split.trains(record, peaks.sample, peaks.fs)
        whose = np.array(person(config.database, record).name)
        label = whose if task == "identity" else by_aami(record, peaks)
        return np.where(trains, label, "")

    return of_training_beats
