"""R-peaks by hand."""

import numpy as np

from ecgcore.aami import aami_classes
from ecgcore.schema import Peaks


def peaks_at(sample, fs: float = 1000.0, symbol=None) -> Peaks:
    """Return annotated peaks, all N unless told otherwise; ``symbol="none"``: detected ones."""
    sample = np.asarray(sample, dtype=np.int64)
    if isinstance(symbol, str):
        return Peaks(sample=sample, source="made", fs=fs)
    symbol = np.full(sample.size, "N") if symbol is None else np.asarray(symbol)
    return Peaks(sample=sample, source="made", fs=fs, symbol=symbol, aami=aami_classes(symbol))


def peaks_of(rr_ms, fs: float = 1000.0, symbol=None) -> Peaks:
    """Return peaks with these intervals, ms."""
    steps = np.rint(np.asarray(rr_ms) * fs / 1000)
    return peaks_at(np.concatenate(([0], np.cumsum(steps))), fs, symbol)
