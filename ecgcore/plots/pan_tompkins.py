"""The stages of Pan and Tompkins's detector, one under the other on one time axis."""

from html import escape
from typing import Final

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ecgcore.dsp.decimate import min_max
from ecgcore.dsp.pan_tompkins import PanTompkinsStages
from ecgcore.plots.theme import Theme, style
from ecgcore.schema import FloatArray

MAX_POINTS: Final = 2000
# decision -> (what it is called, its mark)
_DECISIONS: Final = {
    "qrs": ("QRS complex", "triangle-down"),
    "search-back": ("found by search-back", "diamond"),
    "t-wave": ("rejected: T wave", "x"),
    "noise": ("rejected: below a threshold", "circle-open"),
}


def stages_figure(
    raw: FloatArray, stages: PanTompkinsStages, first: int, stop: int, offset: int, theme: Theme
) -> go.Figure:
    """Draw samples [first, stop) of a stretch; ``offset`` is the absolute sample of its first.

    ``raw`` (n,) is the stretch the stages were made of. Both thresholds are drawn as they were in
    force when each candidate was judged.
    """
    fs = stages.fs
    rows = (
        ("lead (mV)", raw),
        ("1 band-pass (mV)", stages.bandpassed),
        ("2 derivative (mV/s)", stages.derivative),
        ("3 square (mV²/s²)", stages.squared),
        ("4 integrate (mV²/s²)", stages.integrated),
    )
    figure = make_subplots(rows=len(rows), cols=1, shared_xaxes=True, vertical_spacing=0.02)
    for row, (name, values) in enumerate(rows, start=1):
        index, value = min_max(values[first:stop], MAX_POINTS)
        figure.add_scatter(
            x=(offset + first + index) / fs,
            y=value,
            mode="lines",
            line={"color": theme.trace, "width": 1},
            showlegend=False,
            hovertemplate="%{x:.3f} s · %{y:.4g}<extra>" + escape(name) + "</extra>",
            row=row,
            col=1,
        )
        figure.update_yaxes(title_text=name, title_font_size=11, nticks=4, row=row, col=1)
    inside = (stages.candidate >= first) & (stages.candidate < stop)
    time = (offset + stages.candidate[inside]) / fs
    for row, threshold in ((2, stages.threshold_bandpassed), (5, stages.threshold_integrated)):
        figure.add_scatter(
            x=time,
            y=threshold[inside],
            mode="lines",
            line={"color": theme.alarm, "width": 1.2, "dash": "dash", "shape": "hv"},
            name="threshold",
            legendgroup="threshold",
            showlegend=row == 5,
            hovertemplate="%{x:.3f} s · %{y:.4g}<extra>threshold</extra>",
            row=row,
            col=1,
        )
    height = stages.integrated[stages.candidate]
    for decision, (name, symbol) in _DECISIONS.items():
        chosen = inside & (stages.decision == decision)
        if chosen.any():
            figure.add_scatter(
                x=(offset + stages.candidate[chosen]) / fs,
                y=np.nan_to_num(height[chosen]),
                mode="markers",
                name=name,
                marker={"symbol": symbol, "size": 9, "color": theme.accent},
                hovertemplate="%{x:.3f} s<extra>" + name + "</extra>",
                row=5,
                col=1,
            )
    style(figure, theme, height=720)
    figure.update_xaxes(range=[(offset + first) / fs, (offset + stop) / fs], exponentformat="none")
    figure.update_xaxes(title_text="time (s)", row=len(rows), col=1)
    return figure
