"""What an HRV measure is: a number with its unit, or the reason why there is none."""

import math
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One figure. ``value`` is NaN where it is not available, and ``reason`` says why."""

    name: str  # a key of MEASURES
    value: float
    reason: str = ""

    @property
    def available(self) -> bool:
        """Whether there is a number."""
        return not math.isnan(self.value)


@dataclass(frozen=True, kw_only=True)
class MeasureInfo:
    """What a measure is called, in which unit it comes, and what it says in plain words."""

    label: str
    unit: str
    group: str  # one of GROUPS
    help: str


GROUPS: Final = ("Time domain", "Geometric", "Frequency domain", "Poincaré", "Non-linear")

_TIME, _GEOMETRIC, _FREQUENCY, _POINCARE, _NONLINEAR = GROUPS


def _info(label: str, unit: str, group: str, text: str) -> MeasureInfo:
    return MeasureInfo(label=label, unit=unit, group=group, help=text)


# In the order in which they are shown.
MEASURES: Final[dict[str, MeasureInfo]] = {
    "mean_nn": _info("Mean NN", "ms", _TIME, "Mean time between two sinus beats."),
    "mean_hr": _info("Mean heart rate", "1/min", _TIME, "60,000 divided by the mean NN."),
    "median_nn": _info("Median NN", "ms", _TIME, "Half of the intervals are shorter."),
    "min_nn": _info("Shortest NN", "ms", _TIME, "The shortest interval that counts as NN."),
    "max_nn": _info("Longest NN", "ms", _TIME, "The longest interval that counts as NN."),
    "sdnn": _info(
        "SDNN", "ms", _TIME,
        "Spread of all intervals: variability of every kind. It grows with the stretch: compare "
        "stretches of one length.",
    ),
    "cvnn": _info("CVNN", "%", _TIME, "SDNN as a share of the mean NN."),
    "sdann": _info(
        "SDANN", "ms", _TIME, "Spread of the 5-minute means: changes slower than 5 minutes."
    ),
    "sdnn_index": _info(
        "SDNN index", "ms", _TIME, "Mean of the 5-minute SDNN: changes within 5 minutes."
    ),
    "rmssd": _info(
        "RMSSD", "ms", _TIME, "Root mean square of the steps from beat to beat: fast variability."
    ),
    "sdsd": _info("SDSD", "ms", _TIME, "Spread of the steps from beat to beat."),
    "pnn50": _info("pNN50", "%", _TIME, "Share of the steps that exceed 50 ms."),
    "pnn20": _info("pNN20", "%", _TIME, "Share of the steps that exceed 20 ms."),
    "triangular_index": _info(
        "HRV triangular index", "", _GEOMETRIC,
        "Number of intervals over the height of their histogram (bins of 1/128 s).",
    ),
    "tinn": _info(
        "TINN", "ms", _GEOMETRIC, "Base of the triangle that fits the histogram of intervals best."
    ),
    "total_power": _info(
        "Total power", "ms²", _FREQUENCY,
        "Variance at up to 0.4 Hz: all that is slower than LF too, also where it can't be told "
        "apart as VLF and ULF. It grows with the stretch: compare stretches of one length.",
    ),
    "ulf": _info("ULF power", "ms²", _FREQUENCY, "Up to 0.003 Hz: day and night, hours."),
    "vlf": _info("VLF power", "ms²", _FREQUENCY, "0.003 to 0.04 Hz: half a minute to minutes."),
    "lf": _info("LF power", "ms²", _FREQUENCY, "0.04 to 0.15 Hz: waves of about 10 s."),
    "hf": _info("HF power", "ms²", _FREQUENCY, "0.15 to 0.4 Hz: the rhythm of breathing."),
    "lf_hf": _info("LF/HF", "", _FREQUENCY, "LF over HF power; its meaning is disputed."),
    "lf_nu": _info("LF norm", "n.u.", _FREQUENCY, "LF as a share of LF and HF together, in %."),
    "hf_nu": _info("HF norm", "n.u.", _FREQUENCY, "HF as a share of LF and HF together, in %."),
    "lf_peak": _info("LF peak", "Hz", _FREQUENCY, "Where the LF band's power is highest."),
    "hf_peak": _info(
        "HF peak", "Hz", _FREQUENCY, "Where the HF band's power is highest: breaths a second."
    ),
    "sd1": _info("SD1", "ms", _POINCARE, "Width of the cloud: from one beat to the next."),
    "sd2": _info("SD2", "ms", _POINCARE, "Length of the cloud: slow changes."),
    "sd1_sd2": _info("SD1/SD2", "", _POINCARE, "Fast over slow variability."),
    "ellipse_area": _info("Ellipse area", "ms²", _POINCARE, "π · SD1 · SD2: size of the cloud."),
    "sample_entropy": _info(
        "Sample entropy", "", _NONLINEAR,
        "How rarely two intervals alike are followed by alike ones (m 2, r 0.2 SDNN); higher: less "
        "predictable.",
    ),
    "approximate_entropy": _info(
        "Approximate entropy", "", _NONLINEAR,
        "The older kin of sample entropy; depends on the number of intervals.",
    ),
    "dfa_alpha1": _info(
        "DFA α1", "", _NONLINEAR,
        "How fluctuations grow over 4 to 16 beats: 0.5 without memory, 1 like 1/f noise, 1.5 like "
        "a random walk.",
    ),
    "dfa_alpha2": _info("DFA α2", "", _NONLINEAR, "The same over 16 to 64 beats."),
}  # fmt: skip


def number(name: str, value: float) -> Measure:
    """Return a measure that is there; one that came out as no number says so."""
    if not math.isfinite(value):
        return missing(name, "the intervals do not vary, so that it is not defined")
    return Measure(name=name, value=float(value))


def missing(name: str, reason: str) -> Measure:
    """Return a measure that is not available, with the reason."""
    return Measure(name=name, value=float("nan"), reason=reason)


def too_few(name: str, least: int, there: int, what: str = "NN intervals") -> Measure:
    """Return a measure for which there are fewer than ``least`` of something."""
    return missing(name, f"needs {least:,} {what}, there are {there:,}")


def too_short(name: str, least_s: float, there_s: float) -> Measure:
    """Return a measure that needs a longer recording."""
    return missing(name, f"needs {_duration(least_s)} of NN intervals, there are "
                         f"{_duration(there_s)}")  # fmt: skip


def _duration(seconds: float) -> str:
    if seconds >= 3600:
        return f"{seconds / 3600:.3g} h"
    return f"{seconds / 60:.3g} min" if seconds >= 60 else f"{seconds:.0f} s"
