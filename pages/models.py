"""Models: the trained checkpoints, what they see, how they were tested and where they fail."""

from ecgcore.ui.guard import inside_frame

inside_frame()

import streamlit as st

from ecgcore.models.checkpoint import read_card
from ecgcore.ui import frame, model_cache
from ecgcore.ui.checkpoint_picker import default_checkpoint
from ecgcore.ui.current import current, current_theme
from ecgcore.ui.model_card import class_table, facts, figures, protocol, record_table
from ecgcore.ui.pages import go_to
from ecgcore.ui.state import set_view, shown, view
from ecgcore.ui.text import harmless, plain

now = current()
there, broken = model_cache.metas()
wanted = view().checkpoint
chosen = wanted if wanted in there else default_checkpoint(there, now.header) if there else ""
shown(checkpoint=chosen)
frame.title("models", extra=(chosen,) if chosen else ())


def pick() -> None:
    if st.session_state["models_pick"]:
        set_view(checkpoint=st.session_state["models_pick"])


if wanted and wanted not in there:
    st.warning(
        plain(broken.get(wanted, f"There is no checkpoint {wanted!r}; choose one below.")),
        icon=":material/info:",
    )
for name, sentence in broken.items():
    if name != wanted:
        st.warning(plain(sentence), icon=":material/info:")
if not there:
    st.info(
        "There is no checkpoint yet. Train one with `python -m ecgcore train --config FILE`; "
        "configurations are in `configs/`."
    )
else:
    st.session_state["models_pick"] = chosen
    st.pills(
        "Checkpoints",
        list(there),
        key="models_pick",
        on_change=pick,
        label_visibility="collapsed",
    )
    meta = there[chosen]
    left, right = st.container(key="stack_facts").columns([1.1, 1], gap="large")
    with left:
        facts(meta)
        protocol(meta)
        with st.container(horizontal=True):
            if st.button("Explain a beat with it", icon=":material/lightbulb:"):
                set_view(checkpoint=chosen)
                go_to("explain")
            if st.button("See its errors", icon=":material/compare:"):
                set_view(checkpoint=chosen)
                go_to("compare")
    with right:
        figures(meta)
        class_table(meta)
    record_table(meta, current_theme())
    with st.expander("The whole card"):
        st.markdown(harmless(read_card(chosen)) or "This checkpoint has no card.")
    st.caption("**Not for clinical use.**")
