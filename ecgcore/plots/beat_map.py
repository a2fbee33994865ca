"""A map of beats: each a point in two dimensions, by class, errors as crosses."""

from html import escape

import numpy as np
import plotly.graph_objects as go

from ecgcore.compare.exemplars import Pool
from ecgcore.plots.theme import Theme, class_colour, style
from ecgcore.schema import DoubleArray, IntArray


def beat_map_figure(
    beats: Pool,
    rows: IntArray,
    place: DoubleArray,
    theme: Theme,
    *,
    axes: tuple[str, str],
    chosen: int | None = None,
    height: int = 400,
) -> go.Figure:
    """Draw beats (k,) at ``place`` (k, 2), coloured by their true class.

    ``rows`` are the beats' rows in the pool; ``chosen``, a row, is ringed where it is drawn. Each
    point's ``customdata`` is its row, which is what a lasso's selection holds. Right beats are
    dots, wrong ones crosses; WebGL, so that thousands stay smooth.
    """
    figure = go.Figure()
    truth, wrong = beats.truth[rows], beats.truth[rows] != beats.label[rows]
    many = len(beats.classes) > 8
    # Of one record its name is said once: a text for every beat is half of what is sent.
    there = np.unique(beats.record[rows])
    said = f"{escape(beats.records[int(there[0])])}, beat " if there.size == 1 else ""
    for bad in (False, True):
        for k, name in enumerate(beats.classes):
            here = np.flatnonzero((truth == k) & (wrong == bad))
            if not here.size:
                continue
            figure.add_trace(
                go.Scattergl(
                    x=place[here, 0].astype(np.float32),
                    y=place[here, 1].astype(np.float32),
                    mode="markers",
                    name=escape(f"{name}, wrong" if bad else name),
                    customdata=rows[here].astype(np.int32),
                    text=_texts(beats, rows[here], bad, whole=there.size > 1),
                    hovertemplate=f"{said}%{{text}}{'' if bad else escape(f': {name}, right')}"
                    "<extra></extra>",
                    showlegend=not many,
                    marker={
                        "color": class_colour(name, beats.classes),
                        "symbol": "x-thin-open" if bad else "circle",
                        "size": 5 if bad else 4,
                        "opacity": 0.8 if bad else 0.5,
                        "line": {"width": 1.2, "color": class_colour(name, beats.classes)}
                        if bad
                        else {"width": 0},
                    },
                )
            )
    at = np.flatnonzero(rows == chosen) if chosen is not None else np.empty(0, np.int64)
    if at.size:
        figure.add_trace(
            go.Scattergl(
                x=place[at, 0],
                y=place[at, 1],
                mode="markers",
                name="shown below",
                hoverinfo="skip",
                marker={
                    "symbol": "circle-open",
                    "size": 18,
                    "line": {"width": 2.5, "color": theme.text},
                    "color": theme.text,
                },
            )
        )
    style(figure, theme, height=height, dragmode="lasso", uirevision="map")
    figure.update_layout(
        legend={"itemsizing": "constant", "font": {"size": 11}}, modebar={"orientation": "v"}
    )
    for update, title in ((figure.update_xaxes, axes[0]), (figure.update_yaxes, axes[1])):
        update(title_text=title, showgrid=False, zeroline=False)
    return figure


def _texts(beats: Pool, rows: IntArray, wrong: bool, whole: bool) -> list[str]:
    """Return what hovers over each beat: its number, the record where there are several (``whole``)
    and, of wrong ones, both classes; of right ones the class is the trace's.
    """
    texts = [str(int(beats.beat[row])) for row in rows]
    if whole:
        named = [beats.records[int(beats.record[row])] for row in rows]
        texts = [f"{name}, beat {text}" for name, text in zip(named, texts, strict=True)]
    if wrong:
        classes = [
            f": {beats.classes[int(beats.truth[row])]} → {beats.classes[int(beats.label[row])]}"
            for row in rows
        ]
        texts = [text + both for text, both in zip(texts, classes, strict=True)]
    return [escape(text) for text in texts]
