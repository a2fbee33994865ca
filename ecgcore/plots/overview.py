"""The strip over the whole recording: envelope, heart rate, beats by class, signal quality.

Everything is drawn from a few thousand numbers, whatever the recording's length. Every trace's x is
a time in s to go to when it is clicked.
"""

from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ecgcore.dsp.envelope import Envelope
from ecgcore.dsp.stretches import runs
from ecgcore.features.course import Course
from ecgcore.plots.theme import Theme, class_colour, ink, style
from ecgcore.schema import DoubleArray, Peaks

# Margins, px; the axes may not widen them, or the window would stand beside its place.
LEFT, RIGHT, TOP, BOTTOM = 60, 92, 6, 42
_LANES: Final = ("S", "V", "F", "Q")
_STEPS: Final = 400
_POINTS: Final = 2400
# Up to so many beats of a class are drawn one by one, else a mark a stretch.
_SINGLE: Final = 300
_LANE: Final = 14  # px
_LEVEL: Final = 1e-9  # of a lane from mark to mark: Plotly takes a step of 0 for 1
_NOTABLE: Final = 0.02  # share of a step that is bad which is worth a mark
_FULL, _SEEN = 0.88, 0.14  # of a lane: what is all bad; the least share that can be seen, 2 px


def overview_figure(
    envelope: Envelope,
    course: Course,
    fs: float,
    theme: Theme,
    peaks: Peaks | None = None,
) -> go.Figure:
    """Draw the strip; ``peaks`` with classes give the lanes of ectopic beats."""
    figure = go.Figure()
    duration = envelope.length / fs
    lanes = _Lanes(figure, theme)
    rows = {"y": _envelope(figure, envelope, fs, theme), "y2": _rate(figure, course, theme)}
    if peaks is not None and peaks.aami is not None:
        for name in _LANES:
            _beats(lanes, course, peaks.sample[peaks.aami == name] / fs, name)
    for what, share, colour in (
        ("no ECG", course.no_ecg, theme.alarm),
        ("noisy", course.noisy, theme.muted),
    ):
        _bad(lanes, share, course.width, what, colour)
    if lanes.count:
        rows["y3"] = (float(-lanes.count), 0.0)
    for axis, limits in rows.items():
        _targets(figure, duration, axis, limits, course if axis == "y2" else None)
    height = 190 + _LANE * lanes.count
    style(
        figure,
        theme,
        height=height,
        showlegend=False,
        margin={"l": LEFT, "r": RIGHT, "t": TOP, "b": BOTTOM},
        dragmode=False,
    )
    figure.update_layout(yaxis={"range": rows["y"]}, yaxis2={"range": rows["y2"]})
    _axes(figure, duration, lanes.count, height - TOP - BOTTOM)
    return figure


def place_of(start: float, stop: float, duration: float) -> tuple[str, str]:
    """Return where a window (s) lies on the strip, as CSS lengths: its left edge and its width.

    The strip itself never changes while the window moves over it: drawing it anew at every step
    took most of a step's time, and lost the clicks that met it half drawn.
    """
    across = f"100% - {LEFT + RIGHT}px"
    left, share = start / duration, max(stop - start, 0.0) / duration
    return f"calc({LEFT}px + ({across}) * {left:.6f})", f"max(2px, ({across}) * {share:.6f})"


