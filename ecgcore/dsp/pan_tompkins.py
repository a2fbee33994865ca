"""R-peaks by Pan and Tompkins: the stages of the signal, then the decisions of ``qrs_rules``.

Sources: J. Pan, W. J. Tompkins, "A real-time QRS detection algorithm", IEEE Trans. Biomed. Eng.
32(3), 1985; P. S. Hamilton, W. J. Tompkins, "Quantitative investigation of QRS detection rules
using the MIT/BIH arrhythmia database", IEEE Trans. Biomed. Eng. 33(12), 1986; P. S. Hamilton,
"Open source ECG analysis", Computers in Cardiology 29, 2002.

Departures: the integer filters for 200 Hz are replaced by ones designed at the recording's own
rate, and all run without delay, so that no stage needs its delay taken off again; candidate peaks
are found for the whole trace at once, and only the decisions run in order of time.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from ecgcore.dsp.filters import BandPass, apply_filters
from ecgcore.dsp.qrs_rules import REFRACTORY_S, Candidates, decide
from ecgcore.errors import SignalError
from ecgcore.schema import DoubleArray, FloatArray, IntArray, StrArray

# First order a pass: the paper's integer filters have slopes as gentle.
PASS_BAND: Final = BandPass(low=5.0, high=15.0, order=1)
INTEGRATION_S: Final = 0.150
DERIVATIVE_STEP_S: Final = 0.005  # the paper's five points lie 1/200 s apart
# What a 32-bit float can't tell from a constant, as a share of the trace's largest value: a flat
# trace has deflections of this order, and thresholds that adapt would take them for beats.
ROUNDING: Final = 8 * float(np.finfo(np.float32).eps)
MIN_FS: Final = 50.0
MAX_FS: Final = 2000.0


@dataclass(frozen=True, kw_only=True, eq=False)
class PanTompkinsStages:
    """What each stage made of a trace of n samples, and each decision on its c candidates."""

    fs: float  # Hz
    bandpassed: FloatArray  # (n,), mV; NaN in gaps, as in the stages that follow
    derivative: FloatArray  # (n,), mV/s
    squared: FloatArray  # (n,), (mV/s)^2
    integrated: FloatArray  # (n,), (mV/s)^2, mean over 150 ms
    candidate: IntArray  # (c,), where the integrated signal peaks
    decision: StrArray  # (c,): "qrs", "search-back", "noise" or "t-wave"
    threshold_integrated: DoubleArray  # (c,), in force when the candidate was judged
    threshold_bandpassed: DoubleArray  # (c,), mV, likewise
    peaks: IntArray  # (b,), R-peaks: the largest deflection of ``bandpassed``


def pan_tompkins(x: NDArray[np.floating], fs: float) -> IntArray:
    """Return the R-peaks (b,) of ``x`` (n,), mV, at ``fs`` Hz: samples counted from x[0]."""
    return pan_tompkins_stages(x, fs).peaks


def pan_tompkins_stages(x: NDArray[np.floating], fs: float) -> PanTompkinsStages:
    """Return every stage for ``x`` (n,), mV, at ``fs`` Hz; x may have NaN gaps.

    An R-peak stands at the largest deflection, of either sign, of the band-passed trace within
    the integration window around its candidate. The result does not depend on gain or polarity.
    Raises SignalError for a rate outside 50 to 2000 Hz.
    """
    if not MIN_FS <= fs <= MAX_FS:
        raise SignalError(
            f"R-peaks can't be found at {fs:g} Hz: resample to {MIN_FS:g} to {MAX_FS:g} Hz."
        )
    trace = np.asarray(x, dtype=np.float32)
    gaps = ~np.isfinite(trace)
    bandpassed = apply_filters(trace, fs, (PASS_BAND,))
    quiet = np.where(gaps, np.float32(0), bandpassed)
    derivative = _derivative(quiet, fs)
    squared = derivative * derivative
    integrated = ndimage.uniform_filter1d(squared, _samples(INTEGRATION_S, fs), mode="constant")
    integrated[gaps] = 0
    floor = ROUNDING * float(np.abs(trace[~gaps]).max(initial=0))
    candidates = _candidates(quiet, derivative, integrated, floor, fs)
    decisions = decide(candidates, fs)
    for stage in (derivative, squared, integrated):
        stage[gaps] = np.nan
    return PanTompkinsStages(
        fs=fs,
        bandpassed=bandpassed,
        derivative=derivative,
        squared=squared,
        integrated=integrated,
        candidate=candidates.position,
        decision=decisions.label,
        threshold_integrated=decisions.threshold_integrated,
        threshold_bandpassed=decisions.threshold_bandpassed,
        peaks=np.unique(candidates.deflection[decisions.is_qrs]),
    )


def _derivative(x: FloatArray, fs: float) -> FloatArray:
    """Return the paper's five-point derivative, centred, mV/s."""
    step = max(1, round(DERIVATIVE_STEP_S * fs))
    kernel = np.zeros(4 * step + 1, dtype=np.float32)
    kernel[[0, step, 3 * step, 4 * step]] = [-1, -2, 2, 1]
    slope: FloatArray = ndimage.correlate1d(x, kernel * np.float32(fs / step / 8), mode="nearest")
    return slope


def _candidates(
    bandpassed: FloatArray,
    derivative: FloatArray,
    integrated: FloatArray,
    floor: float,
    fs: float,
) -> Candidates:
    """Return the peaks of the integrated signal, the highest within each refractory period."""
    position, _ = signal.find_peaks(integrated, distance=max(1, _samples(REFRACTORY_S, fs)))
    height, steepness = np.abs(bandpassed), np.abs(derivative)
    half = _samples(INTEGRATION_S, fs) // 2
    deflection = _largest(height, position.astype(np.int64), half)
    heard = height[deflection] > floor
    position, deflection = position[heard].astype(np.int64), deflection[heard]
    return Candidates(
        position=position,
        deflection=deflection,
        integrated=integrated[position].astype(np.float64),
        bandpassed=height[deflection].astype(np.float64),
        slope=steepness[_largest(steepness, position, half)].astype(np.float64),
    )


def _largest(x: FloatArray, position: IntArray, half: int) -> IntArray:
    """Return where ``x`` is largest within ``half`` samples of each position."""
    if not position.size:
        return position
    window = np.lib.stride_tricks.sliding_window_view(np.pad(x, half), 2 * half + 1)
    where = np.empty(position.size, dtype=np.int64)
    for first in range(0, position.size, 4096):  # gathered in blocks: bounded memory
        block = position[first : first + 4096]
        where[first : first + 4096] = block - half + window[block].argmax(axis=1)
    return where


def _samples(seconds: float, fs: float) -> int:
    return round(seconds * fs)
