"""What every page of jobs shows of one: its state, and buttons to cancel and resume it."""

from contextlib import suppress
from typing import Final

import streamlit as st

from ecgcore.errors import JobError
from ecgcore.jobs import store
from ecgcore.jobs.batches import KIND as BATCH
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.job import Job
from ecgcore.jobs.training import KIND as TRAINING

BADGES: Final = {
    "queued": ":gray-badge[:material/schedule: queued]",
    "running": ":blue-badge[:material/play_arrow: running]",
    "cancelling": ":orange-badge[:material/pause: cancelling]",
    "cancelled": ":orange-badge[:material/pause: cancelled]",
    "done": ":green-badge[:material/check: done]",
    "failed": ":red-badge[:material/error: failed]",
    "out-of-memory": ":red-badge[:material/memory: out of memory]",
}

_KINDS: Final = {TRAINING: ("training", "Train page"), BATCH: ("batch", "Batch page")}


def job_of_kind(database: JobDatabase, id: str, kind: str) -> Job:
    """Return a job. Raises JobError when there is none, or another page's."""
    job = store.get(database, id)
    if job.kind != kind:
        raise JobError(f"The job {id} is no {_KINDS[kind][0]}; the {_KINDS[job.kind][1]} has it.")
    return job


def job_buttons(database: JobDatabase, job: Job, resumes: str) -> None:
    """Draw the button that cancels a job, or resumes it; ``resumes`` says where it goes on."""
    row = st.container(horizontal=True)
    if not job.ended:
        row.button(
            "Cancelling …" if job.state == "cancelling" else "Cancel",
            icon=":material/close:",
            key="job_cancel",
            disabled=job.state == "cancelling",
            on_click=_cancel,
            args=(database, job.id),
        )
    elif job.resumable:
        row.button(
            "Resume",
            icon=":material/play_arrow:",
            key="job_resume",
            on_click=_resume,
            args=(database, job.id),
            help=resumes,
        )


def _cancel(database: JobDatabase, id: str) -> None:
    store.cancel(database, id)


def _resume(database: JobDatabase, id: str) -> None:
    with suppress(JobError):  # somebody else was faster; the page shows how it is now
        store.resume(database, id)
