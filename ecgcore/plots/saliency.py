"""A beat's explanation: its surroundings, the beat in the colours of the map, and the map."""

from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ecgcore.plots.cells import hundredths
from ecgcore.plots.heat import coloured_trace, colours_of, strip
from ecgcore.plots.panel import BeatPanel, draw_context
from ecgcore.plots.picture import has_picture, outline, picture_map, tile_unit
from ecgcore.plots.theme import HEAT, Theme, style
from ecgcore.schema import DoubleArray, FloatArray

_MARGIN = 0.06  # s shown on either side of the input's window


def saliency_figure(
    panel: BeatPanel,
    theme: Theme,
    *,
    method: str,
    recorded: BeatPanel | None = None,
    heads: tuple[DoubleArray, FloatArray] | None = None,
) -> go.Figure:
    """Draw context, beat and map below one another; beat and map share their time axis.

    Rows: the surroundings with the input's window shaded; the beat in the colours of the map;
    for networks that see a picture what they see and the map over it, both over frequency or
    amplitude and time; the map as a strip.
    ``method`` is the explainer's title, written at the scale. ``recorded``: the beat as it was
    recorded, its map a strip of its own below, where ``panel`` is of a changed rhythm. ``heads``:
    edges of the tokens (T' + 1,), s from the R-peak, and each head's attention to them (heads, T'),
    a row a head above the strip.
    """
    tile = panel.explanation.tile is not None
    seen = has_picture(panel)
    heights = [0.28, 0.35, 0.27, 0.10] if tile or heads else [0.32, 0.55, 0.13]
    if seen:
        heights = [0.22, 0.27, 0.22, 0.22, 0.07]
    if recorded is not None:
        heights.append(heights[-1])
    rows = len(heights)
    here = rows - (recorded is not None)  # the row of the map's own strip
    spacing = 0.055 if seen else 0.075
    figure = make_subplots(rows=rows, cols=1, row_heights=heights, vertical_spacing=spacing)
    limits = panel.limits
    draw_context(figure, panel, theme, limits=limits, row=1, col=1)
    draw_heat(figure, panel, theme, row=2, col=1)
    signed = panel.explanation.signed
    colorbar = scale(method, panel.explanation.unit, signed=signed)
    if tile:
        figure.add_trace(tile_map(panel, theme, show=False), row=3 + seen, col=1)
        figure.update_yaxes(title_text=tile_unit(panel), row=3 + seen, col=1)
        if seen:
            _picture(figure, panel, theme, method=method)
            colorbar["len"] = figure.get_subplot(4, 1).yaxis.domain[1]
    elif heads is not None:
        figure.add_trace(_heads(*heads), row=3, col=1)
        figure.update_yaxes(autorange="reversed", ticks="", showgrid=False, row=3, col=1)
    time, _, values = panel.heat()
    figure.add_trace(
        strip(time, values, theme, title=method, scale=True, colorbar=colorbar, signed=signed),
        row=here,
        col=1,
    )
    if recorded is not None:
        _second_strip(figure, recorded, theme, method=method, row=rows)
    height = (800 if seen else 640 if tile or heads else 520) + 56 * (rows - here)
    style(figure, theme, height=height, showlegend=panel.median is not None)
    low, high = panel.close
    for row in range(2, rows + 1):
        figure.update_xaxes(range=[low - _MARGIN, high + _MARGIN], row=row, col=1)
        if row < rows:
            figure.update_xaxes(matches=f"x{rows}", showticklabels=False, row=row, col=1)
    figure.update_xaxes(range=list(panel.span), row=1, col=1)
    figure.update_xaxes(title_text="time from the R-peak (s)", row=rows, col=1)
    margin = 0.5 * (limits[1] - limits[0])
    axis = f"{escape(panel.lead)} ({escape(panel.unit)})"
    figure.update_yaxes(
        title_text=axis,
        range=[limits[0] - 0.28 * (limits[1] - limits[0]), limits[1] + margin],
        row=1,
        col=1,
    )
    figure.update_yaxes(title_text=axis, row=2, col=1)
    quiet = {"showticklabels": False, "ticks": "", "showgrid": False, "fixedrange": True}
    for row in range(here, rows + 1):
        figure.update_yaxes(**quiet, row=row, col=1)
    if recorded is not None:
        for row, text in ((here, "what<br>if"), (rows, "as re-<br>corded")):
            figure.update_yaxes(title={"text": text, "font": {"size": 11}}, row=row, col=1)
    figure.update_layout(legend={"x": 1, "xanchor": "right", "y": 1.0})
    return figure


