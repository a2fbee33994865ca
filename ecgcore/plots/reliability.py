"""How far a confidence is right: the calibration curve."""

from collections.abc import Sequence

import plotly.graph_objects as go

from ecgcore.plots.theme import Theme, style


def reliability_figure(
    beats: Sequence[int], confidence: Sequence[float], accuracy: Sequence[float], theme: Theme
) -> go.Figure:
    """Draw the share that was right over the confidence, a point a bin; its size tells its beats.

    On the dotted line confidence and share agree; below it the network is too sure. Bins without
    beats are left out.
    """
    there = [k for k, count in enumerate(beats) if count]
    total = sum(beats)
    figure = go.Figure(
        go.Scatter(
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            line={"color": theme.muted, "dash": "dot", "width": 1},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[confidence[k] for k in there],
            y=[accuracy[k] for k in there],
            mode="lines+markers",
            line={"color": theme.accent, "width": 1.5},
            marker={
                "color": theme.accent,
                "size": [6 + 18 * (beats[k] / total) ** 0.5 for k in there],
                "line": {"color": theme.paper, "width": 1},
            },
            customdata=[(beats[k], beats[k] / total) for k in there],
            hovertemplate=(
                "claimed %{x:.1%}, right %{y:.1%}"
                "<br>%{customdata[0]:,} beats (%{customdata[1]:.1%})<extra></extra>"
            ),
            showlegend=False,
        )
    )
    style(figure, theme, height=280, dragmode=False)
    figure.update_xaxes(title_text="confidence", range=[0, 1.04], tickformat=".0%", fixedrange=True)
    figure.update_yaxes(
        title_text="share right", range=[0, 1.04], tickformat=".0%", fixedrange=True
    )
    return figure
