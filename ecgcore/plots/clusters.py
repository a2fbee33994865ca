"""Clusters in time: over the waveform, how unsure they are, and what each contributes."""

from html import escape

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ecgcore.clusters.stretch import ClusterStretch
from ecgcore.plots.heat import strip
from ecgcore.plots.theme import Theme, style
from ecgcore.schema import BoolArray, DoubleArray, FloatArray, IntArray

_PANELS = (3, 4, 5)  # mean waves beside one another: whichever leaves the fewest places empty
_RARE = 0.05  # of the beats: a cluster that is rarer at a point has no mean worth drawing
# Share of the beats, line width and opacity: more strengths would hardly be told apart.
_STRENGTHS = ((_RARE, 0.15, 2.5, 0.55), (0.15, 0.5, 3.5, 0.8), (0.5, 1.01, 4.5, 1.0))


def segmentation_figure(
    time: DoubleArray,
    trace: FloatArray,
    found: ClusterStretch,
    labels: tuple[str, ...],
    colours: tuple[str, ...],
    theme: Theme,
    *,
    window: tuple[float, float],
    axis: str,
) -> go.Figure:
    """Draw a stretch (n,) in the colours of its clusters, and its entropy as a strip below.

    ``time``: s from the chosen beat's R-peak, whose ``window`` is shaded; ``axis``: the lead and
    its unit.
    """
    figure = make_subplots(
        rows=2, cols=1, row_heights=[0.84, 0.16], shared_xaxes=True, vertical_spacing=0.05
    )
    figure.add_scatter(
        x=time, y=trace, mode="lines", line={"color": theme.muted, "width": 1},
        hoverinfo="skip", showlegend=False, row=1, col=1,
    )  # fmt: skip
    there = np.bincount(found.cluster[found.cluster >= 0], minlength=len(labels))
    for k, (label, colour) in enumerate(zip(labels, colours, strict=True)):
        figure.add_scatter(
            x=time,
            y=_only(trace, found.cluster == k),
            mode="lines",
            line={"color": colour, "width": 4},
            name=escape(label),
            hovertemplate=f"{escape(label)}<br>%{{x:.3f}} s · %{{y:.3f}}<extra></extra>",
            visible=True if there[k] else "legendonly",
            connectgaps=False,
            row=1,
            col=1,
        )
    colorbar = {
        "title": {"text": "entropy /<br>log K<br> ", "font": {"size": 11}},
        "thickness": 12, "outlinewidth": 0, "len": 0.62, "y": 0.0, "yanchor": "bottom",
        "tickvals": [0, 0.5, 1],
    }  # fmt: skip
    figure.add_trace(
        strip(time, found.entropy, theme, title="entropy / log K", scale=True, colorbar=colorbar),
        row=2,
        col=1,
    )
    figure.add_vrect(
        x0=window[0], x1=window[1], fillcolor=theme.band, line_width=0, layer="below", row=1, col=1
    )
    style(figure, theme, height=400)
    figure.update_xaxes(range=[float(time[0]), float(time[-1])])
    figure.update_xaxes(title_text="time from the R-peak (s)", row=2, col=1)
    figure.update_yaxes(title_text=escape(axis), row=1, col=1)
    quiet = {"showticklabels": False, "ticks": "", "showgrid": False, "fixedrange": True}
    figure.update_yaxes(**quiet, row=2, col=1)
    return figure


def cluster_bars(
    share: FloatArray,
    usual: FloatArray,
    contribution: FloatArray,
    labels: tuple[str, ...],
    colours: tuple[str, ...],
    theme: Theme,
    *,
    target: str,
) -> go.Figure:
    """Draw each cluster's share of the beat and its contribution to the log odds of ``target``.

    ``usual`` (K,): the recording's mean shares, marked on the bars of ``share`` (K,).
    """
    figure = make_subplots(
        rows=1, cols=2, shared_yaxes=True, horizontal_spacing=0.06,
        subplot_titles=(
            "share of the window (recording's mean)",
            f"contribution to the log odds of {escape(target)}",
        ),
    )  # fmt: skip
    names = [escape(label) for label in labels]
    common = {"y": names, "orientation": "h", "marker": {"color": list(colours)}}
    figure.add_bar(x=share, **common, hoverinfo="skip", row=1, col=1)
    figure.add_scatter(  # beyond bar and mark, whichever reaches further
        x=np.maximum(share, usual), y=names, mode="text",
        text=[f" {100 * x:.0f} % ({100 * m:.0f} %)" for x, m in zip(share, usual, strict=True)],
        textposition="middle right", cliponaxis=False, hoverinfo="skip", row=1, col=1,
    )  # fmt: skip
    figure.add_scatter(
        x=usual, y=names, mode="markers", hoverinfo="skip",
        marker={"symbol": "line-ns-open", "size": 14, "color": theme.text, "line": {"width": 2}},
        row=1, col=1,
    )  # fmt: skip
    figure.add_bar(
        x=contribution, **common, text=[_signed(x) for x in contribution],
        textposition="outside", cliponaxis=False, hoverinfo="skip", row=1, col=2,
    )  # fmt: skip
    style(figure, theme, height=90 + 26 * len(labels), showlegend=False, dragmode=False)
    figure.update_layout(margin={"l": 110, "t": 34, "b": 30})
    figure.update_annotations(font={"size": 13})
    figure.update_yaxes(autorange="reversed", showgrid=False, fixedrange=True)
    reach = max(float(np.abs(contribution).max()), 0.1) * 1.6
    largest = max(float(share.max()), float(usual.max()))
    figure.update_xaxes(range=[0, 1.55 * largest], tickformat=".0%", fixedrange=True, row=1, col=1)
    figure.update_xaxes(
        range=[-reach, reach], fixedrange=True, zeroline=True, zerolinecolor=theme.muted,
        row=1, col=2,
    )  # fmt: skip
    return figure


