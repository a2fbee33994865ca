"""RR intervals: along time (tachogram) and against the next one (Poincaré plot).

Every point carries its beat's index as ``customdata``, so that a click can open the beat. Of many
beats those are drawn that show: along time the shortest and the longest interval of each stretch,
in the Poincaré plot one of those that would lie on one another.
"""

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ecgcore.aami import AAMI_CLASSES
from ecgcore.dsp.decimate import min_max
from ecgcore.plots.theme import Theme, class_colour, style
from ecgcore.schema import BoolArray, DoubleArray, FloatArray, IntArray, Peaks

# Above this number of points the browser draws on its graphics card (WebGL).
_SVG_POINTS = 6_000
# Above this number of beats of a class only those are drawn that show; of several classes fewer.
MOST_BEATS = 3_000
_MOST_POINTS = 5_000
# Squares to a side of the Poincaré plot: one beat of a class is drawn in each.
_GRID = 120
# An interval longer than so many medians is a gap, and would press all others together.
_LONGEST = 3.0
_UNKNOWN = class_colour("N")
# Letters beside colours: each class has its own marker too.
_MARKERS = {"N": "circle", "S": "triangle-up", "V": "square", "F": "diamond", "Q": "x"}


def tachogram(
    peaks: Peaks, pre: FloatArray, theme: Theme, *, chosen: int | None = None
) -> go.Figure:
    """Draw each beat's interval to the beat before it, ``pre`` (b,) in s, over time.

    The first beat has none and is left out; intervals that are gaps lie above the axis' end.
    """
    unit, divisor = _time_unit(float(peaks.sample[-1] / peaks.fs))
    time = peaks.sample / peaks.fs / divisor
    has_one = np.arange(len(peaks)) > 0
    figure = go.Figure()
    kind = _kind(min(len(peaks), MOST_BEATS))
    index, value = min_max(pre[1:], MOST_BEATS)
    figure.add_trace(
        kind(
            x=time[1:][index].astype(np.float32),
            y=value,
            mode="lines",
            line={"color": theme.muted, "width": 0.6},
            opacity=0.3,
            hoverinfo="skip",
            showlegend=False,
        )
    )
    _points(
        figure,
        peaks,
        time,
        pre.astype(np.float64),
        has_one,
        "%{x:.3f} " + unit + " · RR %{y:.3f} s",
        shows=_extremes,
    )
    _chosen(figure, time, pre, chosen, theme)
    style(figure, theme, height=300, legend_itemsizing="constant")
    figure.update_xaxes(title_text=f"time ({unit})", range=[0, float(time[-1])])
    figure.update_yaxes(title_text="RR interval (s)", range=_limits(pre[1:]))
    return figure


def poincare(
    peaks: Peaks, pre: FloatArray, post: FloatArray, theme: Theme, *, chosen: int | None = None
) -> go.Figure:
    """Draw each beat's interval after it over the one before it, both (b,) in s.

    The first and the last beat lack one of the two and are left out.
    """
    place = np.arange(len(peaks))
    inner = (place > 0) & (place < len(peaks) - 1)
    limits = _limits(pre[1:])
    figure = go.Figure()
    figure.add_scatter(
        x=limits, y=limits, mode="lines", hoverinfo="skip", showlegend=False,
        line={"color": theme.muted, "width": 1, "dash": "dot"},
    )  # fmt: skip
    _points(
        figure,
        peaks,
        pre.astype(np.float64),
        post.astype(np.float64),
        inner,
        "before %{x:.3f} s · after %{y:.3f} s",
        legend=False,
        shows=partial(_one_a_square, limits=limits),
    )
    _chosen(figure, pre, post, chosen, theme)
    style(figure, theme, height=300)
    figure.update_xaxes(title_text="RR before the beat (s)", range=limits)
    figure.update_yaxes(title_text="RR after the beat (s)", range=limits)
    return figure


