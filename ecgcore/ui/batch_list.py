"""The batches there are, on the Batch page."""

from typing import Any, Final

from ecgcore.jobs.batches import KIND
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.job import Job
from ecgcore.ui.job_list import KindList, job_list
from ecgcore.ui.state import set_view


def batch_list(database: JobDatabase) -> None:
    """Draw the table."""
    job_list(database, _TABLE)


def _cells(job: Job) -> dict[str, Any]:
    return {"recordings": job.of or None, "failed": job.result.get("failed")}


def _open(id: str) -> None:
    set_view(batch=id)


_TABLE: Final = KindList(kind=KIND, called="batch", cells=_cells, open=_open, columns={})
