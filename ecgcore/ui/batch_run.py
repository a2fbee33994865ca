"""One batch on the Batch page: how far it is, then what came of it."""

from typing import Final

import streamlit as st

from ecgcore.batch.run import FAILED, read_summary
from ecgcore.jobs import store
from ecgcore.jobs.batches import KIND, batch_folder, job_config
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.job import Job
from ecgcore.jobs.starting import ensure_worker
from ecgcore.ui.errors import boundary
from ecgcore.ui.job_widgets import BADGES, job_buttons, job_of_kind
from ecgcore.ui.text import counted, plain, seconds

_POLL_S: Final = 1.0


def batch_view(database: JobDatabase, id: str) -> Job:
    """Draw a batch's state and return it; until it has ended, it draws itself anew."""
    job = job_of_kind(database, id, KIND)
    st.fragment(_live, run_every=None if job.ended else _POLL_S)(database, id, job.ended)
    return job


def _live(database: JobDatabase, id: str, ended_before: bool) -> None:
    with boundary():
        job = store.get(database, id)
        if job.ended != ended_before:
            st.rerun()  # the page shows what came of it
        if not job.ended:
            ensure_worker(database)  # the one that was here may have died
        joined = f" · asked for {job.asked} times" if job.asked > 1 else ""
        st.markdown(f"**{plain(job.title)}** {BADGES[job.state]} `{job.id}`{joined}")
        if job.message:
            st.markdown(plain(job.message))
        if not job.ended:
            _progress(database, job)
        job_buttons(database, job, "Goes on with the recordings that are missing.")
        with st.expander("Log and files"):
            lines = [line.text for line in store.log_lines(database, id, 60)]
            st.code("\n".join(lines) or "Nothing yet.", language=None)
            st.caption(f"Results: `{batch_folder(job_config(job))}`")


def _progress(database: JobDatabase, job: Job) -> None:
    if job.state == "queued":
        st.progress(0.0, text="Waiting for a worker …")
        return
    notes = store.epochs(database, job.id)
    if not notes or not job.of:
        st.progress(0.0, text="Beginning …")
        return
    now = notes[-1].figures
    text = f"{job.done:,} of {counted(job.of, 'recording')}, the last was {now['record']}"
    if now["seconds_left"] is not None and job.done < job.of:
        text += f"; about {seconds(now['seconds_left'])} left"
    if now["failed"]:
        text += f"; {now['failed']:,} could not be analysed"
    st.progress(min(job.done / job.of, 1.0), text=plain(text))


def failures(job: Job) -> None:
    """Write which recordings could not be analysed, and why."""
    summary = read_summary(batch_folder(job_config(job)))
    if summary is None or not (summary["state"] == FAILED).any():
        return
    failed = summary[summary["state"] == FAILED]
    st.warning(
        f"{counted(len(failed), 'recording')} could not be analysed; the others are done.",
        icon=":material/info:",
    )
    for row in failed.head(10).itertuples():
        st.caption(plain(f"{row.record}: {row.said}"))
