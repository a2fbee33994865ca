"""How much of a figure hangs on each test recording."""

from collections.abc import Mapping
from html import escape
from typing import Final

import plotly.graph_objects as go

from ecgcore.plots.theme import Theme, style

_FEW: Final = 30  # recordings whose names have room in the usual size
_NAMED: Final = 2  # recordings whose figure is written at their bar


def weightiest(without: Mapping[str, float], whole: float) -> list[str]:
    """Return the recordings on which most hangs, the first before the others.

    ``without``: name → the figure of all the others together; ``whole``: of all.
    """
    return sorted(without, key=lambda name: -abs(without[name] - whole))[:_NAMED]


def record_dependence_figure(
    without: Mapping[str, float], whole: float, theme: Theme, *, figure_name: str = "macro F1"
) -> go.Figure:
    """Draw a bar a recording: the figure without it less the figure of all, in points.

    ``without``: name → the figure (0 to 1) of all the others together; ``whole``: of all. In the
    order of the recordings; the ones on which most hangs stand out and say their figure.
    """
    names = list(without)
    change = [100 * (without[name] - whole) for name in names]
    most = weightiest(without, whole)
    drawn = go.Figure(
        go.Bar(
            x=[escape(name) for name in names],
            y=change,
            marker={"color": [theme.alarm if name in most else theme.accent for name in names]},
            text=[f"{100 * without[name]:.1f}" if name in most else "" for name in names],
            textposition="outside",
            textangle=0,
            textfont={"size": 11},
            constraintext="none",  # else as narrow as its bar
            cliponaxis=False,
            customdata=[100 * without[name] for name in names],
            hovertemplate=(
                f"without %{{x}}: {escape(figure_name)} %{{customdata:.2f}} %"
                " (%{y:+.2f} points)<extra></extra>"
            ),
        )
    )
    style(drawn, theme, height=300, dragmode=False, bargap=0.3)
    drawn.add_hline(y=0, line={"color": theme.muted, "width": 1})
    drawn.update_xaxes(
        type="category",
        title_text="recording left out",
        fixedrange=True,
        ticks="",
        showgrid=False,
        dtick=1,  # each is named, upright where there is no room beside one another
        tickfont={"size": 11 if len(names) <= _FEW else 9},
    )
    drawn.update_yaxes(title_text=f"change of {escape(figure_name)}, points", fixedrange=True)
    return drawn
