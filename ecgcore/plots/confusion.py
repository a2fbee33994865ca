"""The confusion matrix as a figure whose cells can be clicked."""

import numpy as np
import plotly.graph_objects as go

from ecgcore.compare.confusion import Confusion
from ecgcore.plots.theme import Theme, style

_ROOMY = 8  # up to so many classes a cell has room for its share under its count


def confusion_figure(
    matrix: Confusion, theme: Theme, *, chosen: tuple[str, str] | None = None, height: int = 420
) -> go.Figure:
    """Draw rows of true and columns of predicted classes, coloured by the share of the row.

    Cells without beats stay empty. Trace ``cells`` holds one invisible marker a cell with beats,
    so that a click selects it; its ``customdata`` is (true class, predicted class). ``chosen``
    (true, predicted) is framed.
    """
    rows, columns = matrix.counts.shape
    share = np.where(matrix.counts > 0, matrix.share, np.nan)
    figure = go.Figure(
        go.Heatmap(
            z=share,
            x=list(range(columns)),
            y=list(range(rows)),
            zmin=0,
            zmax=1,
            colorscale=[[0, theme.band], [1, theme.accent]],
            xgap=2,
            ygap=2,
            hoverinfo="skip",
            colorbar={
                "title": {"text": "share of<br>the true class", "font": {"size": 11}},
                "tickformat": ".0%",
                "thickness": 10,
                "outlinewidth": 0,
                "len": 0.9,
            },
        )
    )
    figure.add_trace(_cells(matrix, theme, height))
    if chosen and chosen[0] in matrix.truths and chosen[1] in matrix.classes:
        x, y = matrix.classes.index(chosen[1]), matrix.truths.index(chosen[0])
        box = {"x0": x - 0.48, "x1": x + 0.48, "y0": y - 0.48, "y1": y + 0.48}
        figure.add_shape(type="rect", **box, line={"color": theme.alarm, "width": 3})
    style(figure, theme, height=height, showlegend=False, dragmode=False)
    small = {"size": 13 if columns <= _ROOMY else 10}
    figure.update_xaxes(
        title="predicted",
        tickvals=list(range(columns)),
        ticktext=list(matrix.classes),
        tickfont=small,
        range=[-0.5, columns - 0.5],
        showgrid=False,
        ticks="",
        fixedrange=True,
    )
    figure.update_yaxes(
        title="true",
        tickvals=list(range(rows)),
        ticktext=[f"{t}" for t in matrix.truths],
        tickfont=small,
        range=[rows - 0.5, -0.5],
        showgrid=False,
        ticks="",
        fixedrange=True,
    )
    return figure


def _cells(matrix: Confusion, theme: Theme, height: int) -> go.Scatter:
    rows, columns = np.nonzero(matrix.counts)
    counts, share = matrix.counts[rows, columns], matrix.share[rows, columns]
    roomy = max(matrix.counts.shape) <= _ROOMY
    size = 0.7 * (height - 72) / max(1, len(matrix.truths))
    truths, classes = np.array(matrix.truths)[rows], np.array(matrix.classes)[columns]
    text = [
        f"{n:,}<br><span style='font-size:0.8em'>{_percent(part)}</span>" if roomy else f"{n}"
        for n, part in zip(counts, share, strict=True)
    ]
    return go.Scatter(
        name="cells",
        x=columns,
        y=rows,
        mode="markers+text",
        text=text,
        textposition="middle center",
        textfont={
            "size": 14 if roomy else 10,
            "color": ["#FFFFFF" if _dark(part, theme) else theme.text for part in share],
        },
        customdata=np.stack([truths, classes], axis=1),
        hovertemplate=(
            "true %{customdata[0]}, predicted %{customdata[1]}<br>%{meta} <extra></extra>"
        ),
        meta="click to list these beats",
        marker={"symbol": "square", "size": size, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}, "textfont": {"color": theme.text}},
    )


def _percent(share: float) -> str:
    if 0 < share < 0.001:
        return "< 0.1 %"
    return f"{100 * share:.1f} %"


def _dark(share: float, theme: Theme) -> bool:
    """Whether the cell's colour is dark enough for white text (the light theme's accent is)."""
    return theme.name == "light" and share > 0.55
