"""Controls in the sidebar that say how a beat is explained."""

import streamlit as st

from ecgcore.explain.registry import EXPLAINERS
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.ui.state import View, set_view, view
from ecgcore.ui.text import plain


def method_picker() -> str:
    """Let choose an explainer; for an unknown one in the URL the default stands in, and it says."""
    wanted = view().method
    method = wanted if wanted in EXPLAINERS else View().method
    if method != wanted:
        st.warning(
            plain(f"There is no method {wanted!r}; {EXPLAINERS[method].title} is shown instead."),
            icon=":material/info:",
        )
    st.session_state["pick_method"] = method
    st.sidebar.selectbox(
        "Method",
        list(EXPLAINERS),
        format_func=lambda name: EXPLAINERS[name].title,
        key="pick_method",
        on_change=lambda: set_view(method=st.session_state["pick_method"]),
    )
    return method


def target_picker(checkpoint: Checkpoint) -> str | None:
    """Let choose the class to explain; None means each beat's predicted one."""
    classes = checkpoint.meta.classes
    wanted = view().target
    st.session_state["pick_target"] = wanted if wanted in classes else ""
    st.sidebar.selectbox(
        "Explain the score of",
        ["", *classes],
        format_func=lambda name: name or "the predicted class",
        key="pick_target",
        on_change=lambda: set_view(target=st.session_state["pick_target"]),
    )
    return wanted if wanted in classes else None
