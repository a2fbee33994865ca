"""Filters as frozen specs, and their one application to a trace: zero phase, gap by gap.

The linear ones run forwards and backwards (``sosfiltfilt``), so a peak stays where it was and the
magnitude of the response is squared: a cut-off that a designer calls −3 dB is at −6 dB here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from ecgcore.dsp.stretches import finite_stretches
from ecgcore.errors import SignalError
from ecgcore.schema import DoubleArray, FloatArray

# Frequencies at which a response is given: even on a logarithmic axis, where people read it.
RESPONSE_POINTS: Final = 4096


@dataclass(frozen=True, kw_only=True)
class BandPass:
    """Butterworth band-pass, ``low`` to ``high`` Hz; ``order`` is that of one pass."""

    low: float = 0.5
    high: float = 40.0
    order: int = 2
    kind: Literal["bandpass"] = "bandpass"

    def sections(self, fs: float) -> DoubleArray:
        """Return second-order sections (s, 6); SignalError where they can't be had at ``fs``."""
        if not 0 < self.low < self.high < fs / 2:
            raise SignalError(
                f"A band-pass of {self.low:g} to {self.high:g} Hz can't be had at {fs:g} Hz: "
                f"choose 0 < low < high < {fs / 2:g} Hz."
            )
        if not 1 <= self.order <= 10:
            raise SignalError(f"A band-pass of order {self.order} is out of range: choose 1 to 10.")
        sections: DoubleArray = signal.butter(
            self.order, (self.low, self.high), btype="bandpass", fs=fs, output="sos"
        )
        return sections

    @property
    def settling(self) -> float:
        """Seconds over which an edge is felt: three periods of the lower cut-off."""
        return 3 / self.low


@dataclass(frozen=True, kw_only=True)
class Notch:
    """Second-order notch at ``freq`` Hz, ``freq / q`` Hz wide (mains hum: 50 or 60 Hz)."""

    freq: float = 60.0
    q: float = 30.0
    kind: Literal["notch"] = "notch"

    def sections(self, fs: float) -> DoubleArray:
        """Return second-order sections (1, 6); SignalError where they can't be had at ``fs``."""
        if not 0 < self.freq < fs / 2 or not self.q > 0:
            raise SignalError(
                f"A notch at {self.freq:g} Hz with Q {self.q:g} can't be had at {fs:g} Hz: choose "
                f"0 < frequency < {fs / 2:g} Hz and Q above 0."
            )
        b, a = signal.iirnotch(self.freq, self.q, fs=fs)
        return np.concatenate((b, a))[None, :]

    @property
    def settling(self) -> float:
        """Seconds over which an edge is felt: three time constants of the notch."""
        return 3 * self.q / (np.pi * self.freq)


