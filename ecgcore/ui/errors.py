"""What a person sees when something goes wrong: a sentence, never a traceback."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

from ecgcore.errors import CutShortError, EcgError
from ecgcore.ui.state import set_view
from ecgcore.ui.text import plain

_LATER: Final = "told_later"
_log = logging.getLogger("beatlens")


@contextmanager
def told_later() -> Iterator[None]:
    """Keep an EcgError's sentence, of a widget's callback, for ``tell`` in the run after it."""
    st.session_state.pop(_LATER, None)
    try:
        yield
    except EcgError as error:
        st.session_state[_LATER] = str(error)


def tell() -> None:
    """Show what ``told_later`` kept, once."""
    said = st.session_state.pop(_LATER, None)
    if said:
        st.warning(plain(said), icon=":material/info:")


def instead(sentence: str) -> None:
    """Say what an address asks for that is not there, and what is shown instead."""
    st.warning(plain(sentence), icon=":material/info:")


@contextmanager
def boundary() -> Iterator[None]:
    """Show an EcgError's sentence; for any other exception an id, under which the log has more.

    The frame puts it around every page; a fragment, which runs again without the frame, puts it
    around itself.
    """
    try:
        yield
    except CutShortError as error:
        st.warning(plain(str(error)), icon=":material/content_cut:")
        st.button(
            "Read the part that is there",
            on_click=lambda: set_view(partial=True),
            key="read_partial",
        )
    except EcgError as error:
        st.warning(plain(str(error)), icon=":material/info:")
    except Exception:
        number = secrets.token_hex(4)
        _log.exception("error %s", number)
        st.error(
            f"Something went wrong here; nothing was lost. Its number in the log is `{number}`. "
            "Choosing another recording or loading the page again usually helps.",
            icon=":material/error:",
        )
