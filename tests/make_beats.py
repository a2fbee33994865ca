"""Beats made by hand."""

import numpy as np

from ecgcore.schema import Beats, Peaks


def beats_of(
    waveform: np.ndarray,
    usable: np.ndarray | None = None,
    *,
    sample: np.ndarray | None = None,
    around: tuple[float, float] = (144.0, 144.0),
) -> Beats:
    """Return beats of these waveforms (b, points), all of them usable where nothing is said.

    ``sample`` (b,): where they are, one every 300 samples by default; ``around``: how many samples
    before and after it a waveform reaches.
    """
    count = len(waveform)
    at = np.arange(count, dtype=np.int64) * 300 if sample is None else sample
    before, after = around
    return Beats(
        waveform=waveform.astype(np.float32),
        peaks=Peaks(sample=at, source="made", fs=360.0),
        start=at - before,
        stop=at + after,
        lead="MLII",
        padded=np.zeros(count, dtype=bool),
        usable=np.ones(count, dtype=bool) if usable is None else usable,
    )