class _Lanes:
    """Rows of marks under the curves, each with its name and number at the right."""

    def __init__(self, figure: go.Figure, theme: Theme) -> None:
        self._figure, self.theme, self.count = figure, theme, 0

    def add(self, text: str, colour: str, x: DoubleArray, hover: str, **trace: object) -> None:
        level = -self.count - 0.5
        self.count += 1
        self._figure.add_scatter(
            x=x.astype(np.float32),
            y0=level,
            dy=_LEVEL,
            yaxis="y3",
            hovertemplate=hover,
            **{"unselected": {"marker": {"opacity": 1}}, **trace},
        )
        self._figure.add_annotation(
            x=1.0, xref="paper", xanchor="left", y=level, yref="y3", text=text, showarrow=False,
            font={"size": 11, "color": ink(colour, self.theme)},
        )  # fmt: skip

    def steps(self, percent: NDArray[np.int16], width: float, colour: str) -> None:
        """Fill the next row, step by step ``width`` s wide, to a share (m,) of its height."""
        low = -self.count - 0.94  # a little air between rows
        x: list[float] = []
        y: list[float] = []
        for first, stop in runs(percent > 0):
            at = first + np.flatnonzero(np.diff(percent[first:stop], prepend=0))
            high = low + _FULL * np.maximum(percent[at] / 100, _SEEN)
            x += [first * width, *(at * width), stop * width, np.nan]
            y += [low, *high, low, np.nan]
        self._figure.add_scatter(
            x=np.array(x, dtype=np.float32),
            y=np.array(y, dtype=np.float32),
            yaxis="y3",
            mode="lines",
            line={"shape": "hv", "width": 0.5, "color": colour},
            fill="toself",
            fillcolor=colour,
            hoverinfo="skip",
        )


def _envelope(
    figure: go.Figure, envelope: Envelope, fs: float, theme: Theme
) -> tuple[float, float]:
    """Draw the envelope; return the limits of its axis, mV."""
    at, value = envelope.points(_POINTS)
    even = at.size > 3 and np.allclose(np.diff(at[:-2]), at[1] - at[0])
    x = {"x0": at[0] / fs, "dx": (at[1] - at[0]) / fs} if even else {"x": at / fs}
    figure.add_scatter(
        **x, y=value, mode="lines", line={"color": theme.muted, "width": 0.6}, hoverinfo="skip"
    )
    finite = value[np.isfinite(value)]
    low, high = np.quantile(finite, [0.005, 0.995]) if finite.size else (-1.0, 1.0)
    air = max(0.08 * float(high - low), 0.05)
    return float(low) - air, float(high) + air


def _rate(figure: go.Figure, course: Course, theme: Theme) -> tuple[float, float]:
    """Draw the heart rate; return the limits of its axis, 1/min."""
    known = course.rate[np.isfinite(course.rate)]
    if not known.size:
        return 40.0, 120.0
    figure.add_scatter(
        x0=course.width / 2,
        dx=course.width,
        y=course.rate.astype(np.float32),
        yaxis="y2",
        mode="lines",
        line={"color": theme.accent, "width": 1.2},
        connectgaps=False,
        hoverinfo="skip",  # a line can't be clicked: the targets over it say the rate
    )
    low, high = float(known.min()), float(known.max())
    air = max(0.08 * (high - low), 2.0)
    return low - air, high + air


def _beats(lanes: _Lanes, course: Course, times: DoubleArray, name: str) -> None:
    if not times.size:
        return
    colour = class_colour(name)
    marker = {"symbol": "line-ns-open", "size": 7, "color": colour}
    text = f"{name} {times.size:,}"
    if times.size <= _SINGLE:
        hover = name + " at %{x:.1f} s<extra></extra>"
        lanes.add(text, colour, times, hover, mode="markers", marker=marker)
        return
    count = course.counts[name]
    some = np.flatnonzero(count)
    share = np.log1p(count[some]) / np.log1p(count.max())
    marker |= {"opacity": (0.25 + 0.75 * share).astype(np.float32)}
    lanes.add(
        text,
        colour,
        course.start[some] + course.width / 2,
        "%{customdata} " + name + f" in {course.width:.3g} s<extra></extra>",
        customdata=count[some].astype(np.min_scalar_type(int(count.max()))),  # of a minute or less
        mode="markers",
        marker=marker,
    )


