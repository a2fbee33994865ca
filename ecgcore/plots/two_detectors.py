"""What two detectors find in one window: the one's R-peaks above the trace, the other's below."""

from dataclasses import dataclass
from html import escape

import numpy as np
import plotly.graph_objects as go

from ecgcore.dsp.decimate import min_max
from ecgcore.plots.theme import Theme, style
from ecgcore.schema import FloatArray, PeakMatch, Peaks

MAX_POINTS = 4000
MOST_BEATS = 400  # marks in a window that can be told apart


@dataclass(frozen=True, kw_only=True, eq=False)
class TwoDetectors:
    """A window and the R-peaks of both detectors, whole recording."""

    start: int  # absolute sample of the first value
    fs: float  # Hz
    lead: str
    unit: str
    raw: FloatArray  # (n,)
    titles: tuple[str, str]
    peaks: tuple[Peaks, Peaks]
    match: PeakMatch  # of the second one's peaks with the first one's


def two_detectors_figure(window: TwoDetectors, theme: Theme) -> go.Figure:
    """Draw the window; what only one of the two found is ringed."""
    figure = go.Figure()
    index, value = min_max(window.raw, MAX_POINTS)
    figure.add_scatter(
        x=(window.start + index) / window.fs,
        y=value,
        mode="lines",
        line={"color": theme.trace, "width": 1},
        showlegend=False,
        hovertemplate="%{x:.3f} s · %{y:.3f} " + escape(window.unit) + "<extra></extra>",
    )
    finite = value[np.isfinite(value)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (-1.0, 1.0)
    span = max(high - low, 0.5)
    levels = (high + 0.1 * span, low - 0.1 * span)
    alone = (window.match.missed, window.match.extra)
    looks = (("triangle-down", theme.trace), ("triangle-up", theme.accent))
    for title, peaks, only, level, (symbol, colour) in zip(
        window.titles, window.peaks, alone, levels, looks, strict=True
    ):
        for sample, name, marker in (
            (peaks.sample, title, {"symbol": symbol, "size": 9, "color": colour}),
            (
                peaks.sample[only],
                f"only {title}",
                {
                    "symbol": "circle-open",
                    "size": 19,
                    "color": theme.alarm,
                    "line": {"width": 2.5, "color": theme.alarm},
                },
            ),
        ):
            stop = window.start + window.raw.size
            here = sample[(sample >= window.start) & (sample < stop)][:MOST_BEATS]
            if here.size or marker["symbol"] == symbol:
                figure.add_scatter(
                    x=here / window.fs,
                    y=np.full(here.size, level),
                    mode="markers",
                    name=escape(name),
                    marker=marker,
                    hovertemplate="%{x:.3f} s<extra>" + escape(name) + "</extra>",
                )
    style(figure, theme, height=380)
    figure.update_xaxes(
        title_text="time (s)",
        range=[window.start / window.fs, (window.start + window.raw.size) / window.fs],
        exponentformat="none",
        separatethousands=True,
    )
    figure.update_yaxes(
        title_text=f"{escape(window.lead)} ({escape(window.unit)})",
        range=[low - 0.22 * span, high + 0.24 * span],
    )
    return figure
