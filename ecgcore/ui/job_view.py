"""One job on a page, whatever its kind: its state, how far it is, its buttons and its log.

It draws itself anew, without the page; the page follows when the job ends or goes on.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import streamlit as st

from ecgcore.errors import JobError
from ecgcore.jobs import store
from ecgcore.jobs.batches import KIND as BATCH
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.job import Job, State
from ecgcore.jobs.starting import ensure_worker
from ecgcore.jobs.store import EpochNote
from ecgcore.jobs.training import KIND as TRAINING
from ecgcore.ui.errors import boundary
from ecgcore.ui.text import plain

_POLL_S: Final = 1.0
_IDLE_S: Final = 4.0  # once it has ended: somebody else may let it go on
_LINES: Final = 60  # of the log
_BADGES: Final[dict[State, str]] = {
    "queued": ":gray-badge[:material/schedule: queued]",
    "running": ":blue-badge[:material/play_arrow: running]",
    "cancelling": ":orange-badge[:material/pause: cancelling]",
    "cancelled": ":orange-badge[:material/pause: cancelled]",
    "done": ":green-badge[:material/check: done]",
    "failed": ":red-badge[:material/error: failed]",
    "out-of-memory": ":red-badge[:material/memory: out of memory]",
}
_KINDS: Final = {TRAINING: ("training", "Train page"), BATCH: ("batch", "Batch page")}

Notes = tuple[EpochNote, ...]


def _nothing(job: Job, notes: Notes) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class KindView:
    """What one kind of jobs shows of its own.

    ``progress`` gives how far a job at work is, 0 to 1, and that in words; ``figures`` draws what
    is known of it so far; ``about`` is a line of Markdown under the log.
    """

    kind: str
    resumes: str  # where a job goes on that is resumed
    progress: Callable[[Job, Notes], tuple[float, str]]
    figures: Callable[[Job, Notes], None] = _nothing
    about: Callable[[Job], str] = lambda _: ""


def job_of_kind(database: JobDatabase, id: str, kind: str) -> Job:
    """Return a job. Raises JobError when there is none, or another page's."""
    job = store.get(database, id)
    if job.kind != kind:
        raise JobError(f"The job {id} is no {_KINDS[kind][0]}; the {_KINDS[job.kind][1]} has it.")
    return job


def job_view(database: JobDatabase, id: str, view: KindView) -> Job:
    """Draw a job and return it. Raises JobError as ``job_of_kind``."""
    job = job_of_kind(database, id, view.kind)
    st.fragment(_live, run_every=None if job.ended else _POLL_S)(database, id, view, job.ended)
    if job.ended:
        st.fragment(_watch, run_every=_IDLE_S)(database, id)
    return job


def _watch(database: JobDatabase, id: str) -> None:
    """Draw nothing, so that what came of a job stands still, until the job goes on."""
    with boundary():
        if not store.get(database, id).ended:
            st.rerun()


def _live(database: JobDatabase, id: str, view: KindView, ended_before: bool) -> None:
    with boundary():
        job = store.get(database, id)
        if job.ended != ended_before:
            st.rerun()  # the page shows what came of it
        if not job.ended:
            ensure_worker(database)  # the one that was here may have died
        notes = store.epochs(database, id)
        joined = f" · asked for {job.asked} times" if job.asked > 1 else ""
        st.markdown(f"**{plain(job.title)}** {_BADGES[job.state]} `{job.id}`{joined}")
        if job.message:
            st.markdown(plain(job.message))
        if job.state == "queued":
            st.progress(0.0, text="Waiting for a worker …")
        elif not job.ended:
            share, words = view.progress(job, notes)
            st.progress(min(share, 1.0), text=plain(words))
        _buttons(database, job, view.resumes)
        view.figures(job, notes)
        with st.expander("Log"):
            lines = [line.text for line in store.log_lines(database, id, _LINES)]
            st.code("\n".join(lines) or "Nothing yet.", language=None)
            if about := view.about(job):
                st.caption(about)


def _buttons(database: JobDatabase, job: Job, resumes: str) -> None:
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
