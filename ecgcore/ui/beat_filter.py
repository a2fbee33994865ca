"""What is asked of the beats in the list, and their order."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from ecgcore.compare.filters import ANY, BeatFilter, to_text
from ecgcore.ui.beat_browser import ORDERS, Listing, usual_order
from ecgcore.ui.measured import Measured
from ecgcore.ui.state import set_view, view
from ecgcore.ui.text import counted

_RANGES: Final = (
    ("confidence", "Confidence", 0.01, 1.0),
    ("pre_rr", "RR before (s)", 0.01, 3.0),
    ("post_rr", "RR after (s)", 0.01, 3.0),
    ("noise", "Noise above 25 Hz (unit of the lead)", 0.001, 10.0),
    ("uncertainty", "Cluster uncertainty", 0.01, 1.0),
)
_CHOICES: Final = (
    ("record", "Record"),
    ("true", "True class"),
    ("predicted", "Predicted class"),
    ("pattern", "Clusters"),
)


def order_picker(table: pd.DataFrame) -> None:
    """Let choose the order of the list, among those that the table has a column for."""
    there = [name for name, (_, column, _) in ORDERS.items() if not column or column in table]
    usual = usual_order(table)
    there.sort(key=lambda name: name != usual)
    st.session_state["pick_sort"] = view().sort if view().sort in there else usual
    st.selectbox(
        "Order",
        there,
        key="pick_sort",
        format_func=lambda name: ORDERS[name][0],
        on_change=lambda: set_view(sort=_name(st.session_state["pick_sort"], usual)),
        label_visibility="collapsed",
        width=216,
    )


def _name(order: str, usual: str) -> str:
    """Return an order as the View holds it: nothing for the usual one, a name for any other."""
    return "" if order == usual else order


def filter_popover(beats: Measured, found: Listing) -> None:
    """Draw the button that opens the filter; what is changed there is written to the View."""
    wanted, table = found.wanted, beats.table
    asked = (
        sum(bool(getattr(wanted, column)) for column, _ in _CHOICES)
        + len(wanted.ranges)
        + wanted.wrong
    )
    label = f"Filter · {asked}" if found.explicit else "Filter"
    with st.popover(label, icon=":material/filter_alt:", width="content"):
        left, right = st.columns(2)
        for k, (column, title) in enumerate(_CHOICES):
            if column in table:
                with left if k % 2 == 0 else right:
                    _choice(column, title, _options(table, column), wanted)
        for column, title, step, most in _RANGES:
            if column in table:
                _range(column, title, step, most, table[column].to_numpy(), wanted)
        beats.button("filter")
        st.session_state["filter_wrong"] = wanted.wrong
        st.checkbox(
            "Only wrong beats",
            key="filter_wrong",
            on_change=lambda: _ask(replace(wanted, wrong=st.session_state["filter_wrong"])),
        )
        with st.container(horizontal=True):
            st.button(
                "All errors",
                on_click=lambda: _ask(BeatFilter(wrong=True)),
                help="Every wrong beat of the set, whatever its class.",
            )
            st.button(
                "Back to one cell",
                disabled=not found.explicit,
                on_click=lambda: set_view(where=""),
                help="List the cell of the confusion matrix that the shown beat is in.",
            )


def _options(table: pd.DataFrame, column: str) -> list[str]:
    known = table[table["true"] != ""]
    return sorted(known[column].dropna().unique().tolist())


def _choice(column: str, title: str, options: Sequence[str], wanted: BeatFilter) -> None:
    key = f"filter_{column}"
    there = [name for name in getattr(wanted, column) if name in options]
    st.session_state[key] = there

    def changed() -> None:
        _ask(wanted.with_choice(column, tuple(st.session_state[key])))

    st.multiselect(title, options, key=key, on_change=changed, placeholder="any")
    strange = len(getattr(wanted, column)) - len(there)
    if strange:
        st.caption(f"{counted(strange, 'name')} asked for, but not in this set.")


def _range(
    column: str, title: str, step: float, most: float, values: np.ndarray, wanted: BeatFilter
) -> None:
    """Draw a slider over what a column holds; both ends ask for nothing."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return
    low = math.floor(float(finite.min()) / step) * step
    high = min(most, math.ceil(float(finite.max()) / step) * step)
    if high - low < 2 * step:
        return
    asked = wanted.range_of(column)
    key = f"filter_{column}"
    bounds = max(low, min(asked[0], high)), max(low, min(asked[1], high))
    st.session_state[key] = bounds

    def changed() -> None:
        first, last = st.session_state[key]
        # An end of the slider is no bound: a pause beyond it is listed too.
        _ask(
            wanted.with_range(
                column,
                first if first > low + step / 2 else -math.inf,
                last if last < high - step / 2 else math.inf,
            )
        )

    decimals = 3 if step < 0.01 else 2
    st.slider(title, low, high, step=step, key=key, on_change=changed, format=f"%.{decimals}f")


def _ask(wanted: BeatFilter) -> None:
    """Take a filter over; one that asks for nothing lists every beat, right ones too."""
    set_view(where=to_text(wanted) or ANY, beat=None)
