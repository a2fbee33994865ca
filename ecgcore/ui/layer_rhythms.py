"""A layer's rhythms beside another's: for how long they say the same, and where they do not."""

from collections.abc import Sequence
from html import escape
from typing import Final

import pandas as pd
import streamlit as st

from ecgcore.layers.marks import RHYTHMS
from ecgcore.layers.rhythms import FLUTTER_NAME, RhythmComparison
from ecgcore.ui.current import Current
from ecgcore.ui.pager import cursor_at
from ecgcore.ui.text import counted, plain

_MOST: Final = 2_000
_WORDS: Final = {**RHYTHMS, FLUTTER_NAME: "ventricular flutter or fibrillation"}


def rhythms_panel(found: RhythmComparison, now: Current, reference: str) -> None:
    """Draw the time in each rhythm and the list of stretches; ``reference`` is a name for people.

    A word where one of the two marks none.
    """
    assert now.layer is not None
    if not found.times:
        st.caption(plain(f"Rhythms are not compared: {now.layer.name} or {reference} marks none."))
        return
    left, right = st.container(key="stack_rhythms").columns([1.15, 1])
    with left:
        st.html(_table(found, now.layer.name, reference))
        st.caption(
            "Seconds in each rhythm, from its mark to the next. Se: how much of the time there is "
            "here too; +P the other way round."
        )
    with right:
        _list(found, now)


def rows_to_go_to(frame: pd.DataFrame, key: str, samples: Sequence[int], now: Current) -> None:
    """Draw a table whose rows are places, ``samples``, of the recording; a click goes there."""
    fs, duration = now.header.fs, now.header.duration

    def chosen() -> None:
        rows = st.session_state[key].selection.rows
        if rows and rows[0] < len(samples):
            cursor_at(samples[rows[0]] / fs, duration)

    st.dataframe(
        frame,
        hide_index=True,
        height=236,
        on_select=chosen,
        selection_mode="single-row",
        key=key,
    )


def percent(share: float) -> str:
    """Return a share as a table's cell, a dash for NaN."""
    return f"{100 * share:.2f}" if share == share else "–"


def _list(found: RhythmComparison, now: Current) -> None:
    if not found.disagreements:
        st.success("The rhythms are the same.", icon=":material/check:")
        return
    some = found.disagreements[:_MOST]
    fs = now.header.fs
    frame = pd.DataFrame(
        {
            "from (s)": [round(one.start / fs, 3) for one in some],
            "for (s)": [round((one.stop - one.start) / fs, 3) for one in some],
            "there": [one.reference or "–" for one in some],
            "here": [one.other or "–" for one in some],
        }
    )
    rows_to_go_to(frame, "layer_rhythms", [one.start for one in some], now)
    more = len(found.disagreements) > len(some)
    st.caption(
        f"{counted(len(found.disagreements), 'difference')} of rhythm"
        + (f", the first {_MOST:,} listed" if more else "")
        + ", each as long as it lasts. Select one to go there."
    )


def _table(found: RhythmComparison, here: str, there: str) -> str:
    rows = "".join(
        f'<tr><td title="{escape(_WORDS.get(one.name, ""))}">{escape(one.name)}</td>'
        f"<td>{one.reference:,.1f}</td><td>{one.other:,.1f}</td><td>{one.both:,.1f}</td>"
        f'<td class="group">{percent(one.se)}</td><td>{percent(one.ppv)}</td></tr>'
        for one in found.times
    )
    return (
        '<div class="bl-results" data-testid="rhythm_table"><table><thead>'
        '<tr><th></th><th colspan="3">(s)</th><th class="group" colspan="2">(%)</th></tr>'
        f"<tr><th>rhythm</th><th>{escape(there)}</th><th>{escape(here)}</th><th>both</th>"
        f'<th class="group">Se</th><th>+P</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )
