"""One batch on the Batch page: how far it is, and which recordings could not be analysed."""

from typing import Final

import pandas as pd
import streamlit as st

from ecgcore.batch.record import EARLIER
from ecgcore.batch.run import FAILED
from ecgcore.batch.summary import is_of_earlier_run
from ecgcore.jobs.batches import KIND, batch_folder
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.job import Job
from ecgcore.ui.job_view import KindView, Notes, job_view
from ecgcore.ui.text import counted, plain, seconds

_NAMED: Final = 10


def batch_view(database: JobDatabase, id: str) -> Job:
    """Draw a batch's state and return it; it goes on drawing itself anew."""
    return job_view(database, id, _VIEW)


def how_far(job: Job, summary: pd.DataFrame | None) -> None:
    """Write how many recordings were done by a batch that ended before all were."""
    if job.state == "done":
        return
    done = 0 if summary is None else len(summary)
    of = f"{done:,} of {counted(job.of, 'recording')}" if job.of else counted(done, "recording")
    st.markdown(f"{of} done.")


def as_of(job: Job, summary: pd.DataFrame) -> None:
    """Write of when the figures are that stay while a batch goes on."""
    earlier = job.state == "queued" or is_of_earlier_run(batch_folder(job))
    those = f"the {counted(len(summary), 'recording')} done "
    st.info(
        ("As of the earlier run, of " if earlier else "Of ")
        + those
        + ("by then" if earlier else "so far")
        + "; the figures follow when the batch has ended.",
        icon=":material/history:",
    )


def failures(summary: pd.DataFrame) -> None:
    """Write which recordings of a summary could not be analysed, and why."""
    failed = summary[summary["state"].isin((FAILED, EARLIER))]
    if failed.empty:
        return
    st.warning(
        f"{counted(len(failed), 'recording')} could not be analysed.", icon=":material/info:"
    )
    for row in failed.head(_NAMED).itertuples():
        st.caption(plain(f"{row.record}: {row.said}"))
    if len(failed) > _NAMED:
        st.caption(f"The table of recordings says why of the {len(failed) - _NAMED:,} others.")


def _progress(job: Job, notes: Notes) -> tuple[float, str]:
    if not notes or not job.of:
        return 0.0, "Beginning …"
    now = notes[-1].figures
    text = f"{job.done:,} of {counted(job.of, 'recording')}, the last was {now['record']}"
    if now["seconds_left"] is not None and job.done < job.of:
        text += f"; about {seconds(now['seconds_left'])} left"
    if now["failed"]:
        text += f"; {now['failed']:,} could not be analysed"
    return job.done / job.of, text


_VIEW: Final = KindView(
    kind=KIND,
    resumes="Goes on with the recordings that are missing.",
    progress=_progress,
    about=lambda job: f"Results: `{batch_folder(job)}`",
)
