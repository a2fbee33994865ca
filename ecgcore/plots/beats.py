"""Beats laid over each other: mean and spread by class, together or side by side."""

from html import escape

import numpy as np
import plotly.graph_objects as go
from plotly.colors import hex_to_rgb
from plotly.subplots import make_subplots

from ecgcore.features.shapes import ClassShape
from ecgcore.plots.theme import Theme, class_colour, style
from ecgcore.schema import DoubleArray, FloatArray

HEIGHT = 400
# A mean of fewer beats is noise that hides the others: it is switched off, not left out.
FEW_BEATS = 5


def beats_figure(
    shapes: tuple[ClassShape, ...],
    axis: DoubleArray,
    theme: Theme,
    *,
    axis_title: str,
    value_title: str,
    apart: bool = False,
    examples: bool = False,
) -> go.Figure:
    """Draw each class' mean with the band that holds 80 % of its beats.

    ``axis`` (points,) is the beats' time axis with R at 0.
    Together, classes of fewer than five beats are there but switched off in the legend.
    ``apart`` gives each class its own panel on one scale, with the first class' mean dotted in
    the others for comparison; ``examples`` draws single beats under the mean.
    """
    panels = len(shapes) if apart else 1
    drawn = tuple(shape for shape in shapes if apart or shape.count >= FEW_BEATS) or shapes
    figure = make_subplots(
        rows=1,
        cols=max(panels, 1),
        shared_yaxes=True,
        horizontal_spacing=0.02,
        subplot_titles=[_name(shape) for shape in shapes] if apart else None,
    )
    for place, shape in enumerate(shapes):
        column = place + 1 if apart else 1
        colour = theme.trace if shape.name == "" else class_colour(shape.name)
        if apart and place:
            _line(figure, axis, shapes[0].mean, theme.muted, 1.0, column, dash="dot")
        first = len(figure.data)
        _band(figure, axis, shape, colour, column)
        if examples:
            _examples(figure, axis, shape, colour, column)
        _line(figure, axis, shape.mean, colour, 2.4, column, name=_name(shape), show=not apart)
        for trace in figure.data[first:]:
            trace.legendgroup = _name(shape)
            trace.visible = shape in drawn or "legendonly"
        if axis[0] < 0 < axis[-1]:
            figure.add_vline(
                x=0,
                line={"color": theme.muted, "width": 1, "dash": "dot"},
                layer="below",
                row=1,
                col=column,
            )
    style(figure, theme, height=HEIGHT, showlegend=not apart, dragmode=False)
    figure.update_xaxes(range=[float(axis[0]), float(axis[-1])], fixedrange=True, nticks=7)
    figure.update_yaxes(fixedrange=True, range=_range(drawn, examples))
    for title, shape in zip(figure.layout.annotations, shapes if apart else (), strict=True):
        title.font = {"size": 14, "color": class_colour(shape.name) if shape.name else theme.text}
    # One title under all panels: repeated in each, it runs over itself where they are narrow.
    figure.add_annotation(
        text=escape(axis_title), xref="paper", yref="paper", x=0.5, y=0, yshift=-24,
        yanchor="top", showarrow=False, font={"size": 15},
    )  # fmt: skip
    figure.update_yaxes(title_text=escape(value_title), col=1)
    return figure


def _name(shape: ClassShape) -> str:
    return f"{escape(shape.name) or 'all'} · {shape.count:,}"


def _line(
    figure: go.Figure,
    axis: DoubleArray,
    value: FloatArray,
    colour: str,
    width: float,
    column: int,
    *,
    name: str = "",
    dash: str = "solid",
    show: bool = False,
) -> None:
    figure.add_scatter(
        x=axis,
        y=value,
        mode="lines",
        line={"color": colour, "width": width, "dash": dash},
        name=name,
        showlegend=show,
        hoverinfo=None if name else "skip",
        hovertemplate=f"{name}<br>%{{x:.3g}} · mean %{{y:.3f}}<extra></extra>" if name else None,
        row=1,
        col=column,
    )


def _band(
    figure: go.Figure, axis: DoubleArray, shape: ClassShape, colour: str, column: int
) -> None:
    known = np.isfinite(shape.mean)  # one stretch around R
    axis, low, high = axis[known], shape.low[known], shape.high[known]
    figure.add_scatter(
        x=np.concatenate((axis, axis[::-1])),
        y=np.concatenate((high, low[::-1])),
        fill="toself",
        fillcolor=_faint(colour, 0.22),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
        row=1,
        col=column,
    )


def _examples(
    figure: go.Figure, axis: DoubleArray, shape: ClassShape, colour: str, column: int
) -> None:
    """Draw single beats as one trace, broken by NaN: a trace each would be slow to draw.

    Every other point: they are a cloud behind the mean, and most of what the figure weighs.
    """
    k, some = len(shape.examples), slice(None, None, 2)
    gap = np.full((k, 1), np.nan, dtype=np.float32)
    figure.add_scatter(
        x=np.tile(np.append(axis[some], np.nan).astype(np.float32), k),
        y=np.concatenate((shape.examples[:, some], gap), axis=1).ravel(),
        mode="lines",
        line={"color": _faint(colour, 0.35), "width": 0.7},
        hoverinfo="skip",
        showlegend=False,
        row=1,
        col=column,
    )


def _range(shapes: tuple[ClassShape, ...], examples: bool) -> list[float]:
    """Return the value axis' limits: what is drawn, and a little air."""
    parts = [part for shape in shapes for part in (shape.low, shape.high, shape.mean)]
    if examples:
        parts += [np.nanquantile(shape.examples, [0.005, 0.995]) for shape in shapes]
    values = np.concatenate(parts)
    values = values[np.isfinite(values)] if np.isfinite(values).any() else np.array([-1.0, 1.0])
    low, high = float(values.min()), float(values.max())
    air = 0.06 * max(high - low, 0.1)
    return [low - air, high + air]


def _faint(colour: str, alpha: float) -> str:
    red, green, blue = hex_to_rgb(colour)
    return f"rgba({red}, {green}, {blue}, {alpha})"
