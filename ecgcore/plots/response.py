"""The frequency response of what was done to the signal."""

import math

import plotly.graph_objects as go

from ecgcore.plots.theme import Theme, style
from ecgcore.schema import DoubleArray


def response_figure(
    curves: dict[str, tuple[DoubleArray, DoubleArray]], theme: Theme, *, highest: float
) -> go.Figure:
    """Draw magnitude responses; ``curves`` maps a filter's name to (Hz, dB), ``highest`` in Hz."""
    figure = go.Figure()
    for name, (frequency, magnitude) in curves.items():
        figure.add_scatter(
            x=frequency[1:],
            y=magnitude[1:],
            mode="lines",
            name=name,
            hovertemplate="%{x:.3g} Hz · %{y:.1f} dB<extra>" + name + "</extra>",
        )
    style(figure, theme, height=280, hovermode="x unified")
    figure.add_hline(y=-3, line={"color": theme.muted, "width": 1, "dash": "dot"})
    figure.update_xaxes(
        type="log", title_text="frequency (Hz)", range=[-1.5, _log10(highest)], dtick=1
    )
    figure.update_yaxes(title_text="magnitude (dB)", range=[-60, 5])
    return figure


def _log10(value: float) -> float:

    return math.log10(value)
