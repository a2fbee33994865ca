"""From a model's page to a layer that begins as its predictions."""

from typing import Literal

import streamlit as st

from ecgcore.models.checkpoint import Checkpoint
from ecgcore.ui.layer_new import FROM, MODEL, MODEL_KEY
from ecgcore.ui.pages import go_to
from ecgcore.ui.state import set_view


def correct_button(
    checkpoint: Checkpoint, record: str, width: Literal["content", "stretch"] = "content"
) -> None:
    """Draw the button that opens the form for a layer of a checkpoint's predictions."""
    if checkpoint.meta.task != "beat-class":
        return
    if st.button(
        "Correct as a layer",
        icon=":material/layers:",
        help="Opens the predictions on the Signal page as a layer of beats that you can correct, "
        "keep and score by.",
        key="correct_as_layer",
        width=width,
    ):
        st.session_state[FROM] = MODEL
        st.session_state[MODEL_KEY] = checkpoint.name
        st.session_state["layer_part"] = "Another layer"
        st.session_state["signal_panel"] = "Layers"
        set_view(record=record, checkpoint=checkpoint.name)
        go_to("signal")
