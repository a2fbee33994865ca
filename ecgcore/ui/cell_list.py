"""The confusion matrix that is clicked, and the list of the beats of its chosen cell."""

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from ecgcore.compare.cells import Cell, beats_in, cell_of, cells
from ecgcore.compare.exemplars import BeatRef
from ecgcore.compare.summary import Summary
from ecgcore.plots.confusion import confusion_figure
from ecgcore.plots.theme import Theme
from ecgcore.ui.state import set_view, view
from ecgcore.ui.text import clock, counted

_MOST = 2_000  # rows that a browser still scrolls smoothly; the most confident are kept


def chosen_beat(summary: Summary) -> BeatRef:
    """Return the beat of the View where it is in the set, else the first of the View's cell, else
    the most confidently wrong one.
    """
    beat = view().beat
    record = view().record or next(iter(summary.predictions))
    if beat is not None:
        ref = BeatRef(record=record, beat=beat)
        if cell_of(summary.table, ref) is not None:
            return ref
    there = cells(summary.matrix, summary.table)
    truth, _, label = view().cell.partition(">")
    return _first(summary, (truth, label) if (truth, label) in there else next(iter(there)))


def matrix_picker(summary: Summary, cell: Cell, theme: Theme) -> None:
    """Draw the matrix; a click, or the select box below it, goes to a cell's first beat."""
    there = cells(summary.matrix, summary.table)

    def clicked() -> None:
        points = st.session_state["matrix"].selection.points
        if points:
            truth, label, *_ = points[0]["customdata"]
            if (truth, label) in there:
                _go(_first(summary, (truth, label)))

    many = len(summary.matrix.classes) > 8
    filled = int(summary.matrix.counts.any(axis=1).sum())  # a large matrix draws only these rows
    height = min(560, 200 + 20 * filled) if many else 380
    st.plotly_chart(
        confusion_figure(summary.matrix, theme, chosen=cell, height=height),
        theme=None,
        config={"displayModeBar": False},
        key="matrix",
        on_select=clicked,
        selection_mode="points",
        alt="Confusion matrix: true classes in rows, predicted ones in columns",
    )
    st.session_state["pick_cell"] = cell
    st.selectbox(
        "Cell",
        list(there),
        key="pick_cell",
        format_func=lambda pair: (
            f"true {pair[0]}, predicted {pair[1]}: {counted(there[pair], 'beat')}"
        ),
        on_change=lambda: _go(_first(summary, st.session_state["pick_cell"])),
        label_visibility="collapsed",
    )


def beat_list(summary: Summary, cell: Cell, ref: BeatRef) -> None:
    """Draw the list of a cell's beats; a click on a row goes to that beat."""
    rows = beats_in(summary.table, cell)
    shown = rows.head(_MOST)
    key = f"cell_{cell[0]}_{cell[1]}"

    def clicked() -> None:
        picked = st.session_state[key].selection.rows
        if picked:
            row = shown.iloc[picked[0]]
            _go(BeatRef(record=str(row["record"]), beat=int(row["beat"])))

    st.dataframe(
        shown[["record", "beat", "time", "confidence", "margin", "pre_rr", "post_rr"]].assign(
            time=shown["time"].map(clock)
        ),
        hide_index=True,
        height=min(380, 38 + 35 * len(shown)),
        key=key,
        on_select=clicked,
        selection_mode="single-row",
        column_config={
            "record": st.column_config.TextColumn("record", width=56),
            "beat": st.column_config.NumberColumn("beat", format="%d", width=54),
            "time": st.column_config.TextColumn("at", width=60),
            "confidence": _number("conf.", "Confidence: probability of the predicted class.", 3),
            "margin": _number("margin", "Confidence less that of the next likely class.", 3),
            "pre_rr": _number("pre-RR", "Seconds from the beat before."),
            "post_rr": _number("post-RR", "Seconds to the beat after."),
        },
    )
    at = rows.index[(rows["record"] == ref.record) & (rows["beat"] == ref.beat)]
    st.caption(
        f"{counted(len(rows), 'beat')} of true {cell[0]} predicted {cell[1]}"
        + (f", the {_MOST:,} most confident listed" if len(rows) > _MOST else "")
        + (
            f"; shown below: number {int(at[0]) + 1} by confidence"
            if at.size and len(rows) > 1
            else ""
        )
        + ". Click a column's head to sort, a row's left edge to see the beat."
    )


def _number(label: str, about: str, decimals: int = 2) -> ColumnConfig:
    return st.column_config.NumberColumn(label, format=f"%.{decimals}f", width=58, help=about)


def _first(summary: Summary, cell: Cell) -> BeatRef:
    row = beats_in(summary.table, cell).iloc[0]
    return BeatRef(record=str(row["record"]), beat=int(row["beat"]))


def _go(ref: BeatRef) -> None:
    set_view(record=ref.record, beat=ref.beat)
