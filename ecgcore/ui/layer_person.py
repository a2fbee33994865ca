"""Who is at the page: a name that is kept with what they change.

It holds for the session and, in a cookie, for the browser's other windows and days. It is not in
the address: a link that one sends would make others edit under one's name.
"""

from contextlib import suppress
from typing import Final
from urllib.parse import quote, unquote

import streamlit as st

from ecgcore.errors import LayerError
from ecgcore.layers.names import MAX_NAME, checked_name

_NAME: Final = "person_name"
PERSON: Final = "person_box"
_COOKIE: Final = "beatlens_name"
_A_YEAR: Final = 365 * 24 * 3600  # s
_KEEP: Final = (
    "<script>document.cookie = '{cookie}={name}; path=/; max-age={age}; SameSite=Strict';</script>"
)


def who() -> str:
    """Return the name that the person gave, "" where they gave none that can be one."""
    name = st.session_state.get(_NAME)
    if name is None:
        name = unquote(st.context.cookies.get(_COOKIE, ""))
    with suppress(LayerError):
        return checked_name(str(name), "your name")
    return ""


def remember(name: str) -> None:
    """Take ``name`` for the person's from now on."""
    st.session_state[_NAME] = name


def keep_name() -> None:
    """Let the browser keep a name that was given in this session, or forget one taken back.

    The frame calls it.
    """
    if st.session_state.get(_NAME) is not None:
        # Quoted, it holds letters, digits and signs that mean nothing in a script.
        name = quote(who(), safe="")
        script = _KEEP.format(cookie=_COOKIE, name=name, age=_A_YEAR if name else 0)
        st.html(script, unsafe_allow_javascript=True)


def person_box() -> None:
    """Let the person write their name; it holds for the session, on every page."""
    given = st.session_state.get(_NAME)
    st.session_state[PERSON] = who() if given is None else given
    st.text_input(
        "Your name",
        key=PERSON,
        max_chars=MAX_NAME,
        placeholder="your name",
        label_visibility="collapsed",
        width=140,
        on_change=lambda: remember(st.session_state[PERSON]),
    )
