"""The map of a set's beats, where a lasso or a box chooses what is listed."""

from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from ecgcore.background import Report
from ecgcore.compare.exemplars import BeatRef, Pool
from ecgcore.compare.gather import GatherKey
from ecgcore.compare.projection import MOST, chosen_beats, tsne
from ecgcore.compare.summary import Summary
from ecgcore.plots.beat_map import beat_map_figure
from ecgcore.plots.theme import Theme
from ecgcore.schema import DoubleArray, IntArray
from ecgcore.ui import model_cache
from ecgcore.ui.background import result_of
from ecgcore.ui.beat_browser import go
from ecgcore.ui.errors import instead
from ecgcore.ui.state import set_view, view
from ecgcore.ui.text import counted

_KINDS: Final = {"pca": "Principal components", "tsne": "t-SNE"}
_CONFIG: Final = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["toImage", "autoScale2d"],
    "scrollZoom": True,
}


def beat_map(key: GatherKey, summary: Summary, ref: BeatRef, theme: Theme) -> None:
    """Draw the map; a lasso or a box lists its beats, a click goes to one."""
    beats = summary.pool
    kind = view().projection if view().projection in _KINDS else "pca"
    if view().projection not in ("", *_KINDS):
        instead(f"There is no map {view().projection!r}; {_KINDS[kind]} are shown instead.")
    st.session_state["pick_projection"] = kind
    st.segmented_control(
        "Map",
        list(_KINDS),
        format_func=_KINDS.__getitem__,
        key="pick_projection",
        on_change=lambda: set_view(
            projection="" if st.session_state["pick_projection"] != "tsne" else "tsne"
        ),
        label_visibility="collapsed",
    )
    found = _tsne(key, beats) if kind == "tsne" else _principal(key, beats)
    if found is None:
        return
    rows, place, axes = found
    widget = _widget(key, kind)

    def selected() -> None:
        points = st.session_state[widget].selection.points
        if len(points) == 1:  # a click
            go(_ref(beats, int(points[0]["customdata"])))

    st.plotly_chart(
        beat_map_figure(beats, rows, place, theme, axes=axes, chosen=_row(beats, ref)),
        theme=None,
        config=_CONFIG,
        key=widget,
        on_select=selected,
        selection_mode=("points", "lasso", "box"),
        alt="Every beat as a point, near those the network sees alike; wrong ones are crosses",
    )
    st.caption(
        f"{counted(len(rows), 'beat')}"
        + (" (all errors that fit, and right ones of each class)" * (len(rows) < len(beats.beat)))
        + "; colour: true class, cross: wrong. Draw a lasso or a box to list its beats, "
        "double-click to let go. "
        + (
            "t-SNE keeps neighbours together; how far groups lie apart, and how large they look, "
            "says nothing."
            if kind == "tsne"
            else "Two directions of many: what lies together here may be apart in others."
        )
    )


def picked_beats(
    key: GatherKey, summary: Summary, table: pd.DataFrame
) -> tuple[str, pd.Index] | None:
    """Return what the map's lasso holds, in words and as the table's rows; None without one."""
    if view().pane != "map":
        return None
    kind = view().projection if view().projection in _KINDS else "pca"
    state: Any = st.session_state.get(_widget(key, kind))
    points = state.selection.points if state else []
    rows = [int(point["customdata"]) for point in points if "customdata" in point]
    if len(rows) < 2:  # a click, which goes to the beat
        return None
    beats = summary.pool
    wanted = pd.MultiIndex.from_arrays(
        [np.array(beats.records)[beats.record[rows]], beats.beat[rows]]
    )
    there = pd.MultiIndex.from_arrays([table["record"], table["beat"]])
    return f"the {len(rows):,} chosen on the map", table.index[there.isin(wanted)]


def _principal(key: GatherKey, beats: Pool) -> tuple[IntArray, DoubleArray, tuple[str, str]]:
    rows, place, share = model_cache.components(key, beats)
    first, second = (
        f"component {k + 1} ({100 * share[k]:.0f} % of the variance)" for k in range(2)
    )
    return rows, place, (first, second)


def _tsne(key: GatherKey, beats: Pool) -> tuple[IntArray, DoubleArray, tuple[str, str]] | None:
    def work(report: Report) -> tuple[IntArray, DoubleArray]:
        rows = chosen_beats(beats, MOST["tsne"])
        return rows, tsne(beats.embedding[rows], report)

    done = result_of(("tsne", key), work, what="t-SNE", name="tsne")
    return None if done is None else (*done, ("t-SNE 1 (no unit)", "t-SNE 2 (no unit)"))


def _widget(key: GatherKey, kind: str) -> str:
    """Return the chart's key: its own for each set, so that a lasso is never of another one."""
    return f"beat_map_{kind}_{abs(hash(key))}"


def _ref(beats: Pool, row: int) -> BeatRef:
    return BeatRef(record=beats.records[int(beats.record[row])], beat=int(beats.beat[row]))


def _row(beats: Pool, ref: BeatRef) -> int | None:
    if ref.record not in beats.records:
        return None
    here = (beats.record == beats.records.index(ref.record)) & (beats.beat == ref.beat)
    at = np.flatnonzero(here)
    return int(at[0]) if at.size else None
