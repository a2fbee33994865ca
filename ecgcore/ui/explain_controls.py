"""Controls in the sidebar that say how a beat is explained."""

import streamlit as st

from ecgcore.explain.registry import EXPLAINERS, explainer
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.ui.state import set_view, view


def method_picker() -> str:
    """Let choose an explainer. Raises EcgError for an unknown one in the URL."""
    explainer(view().method)
    st.session_state["pick_method"] = view().method
    st.sidebar.selectbox(
        "Method",
        list(EXPLAINERS),
        format_func=lambda name: EXPLAINERS[name].title,
        key="pick_method",
        on_change=lambda: set_view(method=st.session_state["pick_method"]),
    )
    return view().method


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
