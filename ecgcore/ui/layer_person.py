"""Who is at the page: a name that is kept with what they change."""

from contextlib import suppress
from typing import Final

import streamlit as st

from ecgcore.errors import LayerError
from ecgcore.layers.names import MAX_NAME, checked_name
from ecgcore.ui.focus import let_go_after

_NAME: Final = "person_name"
_BOX: Final = "person_box"


def who() -> str:
    """Return the name that the person gave, "" where they gave none that can be one."""
    with suppress(LayerError):
        return checked_name(str(st.session_state.get(_NAME, "")), "your name")
    return ""


def person_box() -> None:
    """Let the person write their name; it holds for the session, on every page."""
    st.session_state[_BOX] = st.session_state.get(_NAME, "")
    st.text_input(
        "Your name",
        key=_BOX,
        max_chars=MAX_NAME,
        placeholder="your name",
        label_visibility="collapsed",
        width=150,
        on_change=_changed,
    )
    let_go_after(_BOX)


def _changed() -> None:
    st.session_state[_NAME] = st.session_state[_BOX]
