"""Groups of errors, the dearest first; a click lists one's beats."""

import pandas as pd
import streamlit as st

from ecgcore.compare.filters import apply_filter, to_text
from ecgcore.compare.slices import Slice, error_slices, set_macro_f1
from ecgcore.compare.summary import Summary
from ecgcore.ui.beat_browser import ordered
from ecgcore.ui.measured import Measured
from ecgcore.ui.state import set_view, view
from ecgcore.ui.text import counted, plain

_MOST = 200


def group_list(summary: Summary, beats: Measured) -> None:
    """Draw the table of groups; a click on a row lists its beats and goes to the first."""
    table = beats.table
    patterns = "pattern" in table
    by_pattern = patterns and st.toggle(
        "Tell them apart by clusters too",
        key="groups_by_pattern",
        help="By the cluster in time whose share of the beat is the most unusual.",
    )
    found = error_slices(summary.matrix, table, by_pattern=by_pattern)
    if not found:
        st.info("No beat of this set is wrong.", icon=":material/check:")
        return
    shown = found[:_MOST]
    key = f"groups_{by_pattern}"

    def clicked() -> None:
        picked = st.session_state[key].selection.rows
        if picked:
            open_group(shown[picked[0]], table)

    st.dataframe(
        pd.DataFrame(
            {
                "record": [one.record for one in shown],
                "true": [one.true for one in shown],
                "pred.": [one.predicted for one in shown],
                **({"clusters": [one.pattern for one in shown]} if by_pattern else {}),
                "beats": [one.support for one in shown],
                "cost": [100 * one.cost for one in shown],
                "conf.": [one.confidence for one in shown],
            }
        ),
        hide_index=True,
        height=min(346, 38 + 35 * len(shown)),
        key=key,
        on_select=clicked,
        selection_mode="single-row",
        column_config={
            "record": st.column_config.TextColumn("record", width=72),
            "true": st.column_config.TextColumn("true", width=48),
            "pred.": st.column_config.TextColumn("pred.", width=48),
            "clusters": st.column_config.TextColumn("clusters", width=92),
            "beats": st.column_config.NumberColumn("beats", format="%d", width=58),
            "cost": st.column_config.ProgressColumn(
                "costs (points of F1)",
                format="%.2f",
                min_value=0.0,
                max_value=max(0.01, 100 * max(one.cost for one in shown)),
                help="How much higher the set's macro F1 would be, were just these beats right.",
            ),
            "conf.": st.column_config.NumberColumn(
                "conf.", format="%.2f", width=52, help="Mean probability of the wrong class."
            ),
        },
    )
    st.caption(
        plain(
            f"{counted(len(found), 'group')} of errors: recording × true × predicted class"
            f"{' × clusters' * by_pattern}. Macro F1 of the set is "
            f"{100 * set_macro_f1(summary.matrix):.1f} %; "
            "costs do not add up, and a rare class weighs as much as a common one. "
        )
        + "Click a row's left edge to list its beats."
    )
    beats.button("groups")


def open_group(one: Slice, table: pd.DataFrame) -> None:
    """List a group's beats and go to the first of them; for callbacks."""
    rows = ordered(apply_filter(table, one.wanted), view().sort)
    first = {} if rows.empty else {"record": one.record, "beat": int(rows.iloc[0]["beat"])}
    set_view(where=to_text(one.wanted), **first)
