"""A recording and a checkpoint made by hand, for tests of what is done with them."""

import numpy as np

from ecgcore.features.inputs import InputSpec
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.models.meta import CheckpointMeta
from ecgcore.models.network import Network
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
