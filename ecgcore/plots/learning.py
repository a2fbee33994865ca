"""How trainings went: loss and the held-out patients' F1 over the epochs."""

from collections.abc import Sequence
from html import escape
from typing import Final

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ecgcore.jobs.curves import LearningCurves, Points
from ecgcore.plots.theme import Theme, class_colour, style

_DASHES: Final = ("solid", "dot", "dash", "longdash", "dashdot", "longdashdot")


def learning_figure(
    runs: Sequence[LearningCurves], theme: Theme, *, height: int = 340
) -> go.Figure:
    """Draw loss (left) and F1 of held-out patients (right) over epochs.

    One run: its loss by stage, F1 by class in the class colours, their mean in the text's.
    Several: the last stage's loss and the mean F1 of each, a dash a run.
    """
    figure = make_subplots(
        cols=2, subplot_titles=("training loss", "F1 of held-out patients"), horizontal_spacing=0.09
    )
    alone = len(runs) == 1
    for number, run in enumerate(runs):
        dash = _DASHES[number % len(_DASHES)]
        colour = class_colour(run.name, tuple(one.name for one in runs))
        if alone:
            for place, (stage, points) in enumerate(run.loss.items()):
                _line(figure, 1, points, stage, theme.accent, _DASHES[place % len(_DASHES)])
            for label, points in run.f1.items():
                tone = class_colour(label, tuple(run.f1))
                _line(figure, 2, points, f"F1 of {label}", tone, "solid")
            _line(figure, 2, run.macro, "mean over classes", theme.text, "solid", width=3)
        else:
            for stage, points in list(run.loss.items())[-1:]:
                _line(figure, 1, points, f"{run.name}: {stage}", colour, dash)
            _line(figure, 2, run.macro, f"{run.name}: mean F1", colour, dash, width=2.5)
    style(figure, theme, height=height, dragmode=False, hovermode="x unified")
    figure.update_layout(legend={"y": -0.2, "yanchor": "top"}, margin={"b": 90})
    few = max((epoch for run in runs for p in run.loss.values() for epoch, _ in p), default=0) < 10
    for column in (1, 2):
        figure.update_xaxes(
            title_text="epoch",
            fixedrange=True,
            rangemode="tozero",
            dtick=1 if few else None,  # there are no half epochs
            col=column,
        )
        figure.update_yaxes(fixedrange=True, rangemode="tozero", col=column)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", col=2)
    return figure


def _line(
    figure: go.Figure,
    column: int,
    points: Points,
    name: str,
    colour: str,
    dash: str,
    width: float = 1.5,
) -> None:
    if not points:
        return
    figure.add_trace(
        go.Scatter(
            x=[epoch for epoch, _ in points],
            y=[value for _, value in points],
            name=escape(name),
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": width},
            marker={"size": 4, "color": colour},
            hovertemplate="%{y:.3f}",
        ),
        row=1,
        col=column,
    )
