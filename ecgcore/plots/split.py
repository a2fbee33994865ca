"""A decision as bars: what the waveform and each RR feature brought, above zero for the target."""

from html import escape
from typing import Final

import numpy as np
import plotly.graph_objects as go

from ecgcore.explain.split import Kind, Part, Split
from ecgcore.plots.theme import Theme, named_rows, style

_ROW = 24  # px
_KINDS: Final[tuple[tuple[Kind, str], ...]] = (
    ("morphology", "Morphology"),
    ("rhythm", "Rhythm"),
)


def split_figure(split: Split, theme: Theme, *, recorded: Split | None = None) -> go.Figure:
    """Draw one bar for all of the waveform, one for all of the rhythm, and the parts of each.

    Parts of the rhythm stand by size, with their value here and the usual one. ``recorded``: the
    decision as it was recorded, marked where ``split`` is of a changed rhythm.
    """
    rows = _rows(split)
    before = {key: value for key, _, value in _rows(recorded)} if recorded else {}
    names = [name for _, name, _ in rows]
    logits = np.array([value for _, _, value in rows])
    against, in_favour = theme.signed[0], theme.signed[-1]
    figure = go.Figure(
        go.Bar(
            x=logits,
            y=names,
            orientation="h",
            marker={
                "color": [in_favour if value >= 0 else against for value in logits],
                "opacity": [1.0 if name.startswith("<b>") else 0.6 for name in names],
            },
            hoverinfo="skip",
            showlegend=False,
        )
    )
    recorded_at = np.array([before.get(key, 0.0) for key, _, _ in rows])
    figure.add_trace(
        go.Scatter(  # right of the bar and of its mark
            x=np.maximum(np.maximum(logits, recorded_at), 0),
            y=names,
            mode="text",
            text=[f" {_signed(value)}" for value in logits],
            textposition="middle right",
            cliponaxis=False,
            hoverinfo="skip",
            showlegend=False,
        )
    )
    if before:
        figure.add_trace(
            go.Scatter(
                x=recorded_at,
                y=names,
                mode="markers",
                name="as recorded",
                marker={"symbol": "line-ns", "size": 15, "line": {"width": 2, "color": theme.text}},
                hovertemplate="as recorded %{x:+.2f}<extra></extra>",
            )
        )
    style(figure, theme, height=96 + _ROW * len(rows), dragmode=False, showlegend=bool(before))
    ends = np.concatenate([logits, recorded_at, [0.0]])
    reach = max(float(np.abs(ends).max()), 0.1)
    figure.update_xaxes(
        title_text=f"logits for {escape(split.target)}, from the reference's "
        f"{_signed(split.start)} to {_signed(split.score)}",
        range=[float(ends.min()) - 0.12 * reach, float(ends.max()) + 0.15 * reach],
        zeroline=True,
        zerolinecolor=theme.muted,
        fixedrange=True,
    )
    named_rows(figure)
    figure.update_layout(margin={"l": 8, "r": 16, "t": 24, "b": 48}, bargap=0.3)
    return figure


def _rows(split: Split) -> list[tuple[str, str, float]]:
    """Return (key, name as HTML, logits) from the top; a total's name is bold."""
    rows: list[tuple[str, str, float]] = []
    for kind, word in _KINDS:
        parts = [part for part in split.parts if part.kind == kind]
        rows.append((kind, f"<b>{word}</b>", split.total(kind)))
        if kind == "rhythm":
            parts.sort(key=lambda part: -abs(part.logits))
        if len(parts) > 1:
            rows += [(part.name, _label(part), part.logits) for part in parts]
    return rows


def _label(part: Part) -> str:
    if np.isnan(part.value):
        return escape(part.name)
    unit = f" {part.unit}" if part.unit else ""
    here, usual = _number(part.value), _number(part.usual)
    return f"{escape(part.name)} <i>{here}{unit}, usually {usual}{unit}</i>"


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")
