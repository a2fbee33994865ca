"""The registry of R-peak detectors, and the one call that runs one on a recording."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ecgcore.dsp.blocks import find_in_blocks
from ecgcore.dsp.pan_tompkins import pan_tompkins
from ecgcore.dsp.qrs.detector import beatlens
from ecgcore.dsp.qrs.fusion import beatlens_fused
from ecgcore.errors import SignalError
from ecgcore.schema import IntArray, Peaks, Recording, Sliceable

# (trace (n,), mV, NaN in gaps; fs, Hz) -> R-peaks (b,), ascending, counted from trace[0]
OneLead = Callable[[NDArray[np.floating], float], IntArray]
TwoLeads = Callable[[NDArray[np.floating], NDArray[np.floating], float], IntArray]


@dataclass(frozen=True, kw_only=True)
class Detector:
    """One detector: how it is called on screen, and its function of one lead or of two."""

    title: str
    find: OneLead
    code: str  # its module beside this one, or its package with weights: see ``detector_state``
    find_in_two: TwoLeads | None = None  # used where the recording has a second lead


DEFAULT_DETECTOR: Final = "beatlens"

DETECTORS: Final[dict[str, Detector]] = {
    "beatlens": Detector(title="BeatLens", find=beatlens, code="qrs"),
    "beatlens_two_leads": Detector(
        title="BeatLens, two leads", find=beatlens, code="qrs", find_in_two=beatlens_fused
    ),
    "pan_tompkins": Detector(
        title="Pan–Tompkins (1985)", find=pan_tompkins, code="pan_tompkins.py"
    ),
}


def detect(record: Recording, detector: str = DEFAULT_DETECTOR, lead: str | None = None) -> Peaks:
    """Return the R-peaks that a detector finds in one lead (default: MLII, else the first).

    A detector of two leads looks at ``lead_beside`` too. Samples are absolute. Raises SignalError
    for an unknown detector, naming those there are, or for a rate that the detector can't take;
    RecordError for an unknown lead.
    """
    own = record.lead_name(lead)
    other = lead_beside(detector, record.header.leads, own)
    beside = None if other is None else record.lead(other)
    sample = find_peaks(detector, record.lead(own), record.fs, beside=beside)
    return Peaks(sample=sample + record.start, source=detector, fs=record.fs)


def find_peaks(
    detector: str,
    trace: Sliceable,
    fs: float,
    *,
    beside: Sliceable | None = None,
    progress: Callable[[float], None] | None = None,
) -> IntArray:
    """Return the R-peaks (b,) of ``trace`` (n,), mV, counted from its start, block by block.

    ``beside`` (n,) is the second lead of a detector that takes two. Raises as ``detect``;
    ``progress`` as ``find_in_blocks`` says.
    """
    entry = find_detector(detector)
    if entry.find_in_two is None or beside is None:
        return find_in_blocks(entry.find, trace, fs, progress)
    in_two = entry.find_in_two
    return find_in_blocks(
        lambda both, rate: in_two(both[:, 0], both[:, 1], rate), _Two(trace, beside), fs, progress
    )


def lead_beside(detector: str, leads: tuple[str, ...], own: str) -> str | None:
    """Return the lead that a detector looks at beside ``own``: the first other one, if any."""
    others = [name for name in leads if name != own]
    return others[0] if others and find_detector(detector).find_in_two is not None else None


class _Two:
    """Two traces side by side: slices are (m, 2)."""

    def __init__(self, first: Sliceable, second: Sliceable) -> None:
        self._first, self._second = first, second

    def __len__(self) -> int:
        return len(self._first)

    def __getitem__(self, some: slice) -> NDArray[np.floating]:
        return np.stack((self._first[some], self._second[some]), axis=1)


def find_detector(name: str) -> Detector:
    """Return a detector; SignalError, naming those there are, when ``name`` is none."""
    if name not in DETECTORS:
        raise SignalError(
            f"There is no R-peak detector {name!r}; there are: {', '.join(DETECTORS)}."
        )
    return DETECTORS[name]


@lru_cache(maxsize=16)
def detector_state(name: str) -> str:
    """Return a hash that names what a detector finds: part of the key of whatever keeps that.

    Of its name, its code and its weights, so that peaks found before either was changed are not
    taken for its own. Raises SignalError as ``find_detector``.
    """
    here = Path(__file__).parent
    code = here / find_detector(name).code
    files = [code, here / "qrs_rules.py"] if code.is_file() else [*code.glob("*.*")]
    sha = hashlib.sha256(name.encode())
    for file in sorted((*files, here / "blocks.py")):
        sha.update(f"\n{file.name}\n".encode())
        sha.update(file.read_bytes())
    return sha.hexdigest()[:16]


def detector_title(name: str) -> str:
    """Return how a detector is called on screen; ``name`` itself where it is none."""
    return DETECTORS[name].title if name in DETECTORS else name
