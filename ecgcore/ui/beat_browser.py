"""The list of a set's beats: what is asked of them, in which order, and the way through.

The filter and the order stand in the View, and so in the URL. Without a filter the cell of the
chosen beat is listed.
"""

from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from ecgcore.compare.exemplars import BeatRef
from ecgcore.compare.filters import (
    BeatFilter,
    apply_filter,
    from_text,
    misread,
    of_cell,
    to_text,
)
from ecgcore.ui.errors import instead
from ecgcore.ui.state import set_view, view
from ecgcore.ui.text import clock, counted, plain

MOST: Final = 2_000  # rows that a browser still scrolls smoothly; the first are kept
CONFIDENT: Final = "confident"
# Orders: name in the URL -> (what it is called, column, ascending).
ORDERS: Final[dict[str, tuple[str, str, bool]]] = {
    CONFIDENT: ("most confident first", "confidence", False),
    "unsure": ("least confident first", "confidence", True),
    "time": ("by recording and time", "", True),
    "early": ("shortest RR before first", "pre_rr", True),
    "noisy": ("noisiest first", "noise", False),
    "clean": ("cleanest first", "noise", True),
    "doubt": ("most doubtful label first", "doubt", False),
    "uncertain": ("most uncertain clusters first", "uncertainty", False),
}
# Columns of the list: (name in the table, head, format, width, help).
_NUMBERS: Final[tuple[tuple[str, str, str, int, str], ...]] = (
    ("confidence", "conf.", "%.3f", 56, "Confidence: probability of the predicted class."),
    ("margin", "margin", "%.3f", 58, "Confidence less that of the next likely class."),
    ("pre_rr", "pre-RR", "%.2f", 58, "Seconds from the beat before."),
    ("post_rr", "post-RR", "%.2f", 60, "Seconds to the beat after."),
    ("doubt", "doubt", "%.2f", 52, "How much likelier the other class is than the annotated."),
    ("noise", "noise", "%.3f", 58, "Signal above 25 Hz away from the QRS, in the lead's unit."),
    ("uncertainty", "unc.", "%.2f", 52, "Mean entropy of the clusters in time, 0 to 1."),
)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The beats that are listed, in order, and why these."""

    rows: pd.DataFrame
    wanted: BeatFilter
    explicit: bool  # whether somebody chose it; else it is the cell of the chosen beat
    among: str = ""  # of which beats these are chosen, where not of all: on the map, suspect

    def place(self, ref: BeatRef) -> int | None:
        """Return the place of a beat in the list, from 0, None where it is not in it."""
        here = (self.rows["record"] == ref.record) & (self.rows["beat"] == ref.beat)
        at = here.to_numpy().nonzero()[0]
        return int(at[0]) if at.size else None

    def ref(self, place: int) -> BeatRef:
        """Return the beat at a place."""
        row = self.rows.iloc[place]
        return BeatRef(record=str(row["record"]), beat=int(row["beat"]))


def wanted_filter() -> BeatFilter | None:
    """Return the filter in the View, None where nobody chose one."""
    return from_text(view().where) if view().where else None


def told_if_strange() -> None:
    """Say what of the filter and the order in the address means nothing."""
    for part in misread(view().where):
        instead(f"{part!r} in the address asks for no beats; the filter goes without it.")
    if view().sort and view().sort not in ORDERS:
        instead(f"There is no order {view().sort!r}; beats are in the usual one instead.")


def listing(
    table: pd.DataFrame, cell: tuple[str, str], among: tuple[str, pd.Index] | None = None
) -> Listing:
    """Return what is listed of ``table``: by the View's filter, else the ``cell``.

    ``among``: rows of the table, and what they are called, that stand in for the cell.
    """
    wanted = wanted_filter()
    base = of_cell(cell) if wanted is None and among is None else wanted or BeatFilter()
    rows = apply_filter(table, base)
    if among is not None:
        rows = rows[rows.index.isin(among[1])]
    return Listing(
        rows=ordered(rows, view().sort),
        wanted=base,
        explicit=wanted is not None,
        among="" if among is None else among[0],
    )


def usual_order(table: pd.DataFrame) -> str:
    """Return the name of the order without a choice: by doubt where labels are doubted."""
    return "doubt" if "doubt" in table else CONFIDENT


def ordered(rows: pd.DataFrame, order: str) -> pd.DataFrame:
    """Return rows in an order by its name; an unknown one, or of no column here, is the usual."""
    order = order if order in ORDERS else usual_order(rows)
    _, column, ascending = ORDERS[order]
    if order == "time":
        return rows.sort_values(["record", "beat"], kind="stable", ignore_index=True)
    if column not in rows:
        _, column, ascending = ORDERS[usual_order(rows)]
    return rows.sort_values(column, ascending=ascending, kind="stable", ignore_index=True)


def beat_list(found: Listing, ref: BeatRef) -> None:
    """Draw the list; a click on a row goes to that beat."""
    shown = found.rows.head(MOST)
    # A table of its own for each list: a row chosen in another one must not choose here.
    key = f"list_{abs(hash((to_text(found.wanted), view().sort, found.among, len(found.rows))))}"

    def clicked() -> None:
        picked = st.session_state[key].selection.rows
        if picked:
            go(found.ref(picked[0]))

    cell = found.wanted.cell
    columns = ["record", "beat", "time", *([] if cell else ["true", "predicted"])]
    numbers = [part for part in _NUMBERS if part[0] in shown]
    if cell is None:  # two columns more: the least told ones give way
        numbers = [part for part in numbers if part[0] not in ("margin", "post_rr")]
    if "doubt" in shown:
        numbers = [part for part in numbers if part[0] not in ("margin", "pre_rr", "post_rr")]
    words = [name for name in ("likely", "verdict", "pattern") if name in shown]
    if "verdict" in words and not shown["verdict"].any():
        words.remove("verdict")
    if words:  # room for them
        numbers = [part for part in numbers if part[0] not in ("margin", "post_rr")]
    at = shown["time"].map(clock).astype(str)  # of no beats it would be numbers
    st.dataframe(
        shown[[*columns, *(part[0] for part in numbers), *words]].assign(time=at),
        hide_index=True,
        height=min(346, 38 + 35 * max(1, len(shown))),
        key=key,
        on_select=clicked,
        selection_mode="single-row",
        column_config={
            "record": st.column_config.TextColumn("record", width=62),
            "beat": st.column_config.NumberColumn("beat", format="%d", width=54),
            "time": st.column_config.TextColumn("at", width=82 if at.str.len().max() > 8 else 60),
            "true": st.column_config.TextColumn("true", width=44),
            "predicted": st.column_config.TextColumn("pred.", width=44),
            "likely": st.column_config.TextColumn("likely", width=48),
            "verdict": st.column_config.TextColumn("verdict", width=72),
            "pattern": st.column_config.TextColumn("clusters", width=82),
            **{
                name: _number(head, form, width, about)
                for name, head, form, width, about in numbers
            },
        },
    )
    place = found.place(ref)
    what = (
        found.among
        if found.among
        else f"true {cell[0]} predicted {cell[1]}"
        if cell and not found.wanted.beyond_cell
        else "what is asked"
    )
    st.caption(
        plain(f"{counted(len(found.rows), 'beat')} of {what}")
        + (f", the first {MOST:,} listed" if len(found.rows) > MOST else "")
        + (f"; shown below: number {place + 1:,}" if place is not None else "")
        + ("; the beat shown below is not among them" if place is None else "")
        + ". Click a row's left edge to see the beat."
    )


def _number(head: str, form: str, width: int, about: str) -> ColumnConfig:
    return st.column_config.NumberColumn(head, format=form, width=width, help=about)


def stepper(found: Listing, ref: BeatRef) -> None:
    """Draw the buttons to the previous and the next beat of the list, for a row of buttons."""
    place = found.place(ref)
    for label, icon, key, step in (
        ("Previous", "skip_previous", "P", -1),
        ("Next", "skip_next", "N", 1),
    ):
        st.button(
            label,
            icon=f":material/{icon}:",
            shortcut=key,
            disabled=_beside(found, ref, step) is None,
            key=f"browse_{label}",
            on_click=_step,
            args=(found, ref, step),
        )
    if place is not None:
        st.markdown(f"**{place + 1:,}** of {len(found.rows):,}", width="content")


def _beside(found: Listing, ref: BeatRef, step: int) -> BeatRef | None:
    """Return the beat of the list after (+1) or before (−1) one, None where there is none.

    After one that is not in the list comes the first.
    """
    place = found.place(ref)
    wanted = (0 if step > 0 else -1) if place is None else place + step
    return found.ref(wanted) if 0 <= wanted < len(found.rows) else None


def _step(found: Listing, drawn: BeatRef, step: int) -> None:
    """Go on from where the View is by now: a key pressed while a page is drawn counts too."""
    now = view()
    here = drawn if now.beat is None else BeatRef(record=now.record, beat=now.beat)
    there = _beside(found, here if found.place(here) is not None else drawn, step)
    if there is not None:
        go(there)


def go(ref: BeatRef) -> None:
    """Look at a beat; for callbacks."""
    set_view(record=ref.record, beat=ref.beat)
