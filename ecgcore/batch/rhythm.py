"""The rhythm of a recording in figures: heart rate and its variability, of normal beats."""

from dataclasses import replace
from typing import Final

from ecgcore.features.hrv.analysis import hrv_of
from ecgcore.features.hrv.measure import MEASURES
from ecgcore.features.hrv.nn import nn_intervals
from ecgcore.schema import IntArray, Peaks, StrArray

_UNITS: Final = {
    "ms": "_ms",
    "ms²": "_ms2",
    "1/min": "_per_min",
    "%": "_percent",
    "Hz": "_hz",
    "n.u.": "_nu",
    "": "",
}


def column(name: str) -> str:
    """Return what an HRV measure's column of the summary is called: its name and its unit."""
    return f"{name}{_UNITS[MEASURES[name].unit]}"


def rhythm_figures(
    peaks: Peaks, label: StrArray | None, bad: IntArray, noisy: IntArray
) -> dict[str, float | int | None]:
    """Return every HRV measure, None where it is not available; see ``features.hrv``.

    ``label`` (b,): the beats' classes, by which only intervals between two normal beats count;
    None leaves that to the annotations' symbols, or to how regular an interval is. ``bad`` and
    ``noisy``: stretches (k, 2) that no interval may touch.
    """
    if label is not None:
        peaks = replace(peaks, symbol=label)
    nn = nn_intervals(peaks, bad, noisy)
    figures: dict[str, float | int | None] = {
        "nn_intervals": nn.count,
        "nn_percent": 100 * nn.share if nn.length.size else None,
    }
    for one in hrv_of(nn).measures:
        figures[column(one.name)] = one.value if one.available else None
    return figures
