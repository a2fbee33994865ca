"""A batch in pictures: which recordings stand out, by their beats, their rhythm, their signal."""

from html import escape
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from ecgcore.aami import AAMI_CLASSES
from ecgcore.plots.theme import Theme, class_colour, style

MOST: Final = 40  # recordings in one figure of bars: more can't be read
_REASONS: Final = {
    "missing_s": "missing",
    "flat_s": "flat",
    "saturated_s": "at the limit of the range",
    "calibration_s": "calibration signal",
    "noisy_s": "noisy",
}


def classes_figure(summary: pd.DataFrame, theme: Theme) -> go.Figure | None:
    """Draw each recording's share of beats by predicted class but N, the largest shares first.

    None where beats were not classified by AAMI classes. Of more than MOST recordings those with
    the largest shares are drawn.
    """
    names = [name for name in AAMI_CLASSES if name != "N" and f"beats_{name}" in summary]
    if not names or "beats_N" not in summary:
        return None
    counts = summary[[f"beats_{name}" for name in names]].set_axis(names, axis=1)
    share = counts.div(summary["beats"], axis=0).assign(record=summary["record"]).dropna()
    ranked = share.assign(total=share[names].sum(axis=1))
    ranked = ranked.sort_values("total", ascending=False, kind="stable").head(MOST)
    figure = go.Figure(
        [
            go.Bar(
                x=[escape(name) for name in ranked["record"]],
                y=ranked[name],
                name=name,
                marker={"color": class_colour(name)},
                hovertemplate=f"%{{x}}: %{{y:.1%}} {name}<extra></extra>",
            )
            for name in names
        ]
    )
    style(figure, theme, height=300, dragmode=False, barmode="stack", bargap=0.25)
    _by_recording(figure)
    figure.update_yaxes(
        title_text="share of beats", tickformat=".0%", fixedrange=True, rangemode="tozero"
    )
    return figure


def rhythm_figure(summary: pd.DataFrame, theme: Theme) -> go.Figure | None:
    """Draw a point a recording: heart rate against SDNN; None without the step "rr"."""
    if "sdnn_ms" not in summary:
        return None
    there = summary.dropna(subset=["mean_hr_per_min", "sdnn_ms"])
    figure = go.Figure(
        go.Scattergl(
            x=there["mean_hr_per_min"],
            y=there["sdnn_ms"],
            mode="markers",
            marker={"color": theme.accent, "size": 7, "opacity": 0.7},
            text=[escape(name) for name in there["record"]],
            hovertemplate="%{text}: %{x:.0f} /min, SDNN %{y:.0f} ms<extra></extra>",
        )
    )
    style(figure, theme, height=300, dragmode=False)
    figure.update_xaxes(title_text="heart rate (1/min)", fixedrange=True)
    figure.update_yaxes(title_text="SDNN (ms)", fixedrange=True, rangemode="tozero")
    return figure


def quality_figure(summary: pd.DataFrame, theme: Theme) -> go.Figure | None:
    """Draw how long the recordings' lead can't be trusted, and why; None where it always can."""
    there = [name for name in _REASONS if name in summary]
    seconds = summary[there].fillna(0.0)
    worst = seconds.sum(axis=1).sort_values(ascending=False, kind="stable").head(MOST)
    worst = worst[worst > 0]
    if worst.empty:
        return None
    figure = go.Figure(
        [
            go.Bar(
                x=[escape(name) for name in summary["record"][worst.index]],
                y=seconds[name][worst.index],
                name=_REASONS[name],
                marker={"color": class_colour(name, tuple(_REASONS))},
                hovertemplate=f"%{{x}}: %{{y:.1f}} s {_REASONS[name]}<extra></extra>",
            )
            for name in there
            if seconds[name].any()
        ]
    )
    style(figure, theme, height=300, dragmode=False, barmode="stack", bargap=0.25, showlegend=True)
    _by_recording(figure)
    figure.update_yaxes(title_text="not to be trusted (s)", fixedrange=True, rangemode="tozero")
    return figure


def _by_recording(figure: go.Figure) -> None:
    figure.update_xaxes(
        type="category", title_text="recording", fixedrange=True, ticks="", showgrid=False
    )
