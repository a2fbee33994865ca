"""Heat maps whose cells are whole numbers: a quarter of the bytes, and what hovers is what is sent.

Decibels are whole ones, which is finer than the spread of any single estimate; other powers are
counted in a power of ten of their unit, which stands at the scale. A browser knows no missing
whole number, so each stretch of columns between gaps is a heat map of its own, on one scale.
"""

from dataclasses import dataclass
from html import escape
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ecgcore.dsp.stretches import runs
from ecgcore.plots.theme import HEAT
from ecgcore.schema import BoolArray, DoubleArray, FloatArray, Spectrogram

_STEPS: Final = 100  # that a linear colour scale has at least, unless single cells tower above it
_SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, kw_only=True, eq=False)
class _Scale:
    step: float  # of the unit, what 1 stands for
    unit: str


def heatmaps(
    found: Spectrogram,
    limits: tuple[float, float],
    *,
    bar: dict[str, Any] | None,
) -> list[go.Heatmap]:
    """Return the heat maps of one spectrogram, whose rows and columns are even.

    ``limits`` are the ends of the colour scale, in the spectrogram's unit. ``bar``: the colour
    bar's settings, None for no bar; without a title of its own it is given the unit.
    """
    scale = _scale(found.power, limits, found.unit)
    known: BoolArray = np.asarray(np.isfinite(found.power).all(axis=0))
    dx, dy = _spacing(found.time), _spacing(found.frequency)
    drawn: list[go.Heatmap] = []
    for first, stop in runs(known) or [(0, 0)]:
        drawn.append(
            go.Heatmap(
                x0=float(found.time[first]) if found.time.size else 0.0,
                dx=dx,
                y0=float(found.frequency[0]),
                dy=dy,
                z=_whole(found.power[:, first:stop] / scale.step),
                zmin=limits[0] / scale.step,
                zmax=limits[1] / scale.step,
                colorscale=HEAT,
                showscale=bar is not None and not drawn,
                colorbar=None if bar is None else _titled(bar, scale.unit),
                hovertemplate="%{x:.3f} s · %{y:.1f} Hz<br>%{z} "
                + escape(scale.unit)
                + "<extra></extra>",
            )
        )
    return drawn


def hundredths(values: FloatArray) -> NDArray[np.integer[Any]] | FloatArray:
    """Return values of −1 to 1 as whole percents; as they are where some are not known."""
    return _whole(100 * values) if np.isfinite(values).all() else 100 * values


def _scale(power: FloatArray, limits: tuple[float, float], unit: str) -> _Scale:
    if unit.startswith("dB"):
        return _Scale(step=1.0, unit=unit)
    # So that the largest is a number of two bytes, also where it towers above the scale.
    least = 10 * float(np.nanmax(power, initial=0.0)) / np.iinfo(np.int16).max
    top = max(limits[1], least * _STEPS)
    exponent = int(np.floor(np.log10(max(top, 1e-30) / _STEPS)))
    said = f"10{str(exponent).translate(_SUPERSCRIPTS)} {unit}" if exponent else unit
    return _Scale(step=10.0**exponent, unit=said)


def _whole(values: FloatArray) -> NDArray[np.integer[Any]]:
    """Return the values rounded, in the smallest kind of whole number that holds them."""
    rounded = np.rint(values)
    span = (rounded.min(), rounded.max()) if rounded.size else (0, 0)
    for kind in (np.int8, np.int16):
        if np.iinfo(kind).min <= span[0] and span[1] <= np.iinfo(kind).max:
            return rounded.astype(kind)
    return rounded.astype(np.int32)


def _spacing(axis: DoubleArray) -> float:
    return float(axis[1] - axis[0]) if axis.size > 1 else 1.0


def _titled(bar: dict[str, Any], unit: str) -> dict[str, Any]:
    return {"title": {"text": escape(unit), "side": "right"}, **bar}
