"""Spectrograms as heat maps, with the signal above them on the same time axis."""

from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ecgcore.dsp.decimate import min_max
from ecgcore.features.mean_spectrogram import ClassSpectrogram
from ecgcore.plots.cells import heatmaps
from ecgcore.plots.signal import MOST_BEATS
from ecgcore.plots.theme import Theme, class_colour, ink, style
from ecgcore.schema import DoubleArray, FloatArray, IntArray, Peaks, Spectrogram

_TRACE_POINTS = 2_000  # two for each column of pixels: the lowest and the highest there


def spectrogram_figure(
    found: Spectrogram,
    signal: FloatArray,
    fs: float,
    start: float,
    theme: Theme,
    *,
    lead: str,
    unit: str,
    limits: tuple[float, float],
    peaks: Peaks | None = None,
    zero: float = 0.0,
    axis_title: str = "time (s)",
) -> go.Figure:
    """Draw ``signal`` (n,) from ``start`` (s) on, and under it the power ``found``.

    ``found.time`` is on the same axis as ``start``. ``limits`` are the ends of the colour scale.
    ``peaks`` are marked above the signal by class; the axis' zero lies at ``zero`` seconds of
    the recording.
    """
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.34, 0.66], vertical_spacing=0.035
    )
    index, value = min_max(signal, _TRACE_POINTS)
    figure.add_scatter(
        x=start + index / fs,
        y=value,
        mode="lines",
        line={"color": theme.trace, "width": 1},
        hovertemplate="%{x:.3f} s · %{y:.3f} " + escape(unit) + "<extra></extra>",
        row=1,
        col=1,
    )
    last = start + signal.size / fs
    _peaks(figure, peaks, (start, last), value, zero, theme)
    for trace in heatmaps(found, limits, bar=_bar(0.64)):
        figure.add_trace(trace, row=2, col=1)
    style(figure, theme, height=560, showlegend=False)
    figure.update_xaxes(range=[start, last])
    figure.update_xaxes(title_text=axis_title, row=2, col=1)
    figure.update_yaxes(title_text=f"{escape(lead)} ({escape(unit)})", row=1, col=1)
    figure.update_yaxes(
        title_text="frequency (Hz)", range=[0, float(found.frequency[-1])], row=2, col=1
    )
    return figure


def class_spectrograms_figure(
    found: tuple[ClassSpectrogram, ...], theme: Theme, *, limits: tuple[float, float]
) -> go.Figure:
    """Draw the mean spectrogram of each class side by side, on one colour scale."""
    figure = make_subplots(
        rows=1,
        cols=max(len(found), 1),
        shared_yaxes=True,
        horizontal_spacing=0.02,
        subplot_titles=[f"{escape(part.name) or 'all'} · {part.count:,}" for part in found],
    )
    for place, part in enumerate(found, start=1):
        for trace in heatmaps(part.spectrogram, limits, bar=_bar(1.0) if place == 1 else None):
            figure.add_trace(trace, row=1, col=place)
        figure.add_vline(
            x=0,
            line={"color": "#FFFFFF", "width": 1, "dash": "dot"},
            row=1,
            col=place,
        )
    style(figure, theme, height=430, showlegend=False, dragmode=False)
    for title, part in zip(figure.layout.annotations, found, strict=False):
        title.font = {"size": 14, "color": class_colour(part.name) if part.name else theme.text}
    figure.update_xaxes(fixedrange=True, nticks=5)
    figure.update_yaxes(fixedrange=True)
    figure.update_yaxes(title_text="frequency (Hz)", col=1)
    figure.add_annotation(
        text="time from the R-peak (s)", xref="paper", yref="paper", x=0.5, y=0, yshift=-24,
        yanchor="top", showarrow=False, font={"size": 15},
    )  # fmt: skip
    return figure


def colour_limits(power: FloatArray, unit: str, span: float) -> tuple[float, float]:
    """Return the ends of the colour scale.

    In decibels: from the largest power, but for one cell in a thousand, ``span`` dB down.
    Linear: from 0 to the value that 1 % of the cells exceed.
    """
    finite = power[np.isfinite(power)]
    if not finite.size:
        return 0.0, 1.0
    if unit.startswith("dB"):
        top = float(np.quantile(finite, 0.999))
        return top - span, top
    return 0.0, max(float(np.quantile(finite, 0.99)), 1e-12)


def _bar(length: float) -> dict[str, Any]:
    """Return a colour bar over a share of the figure's height."""
    return {
        "thickness": 14,
        "len": length,
        "ypad": 0,
        "y": 0,
        "yanchor": "bottom",
        "outlinewidth": 0,
    }


def _peaks(
    figure: go.Figure,
    peaks: Peaks | None,
    bounds: tuple[float, float],
    value: FloatArray,
    zero: float,
    theme: Theme,
) -> None:
    if peaks is None:
        return
    finite = value[np.isfinite(value)]
    if not finite.size:
        return
    level = float(finite.max() + 0.14 * max(float(finite.max() - finite.min()), 0.1))
    time = peaks.sample / peaks.fs - zero
    inside = np.flatnonzero((time >= bounds[0]) & (time <= bounds[1]))
    names = np.full(inside.size, "") if peaks.aami is None else peaks.aami[inside]
    crowded = inside.size > MOST_BEATS
    for name in dict.fromkeys(names.tolist()):
        if not (crowded and name in ("", "N")):  # the rare ones only, as on the signal
            some = inside[names == name][: 4 * MOST_BEATS]
            _markers(figure, time[some], some, level, name, theme, lettered=not crowded)


def _markers(
    figure: go.Figure,
    time: DoubleArray,
    beat: IntArray,
    level: float,
    name: str,
    theme: Theme,
    *,
    lettered: bool,
) -> None:
    figure.add_scatter(
        x=time,
        y=np.full(time.size, level, dtype=np.float32),
        mode="markers+text" if lettered else "markers",
        text=[name] * time.size if lettered else None,
        textposition="top center",
        textfont={"size": 11, "color": ink(class_colour(name), theme)},
        marker={"symbol": "triangle-down", "size": 9, "color": class_colour(name)},
        customdata=beat.astype(np.int32),
        hovertemplate=f"beat %{{customdata:,}} {escape(name)} · %{{x:.3f}} s<extra></extra>",
        cliponaxis=False,
        row=1,
        col=1,
    )
