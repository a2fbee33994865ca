"""The signal window: raw and filtered trace, R-peaks above and below it, on one time axis."""

from dataclasses import dataclass, field
from html import escape

import numpy as np
import plotly.graph_objects as go

from ecgcore.dsp.decimate import min_max
from ecgcore.plots.paper import calibration_pulse, paper_axes
from ecgcore.plots.pick import pickable
from ecgcore.plots.theme import Theme, class_colour, ink, style
from ecgcore.schema import Annotations, DoubleArray, FloatArray, IntArray, PeakMatch, Peaks

MAX_POINTS = 4000
MOST_BEATS = 400  # beats in a window that are drawn one by one, each with its letter
MOST_RHYTHMS = 60  # changes of rhythm that are written into a window


@dataclass(frozen=True, kw_only=True, eq=False)
class SignalWindow:
    """What one window shows. Peaks and annotations may reach beyond it; what is outside is cut."""

    start: int  # absolute sample of the first value
    fs: float  # Hz
    lead: str
    unit: str  # "mV", or "uncalibrated"
    raw: FloatArray  # (n,)
    filtered: FloatArray | None = None  # (n,)
    filter_name: str = ""
    annotated: Peaks | None = None
    detected: Peaks | None = None
    match: PeakMatch | None = None
    annotations: Annotations | None = None
    marked: tuple[int, ...] = field(default=())  # samples of beats to point out
    cursor: float | None = None  # s, a place to point out
    bad: tuple[tuple[int, int, str], ...] = ()  # first second, second after the last, why not good

    @property
    def main(self) -> FloatArray:
        """The trace that is read: the filtered one when there is one."""
        return self.raw if self.filtered is None else self.filtered


def signal_figure(
    window: SignalWindow, theme: Theme, *, paper: bool = False, pick: bool = False
) -> go.Figure:
    """Draw a window; ``paper`` gives ECG-paper proportions, grid and a calibration pulse.

    ``pick``: a click anywhere chooses the nearest place of the signal, or mark.
    """
    figure = go.Figure()
    low, high = _limits(window)
    span = max(high - low, 0.5)
    if window.filtered is not None:
        _trace(figure, window, window.raw, "raw", theme.muted, 0.8)
    name = window.filter_name or "signal"
    _trace(figure, window, window.main, name, "#1B1F24" if paper else theme.trace, 1.0)
    _annotated(figure, window, high + 0.10 * span, theme)
    _detected(figure, window, low - 0.10 * span, theme)
    _rhythms(figure, window, theme)
    _bad(figure, window, theme)
    style(figure, theme, height=430, modebar={"orientation": "v"})  # clear of the legend
    first, last = _seconds(window, np.array([0, window.raw.size]))
    figure.update_xaxes(
        title_text="time (s)", range=[first, last], exponentformat="none", separatethousands=True
    )
    figure.update_yaxes(
        title_text=f"{escape(window.lead)} ({escape(window.unit)})",
        range=[low - 0.22 * span, high + 0.24 * span],
    )
    if paper:
        paper_axes(figure, (first, last), (low - 0.22 * span, high + 0.24 * span))
        calibration_pulse(figure, first, low)
    if window.cursor is not None and first <= window.cursor <= last:
        figure.add_vline(
            x=window.cursor, line={"color": theme.accent, "width": 1.5, "dash": "dash"}
        )
    if pick:
        pickable(figure, window.start, window.fs, window.main, f"{first:g}–{last:g}")
    return figure


def _bad(figure: go.Figure, window: SignalWindow, theme: Theme) -> None:
    """Shade what isn't to be trusted, and write why."""
    left, right = _seconds(window, np.array([0, window.raw.size]))
    here = [one for one in window.bad if one[0] < right and one[1] > left]
    for first, stop, reason in here[:MOST_RHYTHMS]:
        figure.add_vrect(
            x0=max(first, left),
            x1=min(stop, right),
            fillcolor=theme.alarm,
            opacity=0.07,
            line_width=0,
            layer="below",
            annotation={
                "text": escape(reason),
                "font": {"size": 11, "color": theme.alarm},
                "xanchor": "left",
                "yanchor": "bottom",
            },
            annotation_position="bottom left",
        )


def _limits(window: SignalWindow) -> tuple[float, float]:
    values = np.concatenate([window.main, window.raw if window.filtered is not None else []])
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (-1.0, 1.0)


def _seconds(window: SignalWindow, index: IntArray) -> DoubleArray:
    seconds: DoubleArray = (window.start + index) / window.fs
    return seconds


