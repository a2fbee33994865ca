"""Predictions made by hand, for tests of what is done with them."""

from collections.abc import Sequence

import numpy as np

from ecgcore.schema import Peaks, Predictions, RecordHeader

CLASSES = ("N", "S", "V")


def make_predictions(
    truth: Sequence[str],
    label: Sequence[str],
    *,
    record: str = "100",
    classes: tuple[str, ...] = CLASSES,
    embedding: np.ndarray | None = None,
    confidence: float = 0.8,
    usable: Sequence[bool] | None = None,
    labelled: bool = True,
    fs: float = 360.0,
) -> Predictions:
    """Return predictions of ``len(truth)`` beats 0.8 s apart."""
    n = len(truth)
    rest = (1 - confidence) / (len(classes) - 1)
    probability = np.full((n, len(classes)), rest, dtype=np.float32)
    probability[np.arange(n), [classes.index(name) for name in label]] = confidence
    sample = (np.arange(n, dtype=np.int64) + 1) * int(0.8 * fs)
    header = RecordHeader(
        database="made",
        name=record,
        fs=fs,
        length=int((n + 2) * 0.8 * fs),
        leads=("MLII",),
        units=("mV",),
        comments=(),
        annotators=("atr",),
        digest=record,
    )
    return Predictions(
        header=header,
        lead="MLII",
        peaks=Peaks(sample=sample, source="atr", fs=fs),
        classes=classes,
        probability=probability,
        embedding=np.zeros((n, 2), np.float32) if embedding is None else embedding,
        usable=np.ones(n, bool) if usable is None else np.array(usable),
        start=sample - 100.0,
        stop=sample + 100.0,
        truth=np.array(truth, dtype=np.str_) if labelled else None,
    )
