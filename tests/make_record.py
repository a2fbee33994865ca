"""A recording and a checkpoint made by hand, for tests of what is done with them."""

from pathlib import Path

import numpy as np
import torch

from ecgcore.dsp.segmentation import WindowSpec
from ecgcore.features.inputs import InputSpec
from ecgcore.features.spectrogram import SpectrogramSpec
from ecgcore.models.checkpoint import Checkpoint, save_checkpoint
from ecgcore.models.meta import CheckpointMeta
from ecgcore.models.network import Network
from ecgcore.models.registry import build_network, network_config
from ecgcore.schema import Peaks, Protocol, Record, RecordHeader


def make_record(
    beats: int = 20, *, fs: float = 360.0, seed: int = 0, start: int = 0
) -> tuple[Record, Peaks]:
    """Return a recording of peaked waves, somewhat irregular, with its R-peaks."""
    rng = np.random.default_rng(seed)
    rr = rng.uniform(0.7, 0.9, beats + 1)
    sample = np.rint(np.cumsum(rr)[:beats] * fs).astype(np.int64)
    n = int(sample[-1] + fs)
    time = np.arange(n)[:, None] / fs - sample / fs
    wave = np.exp(-((time / 0.02) ** 2)) + 0.3 * np.exp(-(((time - 0.25) / 0.05) ** 2))
    signal = wave.sum(axis=1) + rng.normal(0, 0.01, n)
    header = RecordHeader(
        database="made",
        name="1",
        fs=fs,
        length=start + n,
        leads=("MLII",),
        units=("mV",),
        comments=(),
        annotators=(),
        digest=f"{seed}-{beats}-{fs}",
    )
    record = Record(header=header, signal=signal.astype(np.float32)[:, None], start=start)
    return record, Peaks(sample=sample + start, source="made", fs=fs)


def make_checkpoint(
    network: Network, spec: InputSpec, classes: tuple[str, ...], *, fs: float = 360.0
) -> Checkpoint:
    """Return a checkpoint around a network."""
    meta = CheckpointMeta(
        architecture="made",
        config={},
        task="beat-class",
        input=spec,
        classes=classes,
        lead=spec.lead,
        fs=fs,
        protocol=Protocol(name="made", train="none", test="none"),
        seed=0,
        data_hash="",
    )
    return Checkpoint(name="made", network=network, meta=meta, card="", digest="made")


def save_tiny_checkpoints(root: Path, people: tuple[str, ...] = ("demo01", "demo02")) -> None:
    """Write two untrained checkpoints: ``tiny`` (N, S, V) and ``who`` (people, spectrogram)."""
    torch.manual_seed(1)
    window = WindowSpec(before=0.3, after=0.4)
    waveform = InputSpec(window=window, points=64, rr=("pre", "post"))
    beats = build_network(
        "resunet-b2",
        {"rr_features": 2, "classes": 3, "channels": 8, "middle": 4, "heads": 2, "depths": [2, 1]},
    )
    _save(root / "tiny", "resunet-b2", beats, waveform, ("N", "S", "V"))
    image = InputSpec(
        kind="spectrogram",
        window=window,
        points=64,
        channels=("raw",),
        scale="beat",
        spectrogram=SpectrogramSpec(length=0.15, overlap=0.8, max_frequency=40.0),
    )
    who = build_network("identity-cnn", {"classes": len(people), "filters": [4, 4, 4]})
    _save(root / "who", "identity-cnn", who, image, people)


def _save(
    folder: Path, name: str, network: Network, spec: InputSpec, classes: tuple[str, ...]
) -> None:
    beat_class = name == "resunet-b2"
    meta = CheckpointMeta(
        architecture=name,
        config=network_config(network),
        task="beat-class" if beat_class else "identity",
        input=spec,
        classes=classes,
        lead=None,
        fs=360.0,
        protocol=Protocol(
            name="made",
            train="nothing" if beat_class else "demo all",
            test="nothing",
            flags=("Untrained.",),
        ),
        seed=0,
        data_hash="",
    )
    save_checkpoint(folder, network, meta, "# Untrained\n\nNot for clinical use.\n")