def _trace(
    figure: go.Figure,
    window: SignalWindow,
    values: FloatArray,
    name: str,
    colour: str,
    width: float,
) -> None:
    index, value = min_max(values, MAX_POINTS)
    # Every sample: the browser counts the times itself, and two thirds of the bytes stay here.
    every = {"x0": window.start / window.fs, "dx": 1 / window.fs}
    figure.add_scatter(
        **(every if index.size == values.size else {"x": _seconds(window, index)}),
        y=value,
        mode="lines",
        name=name,
        line={"color": colour, "width": width},
        connectgaps=False,
        hovertemplate="%{x:.3f} s · %{y:.3f} " + escape(window.unit) + "<extra></extra>",
    )


def _inside(window: SignalWindow, sample: IntArray) -> IntArray:
    stop = window.start + window.raw.size
    return np.flatnonzero((sample >= window.start) & (sample < stop)).astype(np.int64)


def _annotated(figure: go.Figure, window: SignalWindow, level: float, theme: Theme) -> None:
    peaks = window.annotated
    if peaks is None or peaks.aami is None or peaks.symbol is None:
        return
    inside = _inside(window, peaks.sample)
    missed = set() if window.match is None else set(window.match.missed.tolist())
    crowded = inside.size > MOST_BEATS
    if crowded:  # the rare ones only, as many as can be told apart
        inside = inside[peaks.aami[inside] != "N"][: 4 * MOST_BEATS]
    for place, name in enumerate(dict.fromkeys(peaks.aami[inside].tolist())):
        chosen = inside[peaks.aami[inside] == name]
        figure.add_scatter(
            x=peaks.sample[chosen] / window.fs,
            y=np.full(chosen.size, level),
            mode="markers" if crowded else "markers+text",
            name="annotated, not N" if crowded else "annotated (letter: symbol)",
            legendgroup="annotated",
            showlegend=place == 0,
            text=None if crowded else [escape(s) for s in peaks.symbol[chosen]],
            textposition="top center",
            textfont={"size": 11, "color": ink(class_colour(name), theme)},
            marker={"symbol": "triangle-down", "size": 9, "color": class_colour(name)},
            customdata=chosen,
            hovertemplate=f"beat %{{customdata}} · {name}"
            + " · %{x:.3f} s<extra>annotated</extra>",
        )
    lost = [int(i) for i in _inside(window, peaks.sample) if int(i) in missed][: 4 * MOST_BEATS]
    if lost:
        _disagreement(
            figure, peaks.sample[lost] / window.fs, level, "missed by the detector", theme
        )


def _detected(figure: go.Figure, window: SignalWindow, level: float, theme: Theme) -> None:
    peaks = window.detected
    if peaks is None:
        return
    inside = _inside(window, peaks.sample)
    shown = inside if inside.size <= MOST_BEATS else inside[:0]
    figure.add_scatter(
        x=peaks.sample[shown] / window.fs,
        y=np.full(shown.size, level),
        mode="markers",
        name=f"detected ({escape(peaks.source)})",
        marker={"symbol": "triangle-up", "size": 8, "color": theme.accent},
        hovertemplate="%{x:.3f} s<extra>detected</extra>",
    )
    extra = set() if window.match is None else set(window.match.extra.tolist())
    false = [int(i) for i in inside if int(i) in extra][: 4 * MOST_BEATS]
    if false:
        _disagreement(
            figure, peaks.sample[false] / window.fs, level, "detected, not annotated", theme
        )


def _disagreement(figure: go.Figure, x: DoubleArray, level: float, name: str, theme: Theme) -> None:
    figure.add_scatter(
        x=x,
        y=np.full(len(x), level),
        mode="markers",
        name=name,
        marker={
            "symbol": "circle-open",
            "size": 19,
            "color": theme.alarm,
            "line": {"width": 2.5, "color": theme.alarm},
        },
        hovertemplate=name + " · %{x:.3f} s<extra></extra>",
    )


def _rhythms(figure: go.Figure, window: SignalWindow, theme: Theme) -> None:
    marks = window.annotations
    if marks is None:
        return
    changes = [i for i in _inside(window, marks.sample) if marks.symbol[i] == "+" and marks.aux[i]]
    for i in changes:
        if len(changes) <= MOST_RHYTHMS:
            figure.add_vline(
                x=marks.sample[i] / window.fs,
                line={"color": theme.muted, "width": 1, "dash": "dot"},
                annotation={
                    "text": escape(marks.aux[i]),
                    "font": {"size": 11, "color": theme.note},
                    "yanchor": "top",
                },
            )
    for sample in window.marked:
        figure.add_vrect(
            x0=sample / window.fs - 0.3,
            x1=sample / window.fs + 0.3,
            fillcolor=theme.band,
            line_width=0,
            layer="below",
        )
