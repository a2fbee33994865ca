"""Which recordings are compared, and what of them is not."""

from typing import Final

import streamlit as st

from ecgcore.compare.gather import Gathered
from ecgcore.compare.summary import Summary
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.records.reader import read_headers
from ecgcore.records.splits import SPLITS, select_records
from ecgcore.schema import RecordHeader
from ecgcore.training.context import by_itself
from ecgcore.ui.current import Current
from ecgcore.ui.errors import instead
from ecgcore.ui.state import set_view, view
from ecgcore.ui.text import counted, plain

_ALL: Final = "all"


def scope_picker(now: Current) -> tuple[RecordHeader, ...]:
    """Let choose the set of recordings; returns their headers."""
    there = now.database.records
    names = {"": f"This recording ({now.header.name})"}
    names |= {
        name: f"{name} ({len(records)})"
        for name, records in SPLITS.items()
        if set(records) <= set(there)
    }
    names[_ALL] = f"All of {now.database.name} ({len(there)})"
    chosen = view().scope if view().scope in names else ""
    if view().scope != chosen:
        instead(
            f"There is no set {view().scope!r} of {now.database.name}; {now.header.name} alone is "
            "compared instead."
        )
    st.session_state["pick_scope"] = chosen

    def changed() -> None:
        set_view(scope=st.session_state["pick_scope"] or "")

    st.segmented_control(
        "Recordings",
        list(names),
        format_func=lambda name: names[name],
        key="pick_scope",
        on_change=changed,
        required=True,
        label_visibility="collapsed",
    )
    if not chosen:
        return (now.header,)
    wanted = set(select_records(chosen, there))
    headers, _ = read_headers(now.database)
    return tuple(head for head in headers if head.name in wanted)


def why_not(state: Gathered, checkpoint: Checkpoint) -> str:
    """Return why there is nothing to compare: no beat whose true class is known."""
    if not state.found:
        return f"Comparison is off: {state.failed[0][1]}" if state.failed else "Comparison is off."
    if checkpoint.meta.task == "identity":
        return (
            f"Comparison is off: {checkpoint.name} tells {len(checkpoint.meta.classes)} people "
            f"apart and was tested on {checkpoint.meta.protocol.test}; there is no such beat here. "
            "Choose one of those recordings, or a checkpoint for beat classes."
        )
    return "Comparison is off: the beats here have no annotated class to compare with."


def left_out(state: Gathered, summary: Summary | None) -> None:
    """Write which recordings and beats are not in the comparison, and why."""
    if summary is None:
        return
    if state.failed:
        names = ", ".join(name for name, _ in state.failed[:6])
        st.warning(
            plain(f"{len(state.failed)} of {state.total} recordings are left out ({names}): ")
            + plain(state.failed[0][1]),
            icon=":material/info:",
        )
    notes = sorted({note for part in state.found for note in by_itself(part).notes})
    if notes:
        st.info(plain(" ".join(notes[:3])), icon=":material/info:")
    matrix = summary.matrix
    told = [
        f"{counted(int(matrix.counts.sum()), 'beat')} of {counted(len(state.found), 'recording')}"
    ]
    if any(part.alone is not None for part in state.found):
        told.append("each put in the context of its recording's others, without labels")
    if matrix.unlabelled:
        told.append(f"{matrix.unlabelled:,} outside its test or without a class are left out")
    if matrix.unusable:
        told.append(
            f"{matrix.unusable:,} without usable signal are counted as the network classifies "
            "them, but not listed"
        )
    without = [name for name in matrix.truths if name not in matrix.classes]
    if without:
        classes = "class" if len(without) == 1 else "classes"
        told.append(f"the checkpoint has no {classes} {', '.join(without)}")
    st.caption(plain("; ".join(told) + "."))
