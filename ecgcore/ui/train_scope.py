"""What the Train page says when another network brings other people to train and test with it."""

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from ecgcore.ui.text import plain

_SHOWN: Final = "train_scope"
_MOST: Final = 60  # letters of a list of records


def say_replaced(architecture: str, scope: Mapping[str, Any]) -> None:
    """Write what was replaced when the network was changed, until the scope is changed by hand.

    ``scope``: database, protocol, training and test records, as the form has them now.
    """
    now = _words(scope)
    before = st.session_state.get(_SHOWN)
    was = ""
    if before is not None:
        same = before["architecture"] == architecture
        was = before["was"] if same else before["now"]
        if was == now or (same and before["now"] != now):
            was = ""
    st.session_state[_SHOWN] = {"architecture": architecture, "now": now, "was": was}
    if was:
        st.info(
            plain(f"This network begins with its committed settings: {now}. It was {was}."),
            icon=":material/swap_horiz:",
        )


def _words(scope: Mapping[str, Any]) -> str:
    train, test = _cut(scope["train"]), _cut(scope["test"])
    return f"{scope['protocol']} on {scope['database']}, {train} to train and {test} to test"


def _cut(records: str) -> str:
    return records if len(records) <= _MOST else f"{records[:_MOST]}…"
