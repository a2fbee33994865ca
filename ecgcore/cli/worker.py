"""``worker``: does the jobs that wait, one after another."""

import logging
from typing import Annotated

import typer


def worker(
    *,
    idle: Annotated[
        float | None, typer.Option(help="End after so many seconds without a job.", min=0)
    ] = None,
    alone: Annotated[
        bool, typer.Option(help="End at once when one that was started so is at work here.")
    ] = False,
) -> None:
    """Do the jobs that wait. Ctrl-C or SIGTERM gives the job at hand back to the queue."""
    from contextlib import nullcontext

    from ecgcore.jobs.engine import jobs_database
    from ecgcore.jobs.starting import LOCK
    from ecgcore.jobs.worker import Worker
    from ecgcore.records.lock import exclusive
    from ecgcore.settings import settings

    database = jobs_database()
    folder = settings().home / "jobs"
    folder.mkdir(parents=True, exist_ok=True)
    with exclusive(folder / LOCK) if alone else nullcontext(True) as held:
        if not held:
            return
        logging.getLogger("beatlens").warning("jobs of %s", database.place)
        Worker(database, settings().job_lease).run(idle)
