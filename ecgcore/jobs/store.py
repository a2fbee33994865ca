"""What people do with jobs: ask for one, look at them, cancel, resume."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from ecgcore.errors import JobError
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.job import ENDED, Job, State
from ecgcore.storage.tables import EPOCHS, JOBS, LOG, now
from ecgcore.strict_json import to_json


@dataclass(frozen=True, kw_only=True)
class EpochNote:
    """One epoch's figures as they were kept with the job."""

    stage: str
    epoch: int  # counted from 1
    at: float
    figures: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One line of a job's log."""

    number: int
    at: float
    text: str


def submit(
    database: JobDatabase, *, id: str, kind: str, title: str, config: Mapping[str, Any]
) -> Job:
    """Put a job into the queue and return it.

    Where a job of this ``id`` is there already, it is the one: whoever asks joins it, and asking
    for one that was cancelled or has failed resumes it.
    """

    def put(connection: Connection) -> None:
        connection.execute(
            insert(JOBS).values(
                id=id, kind=kind, title=title, config=to_json(config), state="queued", created=now()
            )
        )

    def join(connection: Connection) -> None:
        connection.execute(update(JOBS).where(JOBS.c.id == id).values(asked=JOBS.c.asked + 1))
        _queue(connection, id)

    try:
        database.work(put)
    except IntegrityError:
        database.work(join)
    return get(database, id)


def get(database: JobDatabase, id: str) -> Job:
    """Return a job. Raises JobError when there is none of this id."""
    row = database.look(
        lambda connection: (
            connection.execute(select(JOBS).where(JOBS.c.id == id)).mappings().one_or_none()
        )
    )
    if row is None:
        raise JobError(
            f"There is no job {id!r}; the Train and Batch pages, and python -m ecgcore jobs list, "
            "show those there are."
        )
    return as_job(row)


def find(database: JobDatabase, start: str) -> Job:
    """Return the one job whose id starts so. Raises JobError when there is none, or several."""
    if not start:
        return get(database, start)
    wanted = select(JOBS).where(JOBS.c.id.startswith(start, autoescape=True)).limit(2)
    rows = database.look(lambda connection: connection.execute(wanted).mappings().all())
    if len(rows) > 1:
        raise JobError(f"Several jobs' ids start with {start!r}; write more of it.")
    return as_job(rows[0]) if rows else get(database, start)


def list_jobs(database: JobDatabase, limit: int = 200, kind: str | None = None) -> tuple[Job, ...]:
    """Return the newest jobs, newest first; of one kind, or of all."""
    wanted = select(JOBS) if kind is None else select(JOBS).where(JOBS.c.kind == kind)
    wanted = wanted.order_by(JOBS.c.created.desc(), JOBS.c.id).limit(limit)
    rows = database.look(lambda connection: connection.execute(wanted).mappings().all())
    return tuple(as_job(row) for row in rows)


def cancel(database: JobDatabase, id: str) -> Job:
    """Ask a job to stop; one that waits is cancelled at once. Ended ones stay as they are."""
    get(database, id)

    def stop(connection: Connection) -> None:
        mine = JOBS.c.id == id
        connection.execute(
            update(JOBS)
            .where(mine, JOBS.c.state == "queued")
            .values(state="cancelled", finished=now(), message="Cancelled before it began.")
        )
        connection.execute(
            update(JOBS).where(mine, JOBS.c.state == "running").values(state="cancelling")
        )

    database.work(stop)
    return get(database, id)


def resume(database: JobDatabase, id: str) -> Job:
    """Put a job that was cancelled or has failed into the queue again; what it did is kept.

    Raises JobError for one that is at work or done.
    """
    job = get(database, id)
    if not database.work(lambda connection: _queue(connection, id)):
        what = "is done" if job.state == "done" else f"is {job.state}"
        raise JobError(f"The job {id} {what}; only one that was cancelled or has failed goes on.")
    return get(database, id)


def redo(database: JobDatabase, id: str) -> Job:
    """Put a job that is done into the queue again; one in any other state stays as it is."""
    database.work(lambda connection: _queue(connection, id, ("done",)))
    return get(database, id)


def database_now(database: JobDatabase) -> float:
    """Return the database's clock, by which jobs' times are to be read."""
    return float(database.look(lambda connection: connection.execute(select(now())).scalar_one()))


def epochs(database: JobDatabase, id: str) -> tuple[EpochNote, ...]:
    """Return the figures of a job's epochs, in the order in which they were made."""
    wanted = select(EPOCHS).where(EPOCHS.c.job == id).order_by(EPOCHS.c.at, EPOCHS.c.epoch)
    rows = database.look(lambda connection: connection.execute(wanted).mappings().all())
    return tuple(
        EpochNote(
            stage=row["stage"], epoch=row["epoch"], at=row["at"], figures=json.loads(row["figures"])
        )
        for row in rows
    )


def log_lines(database: JobDatabase, id: str, limit: int = 200) -> tuple[LogLine, ...]:
    """Return the last lines of a job's log, oldest first."""
    wanted = select(LOG).where(LOG.c.job == id).order_by(LOG.c.number.desc()).limit(limit)
    rows = database.look(lambda connection: connection.execute(wanted).mappings().all())
    return tuple(
        LogLine(number=row["number"], at=row["at"], text=row["text"]) for row in reversed(rows)
    )


def as_job(row: RowMapping) -> Job:
    """Return a row of the table as a Job."""
    plain = dict(row)
    return Job(
        **{**plain, "config": json.loads(plain["config"]), "result": json.loads(plain["result"])}
    )


_UNDONE: Final = tuple(state for state in ENDED if state != "done")


def _queue(connection: Connection, id: str, again: tuple[State, ...] = _UNDONE) -> bool:
    """Queue a job again that is in one of the states ``again``; tell whether there was one."""
    done = connection.execute(
        update(JOBS)
        .where(JOBS.c.id == id, JOBS.c.state.in_(again))
        .values(state="queued", attempts=0, message="", finished=None)
    )
    return done.rowcount == 1
