"""Where a checkpoint fails: the wrong beats of each test recording."""

from collections.abc import Mapping
from html import escape

import plotly.graph_objects as go

from ecgcore.plots.theme import Theme, style


def record_scores_figure(wrong: Mapping[str, tuple[int, int]], theme: Theme) -> go.Figure:
    """Draw a bar a recording, worst first; ``wrong``: name → (wrong beats, all beats)."""
    ranked = sorted(wrong.items(), key=lambda item: -item[1][0])
    total = sum(count for _, (count, _) in ranked)
    figure = go.Figure(
        go.Bar(
            x=[escape(name) for name, _ in ranked],
            y=[count for _, (count, _) in ranked],
            marker={"color": theme.accent},
            customdata=[
                (of, count / of, count / total if total else 0.0) for _, (count, of) in ranked
            ],
            hovertemplate=(
                "%{x}: %{y:,} of %{customdata[0]:,} beats wrong (%{customdata[1]:.1%}), "
                "%{customdata[2]:.0%} of all errors<extra></extra>"
            ),
        )
    )
    style(figure, theme, height=240, dragmode=False, bargap=0.3)
    figure.update_xaxes(
        type="category", title_text="test recording", fixedrange=True, ticks="", showgrid=False
    )
    most = max((count for _, (count, _) in ranked), default=0)
    figure.update_yaxes(
        title_text="wrong beats",
        fixedrange=True,
        rangemode="tozero",
        dtick=1 if most < 5 else None,  # there are no half beats
    )
    return figure
