"""The jobs of one kind that there are, as a table that draws itself anew while one is at work."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd
import streamlit as st

from ecgcore.jobs import store
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.job import Job
from ecgcore.jobs.starting import ensure_worker
from ecgcore.ui.errors import boundary

_POLL_S: Final = 2.0


@dataclass(frozen=True, kw_only=True)
class KindList:
    """What the table of one kind of jobs has of its own.

    ``cells``: a job's further columns, with how they are written in ``columns``; ``open`` takes
    one job's id; ``several`` draws a further button for the ids that are chosen.
    """

    kind: str
    called: str  # a job of this kind; its column, and part of the widgets' keys
    cells: Callable[[Job], dict[str, Any]]
    open: Callable[[str], None]
    columns: Mapping[str, Any]
    several: Callable[[list[str]], None] | None = None


def job_list(database: JobDatabase, table: KindList) -> None:
    """Draw the table, or say that there is nothing yet."""
    jobs = store.list_jobs(database, kind=table.kind)
    if not jobs:
        st.caption(f"No {table.called} yet.")
        return
    active = any(not job.ended for job in jobs)
    st.fragment(_table, run_every=_POLL_S if active else None)(database, table)


def _table(database: JobDatabase, table: KindList) -> None:
    with boundary():
        jobs = store.list_jobs(database, kind=table.kind)
        if any(not job.ended for job in jobs):
            ensure_worker(database)
        mode: Literal["multi-row", "single-row"] = "multi-row" if table.several else "single-row"
        event = st.dataframe(
            pd.DataFrame([_cells(job, table) for job in jobs]),
            hide_index=True,
            key=f"{table.called}_jobs",
            on_select="rerun",
            selection_mode=mode,
            column_config={
                "progress": st.column_config.ProgressColumn(
                    format="%.0f %%", min_value=0, max_value=100
                ),
                **table.columns,
            },
            placeholder="–",
        )
        chosen = [jobs[row].id for row in event["selection"]["rows"] if row < len(jobs)]
        with st.container(horizontal=True):
            if st.button(
                "Open",
                icon=":material/open_in_full:",
                disabled=len(chosen) != 1,
                key=f"{table.called}_open",
                help="Choose a row by the box before it.",
            ):
                table.open(chosen[0])
                st.rerun()
            if table.several:
                table.several(chosen)


def _cells(job: Job, table: KindList) -> dict[str, Any]:
    return {
        table.called: job.title,
        "state": job.state,
        "progress": 100 * job.done / job.of if job.of else 0.0,
        **table.cells(job),
        "job": job.id,
    }
