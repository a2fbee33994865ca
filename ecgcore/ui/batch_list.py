"""The batches there are, on the Batch page."""

from typing import Final

import pandas as pd
import streamlit as st

from ecgcore.jobs import store
from ecgcore.jobs.batches import KIND
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.starting import ensure_worker
from ecgcore.ui.errors import boundary
from ecgcore.ui.state import set_view

_POLL_S: Final = 2.0


def batch_list(database: JobDatabase) -> None:
    """Draw the table; while one is at work it draws itself anew."""
    jobs = store.list_jobs(database, kind=KIND)
    if not jobs:
        st.caption("No batch yet.")
        return
    active = any(not job.ended for job in jobs)
    st.fragment(_table, run_every=_POLL_S if active else None)(database)


def _table(database: JobDatabase) -> None:
    with boundary():
        jobs = store.list_jobs(database, kind=KIND)
        if any(not job.ended for job in jobs):
            ensure_worker(database)
        event = st.dataframe(
            pd.DataFrame(
                [
                    {
                        "batch": job.title,
                        "state": job.state,
                        "progress": 100 * job.done / job.of if job.of else 0.0,
                        "recordings": job.of or None,
                        "failed": job.result.get("failed"),
                        "job": job.id,
                    }
                    for job in jobs
                ]
            ),
            hide_index=True,
            key="batch_jobs",
            on_select="rerun",
            selection_mode="single-row",
            column_config={
                "progress": st.column_config.ProgressColumn(
                    format="%.0f %%", min_value=0, max_value=100
                )
            },
            placeholder="–",
        )
        chosen = [jobs[row].id for row in event["selection"]["rows"] if row < len(jobs)]
        if st.button("Open", icon=":material/open_in_full:", disabled=not chosen, key="batch_open"):
            set_view(batch=chosen[0])
            st.rerun()
