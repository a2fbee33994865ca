"""The registry of R-peak detectors, and the one call that runs one on a recording."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ecgcore.dsp.blocks import find_in_blocks
from ecgcore.dsp.pan_tompkins import pan_tompkins
from ecgcore.errors import SignalError
from ecgcore.schema import IntArray, Peaks, Record

# (trace (n,), mV, NaN in gaps; fs, Hz) -> R-peaks (b,), ascending, counted from trace[0]
Detector = Callable[[NDArray[np.floating], float], IntArray]

DEFAULT_DETECTOR: Final = "pan_tompkins"

DETECTORS: Final[dict[str, Detector]] = {
    "pan_tompkins": pan_tompkins,
}


def detect(record: Record, detector: str = DEFAULT_DETECTOR, lead: str | None = None) -> Peaks:
    """Return the R-peaks that a detector finds in one lead (default: MLII, else the first).

    Samples are absolute; a long recording is gone through by blocks (``blocks``). Raises
    SignalError for an unknown detector, naming those there are, or for a rate that the detector
    can't take; RecordError for an unknown lead.
    """
    find = find_detector(detector)
    sample = find_in_blocks(find, record.lead(lead), record.fs)
    return Peaks(sample=sample + record.start, source=detector, fs=record.fs)


def find_detector(name: str) -> Detector:
    """Return a detector; SignalError, naming those there are, when ``name`` is none."""
    if name not in DETECTORS:
        raise SignalError(
            f"There is no R-peak detector {name!r}; there are: {', '.join(DETECTORS)}."
        )
    return DETECTORS[name]
