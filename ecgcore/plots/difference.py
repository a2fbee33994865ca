"""A wrong beat over the usual beats of its own and of the predicted class, and where it is nearer.

After figure 11 of Kim and Jung 2022, which sets the three waveforms beside one another in time.
"""

from html import escape
from typing import Final

import numpy as np
import plotly.graph_objects as go
from plotly.colors import hex_to_rgb
from plotly.subplots import make_subplots

from ecgcore.compare.aligned import AXIS
from ecgcore.compare.difference import Band, Difference
from ecgcore.plots.heat import strip
from ecgcore.plots.theme import Theme, class_colour, style
from ecgcore.schema import DoubleArray, FloatArray

_FULL: Final = 3.0  # spreads at which the strip is saturated
_AXIS: Final = AXIS.astype(np.float32)


def difference_figure(found: Difference, theme: Theme, classes: tuple[str, ...]) -> go.Figure:
    """Draw the beat over both classes' medians and spreads, and a strip of what it is nearer to.

    Shaded in alarm's colour: where it is clearly nearer to the predicted class than to its own.
    """
    figure = make_subplots(
        rows=2, cols=1, row_heights=[0.86, 0.14], shared_xaxes=True, vertical_spacing=0.05
    )
    for band, what, dash in ((found.true, "true", "dot"), (found.predicted, "predicted", "dash")):
        _band(figure, band, what, class_colour(band.label, classes), dash)
    figure.add_scatter(
        x=_AXIS, y=_brief(found.wrong), mode="lines", name="this beat",
        line={"color": theme.trace, "width": 2.2},
        hovertemplate="%{x:.3f} s · %{y:.3f} " + escape(found.unit) + "<extra></extra>",
        row=1, col=1,
    )  # fmt: skip
    for low, high in found.marks:
        figure.add_vrect(
            x0=low, x1=high, fillcolor=theme.alarm, opacity=0.16, line_width=0,
            layer="below", row=1, col=1,
        )  # fmt: skip
    own, other = escape(found.true.label), escape(found.predicted.label)
    colorbar = {
        "title": {"text": "nearer to<br> ", "font": {"size": 11}},
        "thickness": 12, "outlinewidth": 0, "len": 0.5, "y": 0.0, "yanchor": "bottom",
        "tickvals": [-1, 0, 1], "ticktext": [own, "–", other],
    }  # fmt: skip
    value = np.clip(found.closer / _FULL, -1, 1).astype(np.float32)
    figure.add_trace(
        strip(
            _AXIS, value, theme, title=f"nearer to {other}", scale=True, colorbar=colorbar,
            signed=True,
        ),
        row=2, col=1,
    )  # fmt: skip
    style(figure, theme, height=300)
    figure.update_layout(margin={"t": 30})
    figure.update_xaxes(range=[float(AXIS[0]), float(AXIS[-1])])
    figure.update_xaxes(title_text="time from the R-peak (s)", row=2, col=1)
    figure.update_yaxes(title_text=escape(found.unit), row=1, col=1)
    quiet = {"showticklabels": False, "ticks": "", "showgrid": False, "fixedrange": True}
    figure.update_yaxes(**quiet, row=2, col=1)
    return figure


def _band(figure: go.Figure, band: Band, what: str, colour: str, dash: str) -> None:
    red, green, blue = hex_to_rgb(colour)
    name = f"{what}: {escape(band.label)}, {band.count} beats of {escape(band.record)}"
    figure.add_scatter(
        x=np.concatenate([_AXIS, _AXIS[::-1]]),
        y=_brief(np.concatenate([band.median + band.spread, (band.median - band.spread)[::-1]])),
        fill="toself", fillcolor=f"rgba({red},{green},{blue},0.18)", line={"width": 0},
        mode="lines", hoverinfo="skip", showlegend=False, row=1, col=1,
    )  # fmt: skip
    figure.add_scatter(
        x=_AXIS, y=_brief(band.median), mode="lines", name=name,
        line={"color": colour, "width": 1.8, "dash": dash}, hoverinfo="skip", row=1, col=1,
    )  # fmt: skip


def _brief(values: DoubleArray) -> FloatArray:
    """Return values in as many bytes as the eye needs."""
    return values.astype(np.float32)