def _bad(lanes: _Lanes, share: DoubleArray, width: float, what: str, colour: str) -> None:
    """Draw a lane of steps, ``width`` s each, as high as the ``share`` (m,) of each that is bad."""
    percent = np.where(share > _NOTABLE, np.ceil(100 * share), 0).astype(np.int16)
    if not percent.any():
        return
    seconds = float(share.sum() * width)
    told = f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.0f} s"
    lanes.steps(percent, width, colour)
    # Of steps alike in a row the first and the last take clicks.
    begins, ends = (np.diff(percent, **{side: 0}) != 0 for side in ("prepend", "append"))
    some = np.flatnonzero((begins | ends) & (percent > 0))
    unseen = {"marker": {"opacity": 0}}
    lanes.add(
        f"{what} {told}",
        colour,
        (some.astype(np.float64) + 0.5) * width,
        f"%{{customdata}} % {what} in {width:.3g} s<extra></extra>",
        customdata=percent[some],
        mode="markers",  # of what is drawn only marks can be clicked
        **{"marker": {"opacity": 0, "color": colour}, "selected": unseen, "unselected": unseen},
    )


def _targets(
    figure: go.Figure,
    duration: float,
    axis: str,
    limits: tuple[float, float],
    course: Course | None,
) -> None:
    """Unseen points at even steps make every place of a row a thing to click.

    In three lines, so that the nearest one in time is never further than the next in height: one
    of a curve would be, where it is steep. With a ``course`` they tell the heart rate there.
    """
    low, high = limits
    step = duration / (_STEPS - 1)
    told: dict[str, object] = {"hoverinfo": "none"}
    if course is not None and course.rate.size:
        place = (np.arange(_STEPS) * step / course.width).astype(np.int64)
        rate = course.rate[place.clip(0, course.rate.size - 1)]
        told = {
            "customdata": [f"{one:.0f}" if np.isfinite(one) else "no" for one in rate.tolist()],
            "hovertemplate": "%{customdata} beats a minute<extra></extra>",
        }
    for share in (1 / 6, 1 / 2, 5 / 6):
        figure.add_scatter(
            x0=0,
            dx=step,
            y=np.full(_STEPS, low + share * (high - low), dtype=np.float32),
            yaxis=axis,
            mode="markers",
            marker={"size": 4, "opacity": 0},
            unselected={"marker": {"opacity": 0}},
            selected={"marker": {"opacity": 0}},
            **told,
        )


def _axes(figure: go.Figure, duration: float, lanes: int, height: int) -> None:
    """Heart rate above, the envelope below it, lanes at the bottom, one time axis."""
    foot = _LANE * lanes / height
    middle = foot + (1 - foot) * 0.5
    tick, text, title = _ticks(duration)
    figure.update_xaxes(
        title_text=title, range=[0, duration], fixedrange=True, tickvals=tick, ticktext=text,
        anchor="free", position=0, automargin=False,
    )  # fmt: skip
    plain = {"fixedrange": True, "zeroline": False, "automargin": False}
    figure.update_layout(
        yaxis={**plain, "domain": [foot, middle], "visible": False},
        yaxis2={
            **plain,
            "domain": [middle, 1],
            "anchor": "x",
            "title": {"text": "1/min", "standoff": 4},
            "nticks": 4,
            "gridcolor": figure.layout.xaxis.gridcolor,
        },
        yaxis3={**plain, "domain": [0, max(foot, 0.001)], "range": [-lanes, 0], "visible": False},
    )


def _ticks(duration: float) -> tuple[list[float], list[str], str]:
    """Return tick marks (s), their words, and the axis' title."""
    steps = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10_800, 21_600)
    step = next((s for s in steps if duration / s <= 13), 43_200)
    at = np.arange(0, duration, step).tolist()
    if duration <= 300:
        return at, [f"{t:g}" for t in at], "whole recording (s)"
    if duration <= 5400:
        return at, [f"{t / 60:g}" for t in at], "whole recording (min)"
    return at, [f"{t // 3600:.0f}:{t % 3600 // 60:02.0f}" for t in at], "whole recording (h:min)"
