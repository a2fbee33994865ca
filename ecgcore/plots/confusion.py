"""The confusion matrix as a figure whose cells can be clicked."""

from dataclasses import replace
from html import escape

import numpy as np
import plotly.graph_objects as go

from ecgcore.compare.confusion import Confusion
from ecgcore.plots.theme import Theme, blend, readable_on, style

_ROOMY = 8  # up to so many classes a cell has room for its share under its count


def confusion_figure(
    matrix: Confusion, theme: Theme, *, chosen: tuple[str, str] | None = None, height: int = 420
) -> go.Figure:
    """Draw rows of true and columns of predicted classes, coloured by the share of the row.

    Cells without beats stay empty. Trace ``cells`` holds one invisible marker a cell with beats,
    so that a click selects it; its ``customdata`` is (true class, predicted class). ``chosen``
    (true, predicted) is framed. Beyond eight classes, rows without beats are left out.
    """
    matrix = _with_beats(matrix)
    rows, columns = matrix.counts.shape
    roomy = max(rows, columns) <= _ROOMY
    share = np.where(matrix.counts > 0, matrix.share, np.nan)
    figure = go.Figure(
        go.Heatmap(
            z=share,
            x=list(range(columns)),
            y=list(range(rows)),
            zmin=0,
            zmax=1,
            colorscale=[[0, _faint(theme)], [1, theme.accent]],
            xgap=2,
            ygap=2,
            hoverinfo="skip",
            showscale=not roomy,  # where the shares are written, the colours need no scale
            colorbar={
                "title": {"text": "share of<br>the true class", "font": {"size": 11}},
                "tickformat": ".0%",
                "thickness": 10,
                "outlinewidth": 0,
                "len": 0.9,
            },
        )
    )
    figure.add_traces(_texts(matrix, theme, roomy=roomy))
    figure.add_trace(_cells(matrix, height))
    if chosen and chosen[0] in matrix.truths and chosen[1] in matrix.classes:
        x, y = matrix.classes.index(chosen[1]), matrix.truths.index(chosen[0])
        box = {"x0": x - 0.48, "x1": x + 0.48, "y0": y - 0.48, "y1": y + 0.48}
        figure.add_shape(type="rect", **box, line={"color": theme.alarm, "width": 3})
    style(figure, theme, height=height, showlegend=False, dragmode=False)
    small = {"size": 13 if columns <= _ROOMY else 10}
    figure.update_xaxes(
        title={"text": "predicted (colour: share of the true class)", "standoff": 12},
        automargin=True,
        tickvals=list(range(columns)),
        ticktext=[escape(name) for name in matrix.classes],
        tickfont=small,
        range=[-0.5, columns - 0.5],
        showgrid=False,
        ticks="",
        fixedrange=True,
    )
    figure.update_yaxes(
        title={"text": "true", "standoff": 8},
        automargin=True,
        tickvals=list(range(rows)),
        ticktext=[escape(name) for name in matrix.truths],
        tickfont=small,
        range=[rows - 0.5, -0.5],
        showgrid=False,
        ticks="",
        fixedrange=True,
    )
    return figure


def _with_beats(matrix: Confusion) -> Confusion:
    """Return ``matrix`` without its empty rows where it is large and has any beat at all."""
    filled = matrix.counts.sum(axis=1) > 0
    if max(matrix.counts.shape) <= _ROOMY or not filled.any():
        return matrix
    truths = tuple(name for name, some in zip(matrix.truths, filled, strict=True) if some)
    return replace(matrix, truths=truths, counts=matrix.counts[filled])


def _texts(matrix: Confusion, theme: Theme, *, roomy: bool) -> list[go.Scatter]:
    """Return each cell's count, with its share where there is room, in ink that reads there.

    A trace for each ink: Plotly's own choice in a heat map is grey on the middle blues.
    """
    inks: dict[str, list[tuple[int, int, str]]] = {}
    for row, column in zip(*np.nonzero(matrix.counts), strict=True):
        n, share = int(matrix.counts[row, column]), float(matrix.share[row, column])
        small = f"<br><span style='font-size:0.8em'>{_percent(share)}</span>"
        ink = readable_on(blend(_faint(theme), theme.accent, share))
        inks.setdefault(ink, []).append(
            (int(column), int(row), f"{n:,}{small}" if roomy else f"{n}")
        )
    found = []
    for ink, cells in inks.items():
        x, y, text = zip(*cells, strict=True)
        same = {"textfont": {"color": ink}}  # a selection must not fade it
        font = {"size": 14 if roomy else 10, "color": ink}
        found.append(
            go.Scatter(
                name="shares", x=x, y=y, text=text, mode="text", textfont=font,
                hoverinfo="skip", selected=same, unselected=same,
            )
        )  # fmt: skip
    return found


def _cells(matrix: Confusion, height: int) -> go.Scatter:
    """Return the invisible markers that a click selects: Plotly can't select a heat map's cells."""
    rows, columns = np.nonzero(matrix.counts)
    truths, classes = np.array(matrix.truths)[rows], np.array(matrix.classes)[columns]
    counts = matrix.counts[rows, columns].astype(str)
    return go.Scatter(
        name="cells",
        x=columns,
        y=rows,
        mode="markers",
        customdata=np.stack([truths, classes, counts], axis=1),
        text=[
            escape(f"true {truth}, predicted {label}: {count} beats")
            for truth, label, count in zip(truths, classes, counts, strict=True)
        ],
        hovertemplate="%{text}<br>click to list them<extra></extra>",
        marker={
            "symbol": "square",
            "size": 0.9 * (height - 72) / max(1, *matrix.counts.shape),
            "opacity": 0,
        },
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
    )


def _percent(share: float) -> str:
    if 0 < share < 0.001:
        return "< 0.1 %"
    return f"{100 * share:.1f} %"


def _faint(theme: Theme) -> str:
    """Return the colour of a share next to none."""
    return blend(theme.paper, theme.accent, 0.08)
