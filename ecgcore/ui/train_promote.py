"""A finished training becomes a checkpoint, on the Train page."""

import streamlit as st

from ecgcore.jobs.job import Job
from ecgcore.jobs.promote import kept_as, promote
from ecgcore.ui.errors import told_later
from ecgcore.ui.pages import go_to
from ecgcore.ui.state import set_view
from ecgcore.ui.text import plain


def promote_form(job: Job) -> None:
    """Draw the form that names the run and writes it among the checkpoints."""
    kept = kept_as(job)
    if kept:
        st.success(f"{plain(', '.join(kept))} is among the checkpoints.", icon=":material/check:")
        with st.container(horizontal=True):
            for name, page, icon in (
                ("See its card", "models", "model_training"),
                ("Explain a beat with it", "explain", "lightbulb"),
            ):
                if st.button(name, icon=f":material/{icon}:", key=f"promoted_{page}"):
                    set_view(checkpoint=kept[0])
                    go_to(page)
        return
    with st.form("promote", border=True):
        st.markdown("**Keep it as a checkpoint**, with a card; Explain and Compare then open it.")
        st.text_input("Name", key="promote_name", placeholder="my-resunet")
        st.text_input("Title of its card", job.title, key="promote_title")
        st.text_area("What it is for", key="promote_purpose")
        st.text_area("Where it fails, as far as you know", key="promote_limits")
        st.form_submit_button("Keep", icon=":material/inventory_2:", on_click=_keep, args=(job,))


def _keep(job: Job) -> None:
    words = {name: st.session_state[f"promote_{name}"] for name in ("title", "purpose", "limits")}
    name = st.session_state["promote_name"].strip()
    with told_later():
        promote(job, name, **words)
