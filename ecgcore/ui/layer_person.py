"""Who is at the page: a name that is kept with what they change."""

from contextlib import suppress
from typing import Final

import streamlit as st

from ecgcore.errors import LayerError
from ecgcore.layers.names import MAX_NAME, checked_name

_NAME: Final = "person_name"
PERSON: Final = "person_box"


def who() -> str:
    """Return the name that the person gave, "" where they gave none that can be one."""
    with suppress(LayerError):
        return checked_name(str(st.session_state.get(_NAME, "")), "your name")
    return ""


def person_box() -> None:
    """Let the person write their name; it holds for the session, on every page."""
    st.session_state[PERSON] = st.session_state.get(_NAME, "")
    st.text_input(
        "Your name",
        key=PERSON,
        max_chars=MAX_NAME,
        placeholder="your name",
        label_visibility="collapsed",
        width=140,
        on_change=_changed,
    )


def _changed() -> None:
    st.session_state[_NAME] = st.session_state[PERSON]
