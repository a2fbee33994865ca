"""The figures of a trust panel: what deletion and insertion do, and what a map agrees with."""

from html import escape
from typing import Final

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ecgcore.faithfulness.curves import share
from ecgcore.faithfulness.report import TrustReport
from ecgcore.plots.theme import Theme, style
from ecgcore.schema import DoubleArray

_BAND: Final = (0.05, 0.95)  # quantiles of the random orders


def curves_figure(report: TrustReport, theme: Theme, *, method: str) -> go.Figure:
    """Draw the target's probability over the share deleted (left) and inserted (right).

    ``method`` is the explainer's title. The band holds nine of ten random orders.
    """
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.09, shared_yaxes=True)
    percent = 100 * share()
    for column, name in ((1, "deletion"), (2, "insertion")):
        random, first = getattr(report.random, name), column == 1
        low, high = np.quantile(random, _BAND, axis=0)
        figure.add_trace(_band(percent, low, high, theme, show=first), row=1, col=column)
        lines = (
            ("random, mean", random.mean(axis=0), theme.muted, "dot", 1.4),
            ("by energy", getattr(report.energy, name)[0], theme.text, "dash", 1.4),
            (method, getattr(report.map, name)[0], theme.accent, "solid", 2.6),
        )
        for label, curve, colour, dash, width in lines:
            figure.add_trace(
                go.Scatter(
                    x=percent,
                    y=curve,
                    mode="lines",
                    name=escape(label),
                    line={"color": colour, "dash": dash, "width": width},
                    showlegend=first,
                    hovertemplate=f"{escape(label)}<br>%{{x:.0f}} % · %{{y:.3f}}<extra></extra>",
                ),
                row=1,
                col=column,
            )
        figure.update_xaxes(
            title_text="deleted, the map's first (%)" if first else "inserted, the map's first (%)",
            range=[0, 100],
            fixedrange=True,
            row=1,
            col=column,
        )
    style(figure, theme, height=300, dragmode=False)
    figure.update_yaxes(range=[-0.03, 1.03], fixedrange=True)
    figure.update_yaxes(title_text=f"probability of {escape(report.target)}", row=1, col=1)
    return figure


def _band(
    percent: DoubleArray, low: DoubleArray, high: DoubleArray, theme: Theme, *, show: bool
) -> go.Scatter:
    return go.Scatter(
        x=np.concatenate([percent, percent[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        fill="toself",
        fillcolor=theme.band,
        line={"width": 0},
        mode="lines",
        name="9 of 10 random orders",
        hoverinfo="skip",
        showlegend=show,
    )


def checks_figure(report: TrustReport, theme: Theme, *, titles: dict[str, str]) -> go.Figure:
    """Draw the rank correlations: over randomised layers (left), with other maps (right).

    ``titles``: what the other methods are called.
    """
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.22, column_widths=[0.42, 0.58])
    randomised = [0.0, *(100 * part for part, _ in report.cascade)]
    alike = [1.0, *(value for _, value in report.cascade)]
    figure.add_trace(
        go.Scatter(
            x=randomised,
            y=alike,
            mode="lines+markers",
            line={"color": theme.accent, "width": 2.2},
            marker={"size": 7},
            showlegend=False,
            hovertemplate="%{x:.0f} % of the layers randomised · %{y:.2f}<extra></extra>",
        ),
        row=1,
        col=1,
    )
    others = sorted(report.methods.items(), key=lambda pair: np.nan_to_num(pair[1], nan=-2))
    rows = [(titles.get(name, name), value) for name, value in others]
    rows = [(f"{name} (same method)", value) for name, value in report.seeds.items()] + rows
    figure.add_trace(
        go.Bar(
            x=[value for _, value in rows],
            y=[escape(name) for name, _ in rows],
            orientation="h",
            marker={"color": [theme.accent if v >= 0 else theme.muted for _, v in rows]},
            showlegend=False,
            text=["not defined" if np.isnan(v) else f"{v:.2f}".replace("-", "−") for _, v in rows],
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
        ),
        row=1,
        col=2,
    )
    style(figure, theme, height=max(280, 110 + 24 * len(rows)), dragmode=False)
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    figure.update_xaxes(title_text="layers randomised, last first (%)", row=1, col=1)
    figure.update_yaxes(title_text="rank correlation", range=[-1.05, 1.05], row=1, col=1)
    figure.update_xaxes(title_text="rank correlation with", range=[-1.15, 1.3], row=1, col=2)
    figure.update_yaxes(automargin=True, ticks="", showgrid=False, row=1, col=2)
    figure.add_hline(y=0, line={"color": theme.muted, "width": 1}, row=1, col=1)
    return figure
