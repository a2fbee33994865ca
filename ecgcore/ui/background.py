"""Work in the background as a page shows it: a bar that grows, a way to cancel, a way to retry."""

from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st

from ecgcore.compare.background import BACKGROUND, Report, WorkState
from ecgcore.ui.errors import boundary
from ecgcore.ui.text import plain

_POLL_S = 0.8
_PATIENCE_S = 0.5


def result_of(
    key: Hashable, work: Callable[[Report], Any], *, what: str, name: str, start: bool = True
) -> Any:
    """Return what ``work`` returned, or None after drawing how far it is.

    ``what`` it is, as said beside the bar; ``name`` keeps widgets apart. Without ``start`` it is
    only looked at: None, and nothing drawn, where nobody started it.
    """
    state = BACKGROUND.state(key)
    if state is None:
        if not start:
            return None
        BACKGROUND.start(key, work)
        state = BACKGROUND.wait(key, _PATIENCE_S)
    if state is None or state.phase == "running":
        st.fragment(_progress, run_every=_POLL_S)(key, what, name)
        return None
    if state.phase == "done":
        return state.result
    _ended(key, work, state, what, name)
    return None


def _progress(key: Hashable, what: str, name: str) -> None:
    with boundary():
        state = BACKGROUND.state(key)
        if state is None or state.phase != "running":
            st.rerun()
        row = st.container(horizontal=True, vertical_alignment="center")
        row.progress(state.share, text=f"{what}: {plain(state.step) or '…'}")
        row.button(
            "Cancel",
            icon=":material/close:",
            key=f"cancel_{name}",
            on_click=BACKGROUND.cancel,
            args=(key,),
        )


def _ended(
    key: Hashable, work: Callable[[Report], Any], state: WorkState, what: str, name: str
) -> None:
    row = st.container(horizontal=True, vertical_alignment="center")
    said = f"{what} was cancelled." if state.phase == "cancelled" else plain(state.failure)
    row.info(said, icon=":material/pause:" if state.phase == "cancelled" else ":material/info:")
    row.button(
        "Start again",
        icon=":material/refresh:",
        key=f"again_{name}",
        on_click=BACKGROUND.start,
        args=(key, work),
    )