def _picture(figure: go.Figure, panel: BeatPanel, theme: Theme, *, method: str) -> None:
    """Draw what the network sees into the third row, and its outline over the map below."""
    low, high = figure.get_subplot(3, 1).yaxis.domain
    bar = {"y": low, "yanchor": "bottom", "len": high - low, "ypad": 0}
    figure.add_trace(picture_map(panel, colorbar=bar), row=3, col=1)
    for line in outline(panel, theme):
        figure.add_trace(line, row=4, col=1)
    figure.update_yaxes(title_text=tile_unit(panel), row=3, col=1)
    rows = panel.explanation.amplitude
    for row, text in ((3, "what the network sees"), (4, f"{escape(method)} over it")):
        place = figure.get_subplot(row, 1)
        figure.add_annotation(
            text=text, showarrow=False, font={"size": 11, "color": theme.note},
            x=0, xref="paper", xanchor="left", y=place.yaxis.domain[1], yref="paper",
            yanchor="bottom",
        )  # fmt: skip
        if rows is not None:
            figure.update_yaxes(range=[float(rows[0]), float(rows[-1])], row=row, col=1)


def _heads(edges: DoubleArray, weights: FloatArray) -> go.Heatmap:
    """Return each head's attention in shares of the largest, on the strip's own scale."""
    largest = max(float(weights.max()), 1e-12)
    return go.Heatmap(
        x=edges,
        y=[f"head {k + 1}" for k in range(len(weights))],
        z=weights / largest,
        customdata=100 * weights,
        zmin=0,
        zmax=1,
        colorscale=HEAT,
        showscale=False,
        hovertemplate="%{y} · %{x:.3f} s<br>%{customdata:.1f} % of its attention<extra></extra>",
    )


def _second_strip(
    figure: go.Figure, panel: BeatPanel, theme: Theme, *, method: str, row: int
) -> None:
    time, _, values = panel.heat()
    signed = panel.explanation.signed
    piece = strip(time, values, theme, title=method, scale=False, colorbar={}, signed=signed)
    figure.add_trace(piece, row=row, col=1)


def draw_heat(figure: go.Figure, panel: BeatPanel, theme: Theme, *, row: int, col: int) -> None:
    """Draw the beat in the colours of its map, the signal around it and the median beat."""
    low, high = panel.close
    around, trace = panel.trace((low - _MARGIN, high + _MARGIN))
    plain = {"mode": "lines", "hoverinfo": "skip", "showlegend": False}
    figure.add_trace(
        go.Scatter(
            x=around.astype(np.float32),
            y=trace - np.float32(panel.level),
            line={"color": theme.trace, "width": 1},
            **plain,
        ),
        row=row,
        col=col,
    )
    time, values, heat = panel.heat()
    signed = panel.explanation.signed
    for piece in coloured_trace(time, values, heat, theme, signed=signed):
        figure.add_trace(piece, row=row, col=col)
    if panel.median is not None and time.size:
        points = np.linspace(low, high, panel.median.size)
        # The filters may have moved the median beat's level; only its shape is compared here.
        shift = np.nanmedian(values - np.interp(time, points, panel.median))
        figure.add_trace(
            go.Scatter(
                x=points.astype(np.float32),
                y=(panel.median + shift).astype(np.float32),
                mode="lines",
                name="the record's median beat",
                line={"color": theme.muted, "width": 1.4, "dash": "dot"},
                hoverinfo="skip",
                showlegend=(row, col) == (2, 1),
            ),
            row=row,
            col=col,
        )


def tile_map(
    panel: BeatPanel, theme: Theme, *, show: bool, colorbar: dict[str, Any] | None = None
) -> go.Heatmap:
    """Return the map over a picture. Raises ValueError where the explanation has none."""
    found = panel.explanation
    rows = found.amplitude if found.frequency is None else found.frequency
    if found.tile is None or found.time is None or rows is None:
        raise ValueError("this explanation has no tile")
    return go.Heatmap(
        x=found.time,
        y=rows,
        z=hundredths(found.tile),
        zmin=-100 if found.signed else 0,
        zmax=100,
        colorscale=colours_of(theme, found.signed),
        showscale=show,
        colorbar=None if colorbar is None else colorbar | ticks(signed=found.signed, one=100),
        hovertemplate=f"%{{x:.3f}} s · %{{y:.3~g}} {tile_unit(panel)} · %{{z:.0f}} %"
        "<extra></extra>",
    )


def scale(method: str, unit: str, *, signed: bool = False) -> dict[str, Any]:
    """Return the colour bar of a map: the method's name and the unit stand at it."""
    return {
        "title": {
            "text": f"{broken(method)}<br>{unit.replace(' of the ', ' of<br>the ')}<br> ",
            "font": {"size": 11},
        },
        "thickness": 12,
        "outlinewidth": 0,
        "len": 0.62,
        "y": 0.0,
        "yanchor": "bottom",
        **ticks(signed=signed),
    }


def ticks(*, signed: bool, one: int = 1) -> dict[str, Any]:
    """Return the marks of a map's scale, on which 1 lies at ``one``.

    The ends of one with a sign are named.
    """
    if not signed:
        return {"tickvals": [0, 0.5 * one, one], "ticktext": ["0", "0.5", "1"]}
    return {"tickvals": [-one, 0, one], "ticktext": ["−1 against", "0", "1 for"]}


def broken(title: str, wide: int = 14) -> str:
    """Return a method's title over two lines where it is too long for a scale's heading."""
    head, _, tail = title.partition(" ")
    return f"{head}<br>{tail}" if tail and len(title) > wide else title
