"""One measure over the day, above the share of NN intervals that it was read from."""

from html import escape

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ecgcore.features.hrv.measure import MEASURES
from ecgcore.plots.theme import Theme, style


def trend_figure(windows: pd.DataFrame, measure: str, theme: Theme) -> go.Figure:
    """Draw a measure of ``windows`` (``hrv.windows``), each at its middle; x is in h or min.

    Each point carries its window's middle in s as ``customdata``, to go to when clicked. A last
    window that is shorter than the others is a hollow point that no line leads to: most measures
    depend on how long the stretch is.
    """
    middle = (windows["start"] + windows["stop"]).to_numpy() / 2
    duration = float(windows["stop"].iloc[-1])
    unit, divisor = ("h", 3600.0) if duration > 5400 else ("min", 60.0)
    info = MEASURES[measure]
    figure = go.Figure()
    time, seconds = (middle / divisor).round(4), middle.round(1)
    told = f"{escape(info.label)}{f' ({info.unit})' if info.unit else ''}"
    hover = "%{x:.2f} " + unit + " · %{y:.4g} " + escape(info.unit)
    last = cut_short(windows)
    whole = slice(0, len(windows) - (last is not None))
    figure.add_scatter(
        x=time[whole],
        y=windows[measure].round(4)[whole],
        mode="lines+markers",
        line={"color": theme.accent, "width": 1.2},
        marker={"size": 5},
        connectgaps=False,
        customdata=seconds[whole],
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        hovertemplate=f"{hover}<extra></extra>",
    )
    if last is not None:
        figure.add_scatter(
            x=time[-1:],
            y=windows[measure].round(4)[-1:],
            mode="markers",
            marker={"size": 7, "symbol": "circle-open", "color": theme.accent},
            customdata=seconds[-1:],
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            hovertemplate=f"{hover}, of the last {last:.0f} s only<extra></extra>",
        )
    figure.add_bar(
        x=time,
        y=(100 * np.minimum(windows["covered"], 1)).round(1),
        yaxis="y2",
        width=(0.9 * (windows["stop"] - windows["start"]) / divisor).round(4),
        marker={"color": theme.muted},
        customdata=seconds,
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        hovertemplate="%{y:.0f} % covered by NN intervals<extra></extra>",
    )
    style(figure, theme, height=330, showlegend=False, bargap=0.1)
    figure.update_xaxes(
        title_text=f"time ({unit})", range=[0, 1.01 * duration / divisor], anchor="y2"
    )
    figure.update_layout(
        yaxis={"domain": [0.3, 1], "title": {"text": told, "standoff": 6}},
        yaxis2={
            "domain": [0, 0.2],
            "range": [0, 100],
            "title": {"text": "NN (%)", "standoff": 6},
            "tickvals": [0, 100],
            "gridcolor": theme.grid,
            "fixedrange": True,
        },
    )
    return figure


def cut_short(windows: pd.DataFrame) -> float | None:
    """Return how long the last window is, s, where it is shorter than those before it, else None.

    By less than a tenth doesn't count.
    """
    length = (windows["stop"] - windows["start"]).to_numpy()
    short = length.size > 1 and length[-1] < 0.9 * length[0]
    return float(length[-1]) if short else None
