"""The first line of every page: hand over to the navigation when a page was opened cold.

Streamlit (seen on 1.67) takes a folder called ``pages/`` for its older kind of multi-page app until
``st.navigation`` has run once in the server's life. Until then a deep link such as ``/explain``
runs the page's file without ``app.py``: no frame, no pickers. Calling ``st.navigation`` once and
running again puts it right, for this session and all later ones.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

_FRAMED: Final = "inside_frame"


@contextmanager
def framed() -> Iterator[None]:
    """Tell the page that runs in this block that the frame is around it."""
    st.session_state[_FRAMED] = True
    try:
        yield
    finally:
        st.session_state[_FRAMED] = False


def inside_frame() -> None:
    """Return at once inside the frame, else run the address again through ``app.py``."""
    if st.session_state.get(_FRAMED):
        return
    from ecgcore.ui.pages import streamlit_pages

    st.navigation(streamlit_pages(), position="hidden")
    st.rerun()
