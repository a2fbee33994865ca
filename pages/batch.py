"""Batch: many recordings analysed as a durable job; progress, what stands out, the summary."""

from ecgcore.ui.guard import inside_frame

inside_frame()

import streamlit as st

from ecgcore.batch.config import BatchConfig
from ecgcore.batch.run import check_batch
from ecgcore.batch.summary import read_summary
from ecgcore.errors import EcgError
from ecgcore.jobs.batches import batch_folder, job_config, submit_batch
from ecgcore.jobs.engine import JobDatabase, jobs_database
from ecgcore.jobs.starting import ensure_worker
from ecgcore.settings import settings
from ecgcore.ui import frame, model_cache
from ecgcore.ui.batch_form import batch_form
from ecgcore.ui.batch_list import batch_list
from ecgcore.ui.batch_results import results
from ecgcore.ui.batch_run import as_of, batch_view, failures, how_far
from ecgcore.ui.errors import tell, told_later
from ecgcore.ui.state import set_view, view
from ecgcore.ui.text import counted, plain

ASKED = "batch_asked"


def start(database: JobDatabase, config: BatchConfig) -> None:
    with told_later(), st.spinner("Looking at the recordings' files …"):
        job = submit_batch(database, config)
        ensure_worker(database)
        set_view(batch=job.id)


def one_batch(database: JobDatabase, id: str) -> None:
    with st.container(horizontal=True):
        st.button("All batches", icon=":material/arrow_back:", on_click=to_list)
    job = batch_view(database, id)
    summary = read_summary(batch_folder(job))
    if job.ended:
        how_far(job, summary)
    elif summary is not None:
        as_of(job, summary)
    if summary is not None:
        failures(summary)
        results(job_config(job), summary)
    with st.expander("Its settings"):
        st.json(job.config, expanded=1)


def to_list() -> None:
    set_view(batch="")


def ask() -> None:
    """Not the start itself: a callback's settings would be those of the run before."""
    st.session_state[ASKED] = True


def new_batch(database: JobDatabase) -> None:
    asked = st.session_state.pop(ASKED, False)
    try:
        config = batch_form()
        count = check_batch(config, model_cache.checkpoint)
    except EcgError as error:
        st.warning(plain(str(error)), icon=":material/info:")
        st.button("Start", disabled=True, key="batch_start_off")
        return
    where = settings().executor
    st.markdown(
        f"{counted(count, 'recording')}, on "
        + ("this machine" if where == "local" else f"the cluster {plain(where)}")
        + ". What is done already, of the same content by the same network, is not done again."
    )
    if asked:
        start(database, config)
        st.rerun()
    st.button(
        "Start", icon=":material/play_arrow:", type="primary", key="batch_start", on_click=ask
    )


frame.title("batch", strip=False)
tell()
jobs = jobs_database()
if view().batch:
    one_batch(jobs, view().batch)
else:
    new_batch(jobs)
    st.markdown("**Batches**")
    batch_list(jobs)
st.caption("**Not for clinical use.**")
