"""Train: choose, see what it costs, start; watch, cancel, resume, compare, keep as a checkpoint."""

from ecgcore.ui.guard import inside_frame

inside_frame()

import streamlit as st

from ecgcore.errors import EcgError
from ecgcore.jobs import store
from ecgcore.jobs.engine import JobDatabase, jobs_database
from ecgcore.jobs.starting import ensure_worker
from ecgcore.jobs.training import KIND, submit_training, training_config
from ecgcore.training.config import TrainConfig
from ecgcore.ui import frame
from ecgcore.ui.errors import tell, told_later
from ecgcore.ui.job_view import job_of_kind
from ecgcore.ui.state import set_view, view
from ecgcore.ui.text import plain
from ecgcore.ui.train_cost import check_all, cost_box
from ecgcore.ui.train_form import train_form
from ecgcore.ui.train_list import chosen_runs, run_list
from ecgcore.ui.train_promote import promote_form
from ecgcore.ui.train_run import compare_runs, figures_table, run_view

CLONED = "train_cloned"
ASKED = "train_asked"


def to_form(clone: str = "") -> None:
    st.session_state[CLONED] = clone
    set_view(job="", runs="")


def ask() -> None:
    """Remember the click until the run after it has read the settings.

    A callback's own arguments are those of the run before: a number typed just before the click
    would be missing from them.
    """
    st.session_state[ASKED] = True


def start(database: JobDatabase, config: TrainConfig) -> None:
    with told_later():
        job = submit_training(database, config)
        ensure_worker(database)
        to_form()
        set_view(job=job.id)


def one_run(database: JobDatabase, id: str) -> None:
    with st.container(horizontal=True):
        st.button("All trainings", icon=":material/arrow_back:", on_click=to_form)
        job_of_kind(database, id, KIND)  # where there is none, there is nothing to clone
        st.button(
            "Clone",
            icon=":material/content_copy:",
            on_click=to_form,
            args=(id,),
            key="train_clone",
            help="Begin a new training with these settings.",
        )
    job = run_view(database, id)
    if job.state == "done":
        figures_table(job)
        promote_form(job)
    with st.expander("Its settings"):
        st.json(job.config, expanded=1)


def new_run(database: JobDatabase) -> None:
    asked = st.session_state.pop(ASKED, False)
    source = st.session_state.get(CLONED, "")
    clone = training_config(store.get(database, source)) if source else None
    if source:
        st.caption(f"Settings of the run {plain(source)}; change what shall differ.")
    try:
        config = train_form(clone, source)
        weights = check_all(config)
        cost_box(database, config, weights)
    except EcgError as error:
        st.warning(plain(str(error)), icon=":material/info:")
        st.button("Start training", disabled=True, key="train_start_off")
        return
    if asked:
        start(database, config)
        st.rerun()
    st.button(
        "Start training",
        icon=":material/play_arrow:",
        type="primary",
        key="train_start",
        on_click=ask,
    )


frame.title("train", strip=False)
tell()
jobs = jobs_database()
if view().job:
    one_run(jobs, view().job)
elif view().runs:
    st.button("All trainings", icon=":material/arrow_back:", on_click=to_form)
    compare_runs(jobs, chosen_runs(jobs))
else:
    new_run(jobs)
    st.markdown("**Trainings**")
    run_list(jobs)
st.caption("**Not for clinical use.**")
