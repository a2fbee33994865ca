"""The registry of R-peak detectors, and the one call that runs one on a recording."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ecgcore.dsp.blocks import find_in_blocks
from ecgcore.dsp.pan_tompkins import pan_tompkins
from ecgcore.dsp.qrs.detector import beatlens
from ecgcore.dsp.qrs.fusion import beatlens_fused
from ecgcore.errors import SignalError
from ecgcore.schema import IntArray, Peaks, Record

# (trace (n,), mV, NaN in gaps; fs, Hz) -> R-peaks (b,), ascending, counted from trace[0]
OneLead = Callable[[NDArray[np.floating], float], IntArray]
TwoLeads = Callable[[NDArray[np.floating], NDArray[np.floating], float], IntArray]


@dataclass(frozen=True, kw_only=True)
class Detector:
    """One detector: how it is called on screen, and its function of one lead or of two."""

    title: str
    find: OneLead
    find_in_two: TwoLeads | None = None  # used where the recording has a second lead


DEFAULT_DETECTOR: Final = "beatlens"

DETECTORS: Final[dict[str, Detector]] = {
    "beatlens": Detector(title="BeatLens", find=beatlens),
    "beatlens_two_leads": Detector(
        title="BeatLens, two leads", find=beatlens, find_in_two=beatlens_fused
    ),
    "pan_tompkins": Detector(
        title="Pan–Tompkins (1985)", find=lambda x, fs: find_in_blocks(pan_tompkins, x, fs)
    ),
}


def detect(record: Record, detector: str = DEFAULT_DETECTOR, lead: str | None = None) -> Peaks:
    """Return the R-peaks that a detector finds in one lead (default: MLII, else the first).

    A detector of two leads takes that one and the first of the others, if there is any. Samples
    are absolute; Pan–Tompkins goes through a long recording by blocks (``blocks``), ours does so by
    itself. Raises SignalError for an unknown detector, naming those there are, or for a rate that
    the detector can't take; RecordError for an unknown lead.
    """
    entry = find_detector(detector)
    trace, own = record.lead(lead), record.lead_name(lead)
    others = [name for name in record.header.leads if name != own]
    if entry.find_in_two is not None and others:
        sample = entry.find_in_two(trace, record.lead(others[0]), record.fs)
    else:
        sample = entry.find(trace, record.fs)
    return Peaks(sample=sample + record.start, source=detector, fs=record.fs)


def find_detector(name: str) -> Detector:
    """Return a detector; SignalError, naming those there are, when ``name`` is none."""
    if name not in DETECTORS:
        raise SignalError(
            f"There is no R-peak detector {name!r}; there are: {', '.join(DETECTORS)}."
        )
    return DETECTORS[name]


def detector_title(name: str) -> str:
    """Return how a detector is called on screen; ``name`` itself where it is none."""
    return DETECTORS[name].title if name in DETECTORS else name