def _points(
    figure: go.Figure,
    peaks: Peaks,
    x: DoubleArray,
    y: DoubleArray,
    shown: BoolArray,
    text: str,
    *,
    shows: Callable[[DoubleArray, DoubleArray, int], IntArray],
    legend: bool = True,
) -> None:
    kind = _kind(len(peaks))
    size = 4 if len(peaks) <= _SVG_POINTS else 3
    groups = [(name, member) for name, member in _groups(peaks) if (member & shown).any()]
    most = min(MOST_BEATS, _MOST_POINTS // max(len(groups), 1))
    for name, member in groups:
        at = np.flatnonzero(member & shown)
        if at.size > most:
            at = at[shows(x[at], y[at], most)]
        figure.add_trace(
            kind(
                x=x[at].astype(np.float32),
                y=y[at].astype(np.float32),
                mode="markers",
                name=f"{escape(name) or 'beats'}",
                showlegend=legend and bool(name),
                customdata=at.astype(np.int32),
                marker={
                    "color": class_colour(name) if name else _UNKNOWN,
                    "symbol": _MARKERS.get(name, "circle"),
                    "size": size + (2 if name in "SFQ" and name else 1 if name == "V" else 0),
                    "opacity": 0.55 if name in ("", "N") else 0.9,
                },
                # A click goes elsewhere: nothing may fade as if it had been selected.
                selected={"marker": {"opacity": 1}},
                unselected={"marker": {"opacity": 0.55}},
                hovertemplate=f"beat %{{customdata:,}} {escape(name)}<br>{text}<extra></extra>",
            )
        )


def _extremes(x: DoubleArray, y: DoubleArray, most: int) -> IntArray:  # noqa: ARG001  one of a pair
    """Return the places of beats that have the smallest or largest ``y`` of their stretch."""
    return min_max(y, most)[0]


def _one_a_square(x: DoubleArray, y: DoubleArray, most: int, limits: list[float]) -> IntArray:
    """Return the places of beats of which each is the first in its square of the plot.

    The squares grow until no more than ``most`` are filled.
    """
    low, high = limits
    for side in (_GRID, _GRID * 3 // 4, _GRID // 2, _GRID // 4):
        place = [np.floor((v - low) / (high - low) * side).clip(-1, side) for v in (x, y)]
        _, first = np.unique(place[0] * (side + 2) + place[1], return_index=True)
        if first.size <= most:
            break
    return np.sort(first).astype(np.int64)


def _chosen(
    figure: go.Figure,
    x: DoubleArray | FloatArray,
    y: DoubleArray | FloatArray,
    chosen: int | None,
    theme: Theme,
) -> None:
    if chosen is None or not 0 <= chosen < len(x):
        return
    figure.add_scatter(
        x=[float(x[chosen])],
        y=[float(y[chosen])],
        mode="markers",
        marker={"symbol": "circle-open", "size": 15, "line": {"width": 2.5, "color": theme.alarm}},
        name="beat chosen",
        showlegend=False,
        hoverinfo="skip",
    )


def _groups(peaks: Peaks) -> list[tuple[str, BoolArray]]:
    if peaks.aami is None:
        return [("", np.ones(len(peaks), dtype=np.bool_))]
    return [(name, peaks.aami == name) for name in AAMI_CLASSES]


def _kind(points: int) -> type[Any]:
    kind: type[Any] = go.Scatter if points <= _SVG_POINTS else go.Scattergl
    return kind


def _limits(rr: FloatArray) -> list[float]:
    """Return an axis for intervals, s: from the shortest to the longest that is no gap."""
    if not rr.size:
        return [0.0, 1.0]
    kept = rr[rr <= _LONGEST * np.median(rr)]
    low, high = float(kept.min()), float(kept.max())
    air = max(0.05 * (high - low), 0.02)
    return [max(low - air, 0.0), high + air]


def _time_unit(duration: float) -> tuple[str, float]:
    """Return the unit in which a duration (s) reads well, and its seconds."""
    if duration > 3 * 3600:
        return "h", 3600.0
    return ("min", 60.0) if duration > 300 else ("s", 1.0)
