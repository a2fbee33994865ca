"""Work in the background as a page shows it: a bar that grows, a way to cancel, a way to retry."""

from collections.abc import Callable, Hashable
from typing import Any, Final

import streamlit as st

from ecgcore.background import BACKGROUND, Report, WorkState
from ecgcore.ui.errors import boundary
from ecgcore.ui.text import plain

_POLL_S: Final = 0.6
_PATIENCE_S: Final = 1.0  # what is on disk already comes sooner than a bar would be read


def result_of(
    key: Hashable,
    work: Callable[[Report], Any],
    *,
    what: str,
    name: str,
    start: bool = True,
    kept: str = "",
) -> Any:
    """Return what ``work`` returned, or None after drawing how far it is.

    ``what`` it is, as said beside the bar; ``name`` keeps widgets apart; ``kept`` is what a cancel
    leaves, such as "what was read". Without ``start`` it is only looked at: None, and nothing
    drawn, where nobody started it. The page runs again by itself when it is done.
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
    _ended(key, work, state, what, name, kept)
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
    key: Hashable,
    work: Callable[[Report], Any],
    state: WorkState,
    what: str,
    name: str,
    kept: str,
) -> None:
    row = st.container(horizontal=True, vertical_alignment="center")
    cancelled = f"{what} was cancelled" + (f"; {kept} is kept." if kept else ".")
    said = cancelled if state.phase == "cancelled" else plain(state.failure)
    row.info(said, icon=":material/pause:" if state.phase == "cancelled" else ":material/info:")
    row.button(
        "Go on" if kept and state.phase == "cancelled" else "Start again",
        icon=":material/refresh:",
        key=f"again_{name}",
        on_click=BACKGROUND.start,
        args=(key, work),
    )
