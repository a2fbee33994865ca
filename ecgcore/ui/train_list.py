"""The trainings there are, on the Train page: choose one, or several to set side by side."""

from typing import Any, Final

import streamlit as st

from ecgcore.jobs import store
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.job import Job
from ecgcore.jobs.training import KIND
from ecgcore.training.metrics import headline_f1
from ecgcore.ui.job_list import KindList, job_list
from ecgcore.ui.state import set_view, view


def run_list(database: JobDatabase) -> None:
    """Draw the table."""
    job_list(database, _TABLE)


def chosen_runs(database: JobDatabase) -> list[Job]:
    """Return the runs that the address sets side by side. Raises JobError for unknown ones."""
    return [store.get(database, id) for id in view().runs.split(",") if id]


def _cells(job: Job) -> dict[str, Any]:
    return {"macro F1": _f1(job)}


def _f1(job: Job) -> float | None:
    seeds = [headline_f1(one["macro"]) for one in job.result.get("figures", [])]
    known = [value for value in seeds if value is not None]
    return 100 * sum(known) / len(known) if known else None


def _open(id: str) -> None:
    set_view(job=id, runs="")


def _side_by_side(chosen: list[str]) -> None:
    if st.button(
        "Set side by side",
        icon=":material/compare_arrows:",
        disabled=len(chosen) < 2,
        key="train_compare",
        help="Choose two rows or more.",
    ):
        set_view(job="", runs=",".join(chosen))
        st.rerun()


_TABLE: Final = KindList(
    kind=KIND,
    called="training",
    cells=_cells,
    open=_open,
    columns={
        "macro F1": st.column_config.NumberColumn(
            format="%.2f %%", help="on the test beats; of AAMI classes over N S V F"
        ),
    },
    several=_side_by_side,
)