def mean_waves_figure(
    time: DoubleArray,
    waves: DoubleArray,
    mass: DoubleArray,
    labels: tuple[str, ...],
    colours: tuple[str, ...],
    theme: Theme,
    *,
    axis: str,
) -> go.Figure:
    """Draw, of each cluster, the recording's mean beat where the cluster is.

    Parameters: ``time`` (columns,), s from R; ``waves`` and ``mass`` (K, columns), see
    ``Patterns``. The line is as broad and opaque as the cluster is frequent there; the thin one is
    the mean of all beats.
    """
    wide = panels_beside(len(labels))
    rows = -(-len(labels) // wide)
    total = np.maximum(mass.sum(axis=0), 1e-9)
    whole = (np.nan_to_num(waves) * mass).sum(axis=0) / total
    figure = make_subplots(
        rows=rows, cols=wide, shared_xaxes=True, shared_yaxes="all",
        horizontal_spacing=0.015, vertical_spacing=0.16 / rows,
        subplot_titles=[escape(label) for label in labels],
    )  # fmt: skip
    for k, colour in enumerate(colours):
        place = {"row": k // wide + 1, "col": k % wide + 1}
        figure.add_scatter(
            x=time, y=whole, mode="lines", line={"color": theme.muted, "width": 1},
            hoverinfo="skip", **place,
        )  # fmt: skip
        often = mass[k] / total
        for low, high, width, opacity in _STRENGTHS:
            figure.add_scatter(
                x=time,
                y=_only(waves[k].astype(np.float32), (often >= low) & (often < high)),
                mode="lines",
                line={"color": colour, "width": width},
                opacity=opacity,
                hovertemplate="%{x:.3f} s · %{y:.3f}<extra></extra>",
                **place,
            )
        if (often < _RARE).all():
            figure.add_annotation(
                text="rare in this recording", x=0.5, y=0.06, xref="x domain", yref="y domain",
                showarrow=False, font={"color": theme.note}, **place,
            )  # fmt: skip
        if k + wide >= len(colours):  # the lowest of its column, whose times stand below it
            figure.update_xaxes(showticklabels=True, title_text="s from R", **place)
    style(figure, theme, height=60 + 150 * rows, showlegend=False, dragmode=False)
    figure.update_annotations(font={"size": 12})
    figure.update_xaxes(fixedrange=True, nticks=5)
    figure.update_yaxes(fixedrange=True, nticks=4)
    figure.update_yaxes(title_text=escape(axis), col=1)
    return figure


def panels_beside(count: int) -> int:
    """Return how many of ``count`` panels stand beside one another, with as few rows as can be."""
    offered = [wide for wide in _PANELS if wide <= count] or [count]
    return min(offered, key=lambda wide: (-count % wide, -(-count // wide)))


def count_figure(
    counts: IntArray,
    fidelity: DoubleArray,
    chosen: int,
    theme: Theme,
    *,
    names: DoubleArray | None = None,
) -> go.Figure:
    """Draw the criterion's curves over the number of clusters, the chosen one marked.

    ``names`` (n,): how well each number's names agree with the waves by position, where it counts.
    """
    figure = go.Figure()
    mark = [12 if k == chosen else 6 for k in counts]
    for word, values, dash in (("class", fidelity, "solid"), ("waves", names, "dot")):
        if values is not None:
            figure.add_trace(
                go.Scatter(
                    x=counts, y=values, mode="lines+markers", name=word,
                    line={"color": theme.trace, "width": 1, "dash": dash},
                    marker={
                        "size": mark,
                        "color": [theme.accent if k == chosen else theme.trace for k in counts],
                    },
                    hovertemplate=f"%{{x}} clusters, {word}: %{{y:.3f}}<extra></extra>",
                )
            )  # fmt: skip
    style(figure, theme, height=220, showlegend=names is not None, dragmode=False)
    figure.update_xaxes(title_text="number of clusters K", dtick=1, fixedrange=True)
    figure.update_yaxes(
        title_text="macro F1 of the forest" if names is None else "macro F1", fixedrange=True
    )
    return figure


def _signed(value: float) -> str:
    """Return ``+1.20``, ``−0.30`` or, of what rounds to nothing, ``0.00``."""
    said = f"{value:+.2f}".replace("-", "−")
    return "0.00" if said[1:] == "0.00" else said


def _only(values: FloatArray, mine: BoolArray) -> FloatArray:
    """Return the values of some points and of the one after each run, so that runs join."""
    joined = mine.copy()
    joined[1:] |= mine[:-1]
    return np.where(joined, values, np.float32(np.nan)).astype(np.float32)
