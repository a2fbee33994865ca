"""The confusion matrix that is clicked, and the beat that is looked at."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from ecgcore.compare.cells import Cell, beats_in, cell_of, cells
from ecgcore.compare.exemplars import BeatRef
from ecgcore.compare.filters import apply_filter, to_text
from ecgcore.compare.summary import Summary
from ecgcore.plots.confusion import confusion_figure
from ecgcore.plots.theme import Theme
from ecgcore.ui.beat_browser import go, listing, ordered, wanted_filter
from ecgcore.ui.errors import instead
from ecgcore.ui.state import set_view, view
from ecgcore.ui.text import counted


def chosen_beat(
    summary: Summary, table: pd.DataFrame, among: tuple[str, pd.Index] | None = None
) -> BeatRef:
    """Return the beat of the View where it is in the set, else the first that is listed by its
    filter or ``among`` some, else the first of the View's cell, else the most confidently wrong.
    """
    beat = view().beat
    record = view().record or next(iter(summary.predictions))
    if beat is not None:
        ref = BeatRef(record=record, beat=beat)
        if cell_of(summary.table, ref) is not None:
            return ref
        part = summary.predictions.get(record)
        if part is not None and beat >= len(part.peaks):
            instead(
                f"{record} has no beat {beat:,}; its beats are 0 to {len(part.peaks) - 1:,}. "
                "Another one is shown instead."
            )
        elif part is not None:
            instead(
                f"Beat {beat:,} of {record} is outside the checkpoint's test, or has no class; "
                "another one is shown instead."
            )
    wanted = wanted_filter()
    if wanted is not None or among is not None:
        found = listing(table, ("", ""), among)
        if len(found.rows):
            return found.ref(0)
    there = cells(summary.matrix, summary.table)
    truth, _, label = view().cell.partition(">")
    if view().cell and (truth, label) not in there:
        instead(
            f"The matrix has no cell {view().cell!r} with beats; the largest error is shown "
            "instead."
        )
    return _first(summary, (truth, label) if (truth, label) in there else next(iter(there)))


def matrix_picker(summary: Summary, table: pd.DataFrame, cell: Cell, theme: Theme) -> None:
    """Draw the matrix; a click, or the select box below it, goes to a cell's first beat."""
    there = cells(summary.matrix, summary.table)

    def clicked() -> None:
        points = st.session_state["matrix"].selection.points
        if points:
            truth, label, *_ = points[0]["customdata"]
            if (truth, label) in there:
                _open(summary, table, (truth, label))

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
        on_change=lambda: _open(summary, table, st.session_state["pick_cell"]),
        label_visibility="collapsed",
    )


def _open(summary: Summary, table: pd.DataFrame, cell: Cell) -> None:
    """List a cell and go to its first beat; what else the filter asks stays where it can."""
    wanted = wanted_filter()
    if wanted is not None and wanted.beyond_cell:
        narrowed = replace(wanted, true=(cell[0],), predicted=(cell[1],))
        rows = ordered(apply_filter(table, narrowed), view().sort)
        if not rows.empty:
            first = rows.iloc[0]
            set_view(where=to_text(narrowed), record=str(first["record"]), beat=int(first["beat"]))
            return
    set_view(where="")
    go(_first(summary, cell))


def _first(summary: Summary, cell: Cell) -> BeatRef:
    row = beats_in(summary.table, cell).iloc[0]
    return BeatRef(record=str(row["record"]), beat=int(row["beat"]))
