"""The trainings there are, on the Train page: choose one, or several to set side by side."""

from typing import Final

import pandas as pd
import streamlit as st

from ecgcore.jobs import store
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.job import Job
from ecgcore.jobs.starting import ensure_worker
from ecgcore.jobs.training import KIND
from ecgcore.ui.errors import boundary
from ecgcore.ui.state import set_view, view

_POLL_S: Final = 2.0


def run_list(database: JobDatabase) -> None:
    """Draw the table; while something is at work it draws itself anew."""
    jobs = store.list_jobs(database, kind=KIND)
    if not jobs:
        st.caption("No training yet.")
        return
    active = any(not job.ended for job in jobs)
    st.fragment(_table, run_every=_POLL_S if active else None)(database)


def _table(database: JobDatabase) -> None:
    with boundary():
        jobs = store.list_jobs(database, kind=KIND)
        if any(not job.ended for job in jobs):
            ensure_worker(database)
        frame = pd.DataFrame(
            [
                {
                    "run": job.title,
                    "state": job.state,
                    "progress": 100 * job.done / job.of if job.of else 0.0,
                    "macro F1": _f1(job),
                    "job": job.id,
                }
                for job in jobs
            ]
        )
        event = st.dataframe(
            frame,
            hide_index=True,
            key="train_runs",
            on_select="rerun",
            selection_mode="multi-row",
            column_config={
                "progress": st.column_config.ProgressColumn(
                    format="%.0f %%", min_value=0, max_value=100
                ),
                "macro F1": st.column_config.NumberColumn(
                    format="%.2f %%", help="on the test beats"
                ),
            },
        )
        chosen = [jobs[row].id for row in event["selection"]["rows"] if row < len(jobs)]
        row = st.container(horizontal=True)
        if row.button(
            "Open", icon=":material/open_in_full:", disabled=len(chosen) != 1, key="train_open"
        ):
            set_view(job=chosen[0], runs="")
            st.rerun()
        if row.button(
            "Set side by side",
            icon=":material/compare_arrows:",
            disabled=len(chosen) < 2,
            key="train_compare",
            help="Choose two rows or more.",
        ):
            set_view(job="", runs=",".join(chosen))
            st.rerun()


def chosen_runs(database: JobDatabase) -> list[Job]:
    """Return the runs that the address sets side by side. Raises JobError for unknown ones."""
    return [store.get(database, id) for id in view().runs.split(",") if id]


def _f1(job: Job) -> float | None:
    seeds = [one["macro"]["f1"] for one in job.result.get("figures", [])]
    known = [value for value in seeds if value is not None]
    return 100 * sum(known) / len(known) if known else None
