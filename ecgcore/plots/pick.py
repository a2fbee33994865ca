"""A signal that can be clicked: every place of it, and every mark."""

from typing import Final

import numpy as np
import plotly.graph_objects as go

from ecgcore.schema import FloatArray

MAX_PLACES: Final = 4000


def pickable(figure: go.Figure, start: int, fs: float, values: FloatArray, shown: str) -> None:
    """Lay unseen points over a signal (n,) that begins at absolute sample ``start``, in place.

    Lines can't be chosen in Plotly, points can, and a line would keep the click for itself. Each
    sample is a point, or each few where there are more than ``MAX_PLACES``; gaps are taken for
    zero, so that a click there finds its time. ``shown`` names the window: while it stays the
    same, so does what a person zoomed to.
    """
    for trace in figure.data:
        if trace.mode == "lines":
            trace.update(hoverinfo="skip", hovertemplate=None)
    step = max(1, -(-values.size // MAX_PLACES))
    figure.add_scatter(
        x0=start / fs,
        dx=step / fs,
        y=np.nan_to_num(values[::step]),
        mode="markers",
        name="",
        showlegend=False,
        marker={"size": 6, "opacity": 0},
        hovertemplate="%{x:.3f} s<extra></extra>",
    )
    # What is not chosen would fade, as in a selection.
    figure.update_traces(unselected={"marker": {"opacity": 1}}, selector={"type": "scatter"})
    figure.data[-1].update(
        unselected={"marker": {"opacity": 0}}, selected={"marker": {"opacity": 0}}
    )
    for trace in figure.data:
        if trace.mode == "markers+text":
            trace.unselected.textfont = {"color": trace.textfont.color}
    figure.update_layout(hoverdistance=-1, uirevision=shown)
