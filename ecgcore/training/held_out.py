"""What networks said of training patients whom they never saw, kept beside a checkpoint.

A checkpoint's own networks have learnt their training patients' labels, right or wrong. Its
configuration's folds hold each of these patients out once, so the folds' networks (same design,
same settings, fewer patients) can be asked about them instead: the mean probability over the seeds,
each after the number of epochs that was chosen for it.
"""

import json
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from ecgcore.dsp.matching import match_peaks
from ecgcore.errors import EcgError
from ecgcore.models.meta import CheckpointMeta
from ecgcore.schema import FloatArray, IntArray, StrArray
from ecgcore.settings import settings
from ecgcore.strict_json import to_json
from ecgcore.training.choice import choose_epochs, chosen_together, fit_folds
from ecgcore.training.config import TrainConfig
from ecgcore.training.setup import Progress, run_key, state_folder, training_beats
from ecgcore.training.state import epochs_saved
from ecgcore.whole_file import whole_file

FILE: Final = "held-out.npz"
VERSION: Final = 1
_MOST_BYTES: Final = 16 << 20
_UNREADABLE: Final = (
    *(OSError, ValueError, LookupError, TypeError, AttributeError, EOFError),
    *(zipfile.BadZipFile, zlib.error),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOut:
    """n beats of training patients, as networks that never saw the patient classify them."""

    record: StrArray  # (n,)
    sample: IntArray  # (n,), R-peaks
    probability: FloatArray  # (n, classes), in the order of ``about["classes"]``
    about: dict[str, Any]  # version, classes, seeds, folds, data_hash, command

    def of(self, record: str, sample: IntArray, fs: float) -> tuple[IntArray, FloatArray]:
        """Return which of a recording's R-peaks (b,) are known, and what was said of these.

        Those within 150 ms of one that was classified, one to one (``match_peaks``): a detector's,
        or a person's corrections, need not stand on the very sample. ``fs``: Hz.
        """
        mine = np.flatnonzero(self.record == record)
        mine = mine[np.argsort(self.sample[mine], kind="stable")]
        here, there = match_peaks(sample, self.sample[mine], fs).pairs.T
        return here, self.probability[mine[there]]


def cross_validate(
    config: TrainConfig,
    seeds: Sequence[int],
    progress: Progress | None = None,
    command: str = "",
) -> HeldOut:
    """Return what the folds of ``config`` say of their held-out beats, the mean over ``seeds``.

    Folds that were fitted before are read, others are fitted, resumable. Raises EcgError for a
    configuration without folds.
    """
    if not config.folds or not seeds:
        raise EcgError(f"{config.name} has no folds: no training patient is held out by it.")
    beats = training_beats(config, augmented=False)
    # Where one number of epochs is chosen for all seeds, the folds of all of them are needed.
    needed = dict.fromkeys((*seeds, *(config.seeds if chosen_together(config) else ())))
    if not folds_fitted(config, [run_key(config, seed, beats) for seed in needed]):
        beats = training_beats(config)
    total: Any = 0.0
    for seed in seeds:
        epochs = choose_epochs(config, seed, beats, progress).epochs
        folds = fit_folds(config, seed, beats, progress)
        total = total + np.concatenate([fold.probability[epochs - 1] for fold in folds])
    assert beats.sample is not None  # training beats have it
    order = np.concatenate([np.flatnonzero(np.isin(beats.record, fold)) for fold in config.folds])
    return HeldOut(
        record=beats.record[order],
        sample=beats.sample[order],
        probability=(total / len(seeds)).astype(np.float32),
        about={
            "version": VERSION,
            "classes": list(beats.classes),
            "seeds": list(seeds),
            "folds": len(config.folds),
            "data_hash": beats.digest(),
            "command": command,
        },
    )


def folds_fitted(config: TrainConfig, keys: list[str]) -> bool:
    """Return whether all folds of the runs ``keys`` are fitted and saved."""
    most = config.optimisation.epochs
    return all(
        epochs_saved(state_folder(key) / f"fold{number}.safetensors", key) >= most
        for key in keys
        for number in range(len(config.folds))
    )


def keep_held_out(checkpoint: str, meta: CheckpointMeta, found: HeldOut) -> Path:
    """Write it beside a checkpoint's weights and return where.

    Raises EcgError where it is not of the data and classes that trained the checkpoint, or the
    disk refuses.
    """
    if reason := _stranger(meta, found.about):
        raise EcgError(f"The folds can't stand beside {checkpoint}: {reason}.")
    path = _path(checkpoint)
    try:
        with whole_file(path) as file:
            np.savez_compressed(
                file,
                record=found.record,
                sample=found.sample.astype(np.int32),
                probability=found.probability.astype(np.float16),  # 0.001 is fine enough
                about=to_json(found.about),
            )
    except OSError as error:
        raise EcgError(f"{path} can't be written: {error.strerror}.") from error
    return path


def held_out_state(checkpoint: str) -> tuple[int, int]:
    """Return what changes when another file is put beside a checkpoint; zeros without any."""
    try:
        there = _path(checkpoint).stat()
    except OSError:
        return 0, 0
    return there.st_mtime_ns, there.st_size


def read_held_out(checkpoint: str, meta: CheckpointMeta) -> HeldOut | None:
    """Return what is kept beside a checkpoint; None without any, or where it is not its own."""
    path = _path(checkpoint)
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        with np.load(path, allow_pickle=False) as file:
            about = json.loads(str(file["about"]))
            found = HeldOut(
                record=file["record"].astype(np.str_),
                sample=file["sample"].astype(np.int64),
                probability=file["probability"].astype(np.float32),
                about=about,
            )
        n, classes = found.record.size, len(meta.classes)
        whole = found.sample.shape == (n,) and found.probability.shape == (n, classes)
        return found if whole and not _stranger(meta, about) else None
    except _UNREADABLE:
        return None


def _stranger(meta: CheckpointMeta, about: dict[str, Any]) -> str:
    """Return why folds are not of what trained a checkpoint, "" where they are."""
    if about.get("version") != VERSION:
        return "they were written by another version"
    if about.get("data_hash") != meta.data_hash:
        return "it was trained on other inputs or labels"
    return "" if tuple(about["classes"]) == meta.classes else "it has other classes"


def _path(checkpoint: str) -> Path:
    return settings().checkpoint_dir / checkpoint / FILE