@dataclass(frozen=True, kw_only=True)
class BaselineMedians:
    """Baseline by two running medians, subtracted (de Chazal, O'Dwyer and Reilly 2004).

    The first, ``first`` seconds wide, takes out P waves and QRS complexes; the second, of
    ``second`` seconds, T waves; what is left is the baseline. Windows are rounded up to an odd
    number of samples. The paper smooths on with a 35 Hz low-pass; take a BandPass for that.
    """

    first: float = 0.2
    second: float = 0.6
    kind: Literal["baseline"] = "baseline"

    def widths(self, fs: float) -> tuple[int, int]:
        """Return both windows in samples; SignalError where they hold less than three."""
        first, second = (round(seconds * fs) // 2 * 2 + 1 for seconds in self._seconds)
        if not 3 <= first <= second:
            raise SignalError(
                f"Medians of {self.first:g} and {self.second:g} s can't be had at {fs:g} Hz: the "
                "first must span 3 samples or more, the second no less than the first."
            )
        return first, second

    @property
    def _seconds(self) -> tuple[float, float]:
        return self.first, self.second


FilterSpec = BandPass | Notch | BaselineMedians

FILTER_KINDS: Final[dict[str, type[FilterSpec]]] = {
    "bandpass": BandPass,
    "notch": Notch,
    "baseline": BaselineMedians,
}

FILTER_PRESETS: Final[dict[str, tuple[FilterSpec, ...]]] = {
    "none": (),
    "diagnostic": (BandPass(low=0.05, high=150.0),),
    "monitoring": (BandPass(low=0.5, high=40.0),),
    "baseline by medians": (BaselineMedians(),),
    "baseline and 60 Hz notch": (BaselineMedians(), Notch(freq=60.0)),
    "baseline and 50 Hz notch": (BaselineMedians(), Notch(freq=50.0)),
}


def filter_from_dict(values: Mapping[str, Any]) -> FilterSpec:
    """Return the spec that ``dataclasses.asdict`` turned into ``values``.

    Raises SignalError for an unknown kind or field.
    """
    kind = FILTER_KINDS.get(str(values.get("kind")))
    if kind is None:
        raise SignalError(
            f"There is no filter {values.get('kind')!r}; there are {', '.join(FILTER_KINDS)}."
        )
    known = {field.name for field in fields(kind)}
    if unknown := set(values) - known:
        raise SignalError(
            f"A {values['kind']} filter has no {', '.join(sorted(unknown))}; "
            f"it has {', '.join(sorted(known))}."
        )
    return kind(**values)


def apply_filters(x: NDArray[np.floating], fs: float, specs: tuple[FilterSpec, ...]) -> FloatArray:
    """Return ``x`` (n,) or (n, leads) through each spec in turn, float32, of the same shape.

    Zero phase. Each stretch between NaN gaps is filtered by itself and the gaps stay NaN; a
    stretch shorter than a filter's memory is extended by its own odd reflection, as far as it
    goes. Raises SignalError where a spec can't be had at ``fs`` Hz.
    """
    for spec in specs:
        check_filter(spec, fs)
    y = np.array(x, dtype=np.float64)
    for column in y.T if y.ndim == 2 else (y,):
        for first, stop in finite_stretches(column) if specs else ():
            for spec in specs:
                column[first:stop] = _apply(column[first:stop], fs, spec)
    return y.astype(np.float32)


def presets_at(fs: float) -> dict[str, tuple[FilterSpec, ...]]:
    """Return the presets that can be had at ``fs`` Hz, by name."""
    return {name: specs for name, specs in FILTER_PRESETS.items() if _possible(specs, fs)}


def check_filter(spec: FilterSpec, fs: float) -> None:
    """Raise SignalError, saying what to choose, where ``spec`` can't be had at ``fs`` Hz."""
    if isinstance(spec, BaselineMedians):
        spec.widths(fs)
    else:
        spec.sections(fs)


def frequency_response(spec: FilterSpec, fs: float) -> tuple[DoubleArray, DoubleArray] | None:
    """Return frequency (f,), Hz, and magnitude (f,), dB, as applied: forwards and backwards.

    None for the running medians: they are not linear, so no frequency response is defined.
    Raises SignalError where ``spec`` can't be had at ``fs`` Hz.
    """
    if isinstance(spec, BaselineMedians):
        spec.widths(fs)
        return None
    frequency = np.geomspace(0.01, fs / 2 * 0.999, RESPONSE_POINTS)
    _, response = signal.sosfreqz(spec.sections(fs), worN=frequency, fs=fs)
    magnitude: DoubleArray = 2 * 20 * np.log10(np.maximum(np.abs(response), 1e-10))
    return frequency, magnitude


def _possible(specs: tuple[FilterSpec, ...], fs: float) -> bool:
    try:
        for spec in specs:
            check_filter(spec, fs)
    except SignalError:
        return False
    return True


def _apply(x: DoubleArray, fs: float, spec: FilterSpec) -> DoubleArray:
    if isinstance(spec, BaselineMedians):
        baseline = x
        for width in spec.widths(fs):
            baseline = ndimage.median_filter(baseline, size=width, mode="nearest")
        return x - baseline
    padding = min(x.size - 1, int(np.ceil(spec.settling * fs)))
    filtered: DoubleArray = signal.sosfiltfilt(spec.sections(fs), x, padlen=padding)
    return filtered
