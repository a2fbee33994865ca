"""The strip over the whole recording: envelope, ectopic beats by class, where the window is."""

import numpy as np
import plotly.graph_objects as go

from ecgcore.plots.theme import Theme, class_colour, style
from ecgcore.schema import FloatArray, IntArray, Peaks

_LANES = ("S", "V", "F", "Q")
_STEPS = 400


def overview_figure(
    index: IntArray,
    value: FloatArray,
    fs: float,
    window: tuple[float, float],
    theme: Theme,
    peaks: Peaks | None = None,
) -> go.Figure:
    """Draw the strip; ``window`` in s. Every trace's x is a time to go to when clicked."""
    figure = go.Figure()
    duration = float(index[-1] / fs) if index.size else 1.0
    figure.add_scatter(
        x=index / fs,
        y=value,
        mode="lines",
        line={"color": theme.muted, "width": 0.6},
        hoverinfo="skip",
    )
    finite = value[np.isfinite(value)]
    low, high = np.quantile(finite, [0.002, 0.998]) if finite.size else (-1.0, 1.0)
    span = max(float(high - low), 0.1)
    lanes = 0
    if peaks is not None and peaks.aami is not None:
        for name in _LANES:
            chosen = peaks.sample[peaks.aami == name] / fs
            if not chosen.size:
                continue
            lanes += 1
            figure.add_scatter(
                x=chosen,
                y=np.full(chosen.size, high + 0.28 * span * lanes),
                mode="markers",
                marker={"symbol": "line-ns-open", "size": 7, "color": class_colour(name)},
                hovertemplate=name + " at %{x:.1f} s<extra></extra>",
                unselected={"marker": {"opacity": 1}},
            )
            figure.add_annotation(
                x=1.0, xref="paper", xanchor="left", y=high + 0.28 * span * lanes,
                text=f"{name} {chosen.size:,}", showarrow=False,
                font={"size": 11, "color": class_colour(name)},
            )  # fmt: skip
    # Unseen points at even steps make every place of the strip a thing to click.
    figure.add_scatter(
        x=np.linspace(0, duration, _STEPS),
        y=np.full(_STEPS, float(low + 0.5 * span)),
        mode="markers",
        marker={"size": 22, "opacity": 0},
        hovertemplate="go to %{x:.0f} s<extra></extra>",
        unselected={"marker": {"opacity": 0}},
        selected={"marker": {"opacity": 0}},
    )
    figure.add_vrect(
        x0=window[0], x1=window[1], fillcolor=theme.band, line={"color": theme.accent, "width": 1}
    )
    style(
        figure,
        theme,
        height=112 + 14 * lanes,
        showlegend=False,
        margin={"l": 60, "r": 64, "t": 4, "b": 42},
        dragmode=False,
    )
    figure.update_xaxes(title_text="whole recording (s)", range=[0, duration], fixedrange=True)
    figure.update_yaxes(
        visible=False, range=[low - 0.1 * span, high + 0.28 * span * (lanes + 0.8)], fixedrange=True
    )
    return figure
