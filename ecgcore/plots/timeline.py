"""The classes of a whole recording's beats: what was predicted, and where it was wrong."""

from html import escape

import numpy as np
import plotly.graph_objects as go

from ecgcore.plots.theme import Theme, class_colour, style
from ecgcore.schema import BoolArray, DoubleArray, Predictions, StrArray

_BINS = 1000  # beats of a lane closer together than this share of the recording are one mark


def timeline_figure(
    predictions: Predictions, theme: Theme, *, beat: int | None = None
) -> go.Figure:
    """Draw a lane a predicted class over the recording's time; wrong beats are crosses.

    The markers' ``customdata`` is the beat's index, so that a click can open it. ``beat`` is
    pointed out by a line. Beats without usable signal are left out.
    """
    time = predictions.peaks.sample / predictions.peaks.fs
    label = predictions.label
    truth = predictions.truth
    wrong: BoolArray = predictions.usable & (
        np.zeros(len(label), dtype=np.bool_)
        if truth is None
        else ((truth != "") & (truth != label))
    )
    classes = tuple(name for name in predictions.classes if name in set(label.tolist()))
    figure = go.Figure()
    for lane, name in enumerate(classes):
        here = (label == name) & predictions.usable
        right = _thinned(np.flatnonzero(here & ~wrong), time)
        figure.add_trace(
            go.Scattergl(
                x=time[right].astype(np.float32),
                y=np.full(right.size, lane, dtype=np.int8),
                mode="markers",
                marker={
                    "symbol": "line-ns-open",
                    "size": 11,
                    "color": class_colour(name, predictions.classes),
                },
                customdata=right.astype(np.int32),
                hovertemplate=f"beat %{{customdata}} · {escape(name)}"
                " · %{x:.1f} s<extra></extra>",
                showlegend=False,
            )
        )
    _wrong(figure, predictions, wrong, classes, time, theme)
    if beat is not None:
        figure.add_vline(x=float(time[beat]), line={"color": theme.accent, "width": 1.5})
    style(figure, theme, height=86 + 26 * max(1, len(classes)), dragmode=False)
    figure.update_xaxes(
        title_text="time (s)", range=[0, predictions.header.duration], showgrid=False
    )
    figure.update_yaxes(
        tickvals=list(range(len(classes))),
        ticktext=[
            f"{escape(name)} · {int(((label == name) & predictions.usable).sum()):,}"
            for name in classes
        ],
        range=[len(classes) - 0.4, -0.6],
        fixedrange=True,
        ticks="",
        automargin=True,
    )
    figure.update_layout(margin={"t": 26, "b": 42}, legend={"x": 1, "xanchor": "right"})
    return figure


def _wrong(
    figure: go.Figure,
    predictions: Predictions,
    wrong: BoolArray,
    classes: tuple[str, ...],
    time: DoubleArray,
    theme: Theme,
) -> None:
    truth: StrArray | None = predictions.truth
    if truth is None or not wrong.any():
        return
    label = predictions.label
    lanes = [_thinned(np.flatnonzero(wrong & (label == name)), time) for name in classes]
    at = np.sort(np.concatenate(lanes))
    lane = np.array([classes.index(str(name)) for name in label[at]], dtype=np.int8)
    figure.add_trace(
        go.Scattergl(
            x=time[at].astype(np.float32),
            y=lane,
            mode="markers",
            name=f"{int(wrong.sum()):,} wrong",
            marker={"symbol": "x", "size": 6, "color": theme.alarm, "opacity": 0.75},
            customdata=at.astype(np.int32),
            text=[escape(f"{truth[k]} → {label[k]}") for k in at],
            hovertemplate="beat %{customdata} · %{text} · %{x:.1f} s<extra></extra>",
            showlegend=True,
        )
    )


def _thinned(index: np.ndarray, time: DoubleArray) -> np.ndarray:
    """Return of beats that would lie on one another only the first."""
    if not index.size:
        return index
    place = (time[index] / max(float(time[-1]), 1e-9) * _BINS).astype(np.int64)
    return index[np.unique(place, return_index=True)[1]]
