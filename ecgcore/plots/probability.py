"""A beat's probabilities as bars."""

from html import escape

import plotly.graph_objects as go

from ecgcore.plots.theme import Theme, class_colour, named_rows, style

_MOST = 6  # classes shown; with many people only the likeliest are worth a bar


def probability_figure(
    probability: dict[str, float],
    theme: Theme,
    *,
    truth: str = "",
    target: str = "",
    height: int = 220,
    recorded: dict[str, float] | None = None,
) -> go.Figure:
    """Draw one horizontal bar a class; the true class and the explained one are named.

    ``recorded``: the probabilities without what was changed, marked on the bars.
    With more than six classes only the six likeliest (and the true one and the target) stand.
    """
    classes = tuple(probability)
    ranked = sorted(classes, key=lambda name: -probability[name])
    shown = classes
    if len(classes) > _MOST:
        extra = [name for name in (truth, target) if name in probability]
        shown = tuple(dict.fromkeys([*ranked[:_MOST], *extra]))
    marks = {name: _mark(name, truth, target) for name in shown}
    figure = go.Figure(
        go.Bar(
            x=[probability[name] for name in shown],
            y=[f"{escape(name)}{marks[name]}" for name in shown],
            orientation="h",
            marker={"color": [class_colour(name, classes) for name in shown]},
            hoverinfo="skip",
        )
    )
    ends = {name: max(probability[name], (recorded or probability)[name]) for name in shown}
    figure.add_trace(
        go.Scatter(  # right of the bar and of its mark
            x=[ends[name] for name in shown],
            y=[f"{escape(name)}{marks[name]}" for name in shown],
            mode="text",
            text=[f" {100 * probability[name]:.1f} %" for name in shown],
            textposition="middle right",
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    if recorded is not None:
        figure.add_trace(
            go.Scatter(
                x=[recorded[name] for name in shown],
                y=[f"{escape(name)}{marks[name]}" for name in shown],
                mode="markers",
                marker={"symbol": "line-ns", "size": 18, "line": {"width": 2, "color": theme.text}},
                hovertemplate="as recorded %{x:.1%}<extra></extra>",
                cliponaxis=False,
            )
        )
    style(figure, theme, height=height, showlegend=False, dragmode=False)
    figure.update_layout(margin={"l": 8, "r": 44, "t": 8, "b": 46}, bargap=0.35)
    figure.update_xaxes(
        title={"text": "probability", "standoff": 12},
        range=[0, 1],
        tickformat=".0%",
        fixedrange=True,
    )
    named_rows(figure)
    return figure


def _mark(name: str, truth: str, target: str) -> str:
    said = [word for word, at in (("true", truth), ("explained", target)) if at == name]
    return f"<br><span style='font-size:10px'>{', '.join(said)}</span>" if said else ""
