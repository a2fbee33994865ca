"""What workers do with jobs: claim one, show that they live, write, end it.

One update claims a job, so that two workers never get the same one. A claim lasts for a lease that
its worker renews; one whose lease has run out is claimed by another. Each claim has a higher fence
number, and every write names it: a worker that slept through its lease and wakes up can't write
(Kleppmann, How to do distributed locking, 2016). All times are the database's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from ecgcore.errors import LeaseLostError
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.job import HELD, MAX_ATTEMPTS, Job, State
from ecgcore.jobs.store import as_job
from ecgcore.storage.tables import EPOCHS, JOBS, LOG, now
from ecgcore.strict_json import to_json


def claim(
    database: JobDatabase, worker: str, lease: float, kinds: tuple[str, ...] = ("train",)
) -> "Claim | None":
    """Claim the job that has waited longest, None where there is none.

    A job waits when it is queued, or when its worker gave no sign of life for its lease. Those
    whose worker died too often (``MAX_ATTEMPTS``) fail instead, those that were being cancelled
    are cancelled.
    """
    waiting = and_(
        or_(JOBS.c.state == "queued", and_(JOBS.c.state == "running", _lapsed())),
        JOBS.c.attempts < MAX_ATTEMPTS,
        JOBS.c.kind.in_(kinds),
    )
    oldest = (
        select(JOBS.c.id)
        .where(waiting)
        .order_by(JOBS.c.created, JOBS.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    taking = (
        update(JOBS)
        .where(JOBS.c.id == oldest, waiting)
        .values(
            state="running",
            worker=worker,
            fence=JOBS.c.fence + 1,
            attempts=JOBS.c.attempts + 1,
            lease_until=now() + lease,
            started=func.coalesce(JOBS.c.started, now()),
        )
        .returning(JOBS)
    )

    def take(connection: Connection) -> Job | None:
        _settle(connection)
        row = connection.execute(taking).mappings().one_or_none()
        return None if row is None else as_job(row)

    job = database.work(take)
    return None if job is None else Claim(database=database, job=job, fence=job.fence, lease=lease)


def waiting_jobs(database: JobDatabase) -> int:
    """Return how many jobs a worker could claim now, or should settle."""
    wanted = select(func.count()).where(
        or_(JOBS.c.state == "queued", and_(JOBS.c.state.in_(HELD), _lapsed()))
    )
    return database.look(lambda connection: connection.execute(wanted).scalar_one())


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A worker's hold on a job. Every method raises LeaseLostError when it has been lost."""

    database: JobDatabase
    job: Job
    fence: int
    lease: float  # s

    def renew(self) -> State:
        """Show a sign of life; return the job's state ("cancelling": stop)."""

        def sign(connection: Connection) -> State:
            self._guard(connection)
            found: State = connection.execute(
                select(JOBS.c.state).where(JOBS.c.id == self.job.id)
            ).scalar_one()
            return found

        return self.database.work(sign)

    def state(self) -> State:
        """Return the job's state without renewing the lease."""
        wanted = select(JOBS.c.state).where(self._mine())
        found = self.database.look(lambda c: c.execute(wanted).scalar_one_or_none())
        if found is None:
            raise self._lost()
        state: State = found
        return state

    def at(self, stage: str, done: int, of: int) -> None:
        """Tell what the job is at: ``done`` of ``of`` steps."""
        self.database.work(lambda c: self._guard(c, stage=stage, done=done, of=of))

    def epoch(self, stage: str, epoch: int, figures: Mapping[str, Any], done: int, of: int) -> None:
        """Keep one epoch's figures; the job has got on, so its attempts count anew."""

        def keep(connection: Connection) -> None:
            self._guard(connection, stage=stage, done=done, of=of, attempts=0)
            key = {"job": self.job.id, "stage": stage, "epoch": epoch}
            connection.execute(
                delete(EPOCHS).where(*(EPOCHS.c[name] == value for name, value in key.items()))
            )
            connection.execute(insert(EPOCHS).values(**key, at=now(), figures=to_json(figures)))

        self.database.work(keep)

    def log(self, text: str) -> None:
        """Add a line to the job's log."""

        def add(connection: Connection) -> None:
            self._guard(connection)
            connection.execute(insert(LOG).values(job=self.job.id, at=now(), text=text))

        self.database.work(add)

    def end(self, state: State, message: str, result: Mapping[str, Any] | None = None) -> None:
        """End the job; ``message`` is a sentence for people."""
        values: dict[str, Any] = {"state": state, "message": message, "finished": now()}
        if result is not None:
            values["result"] = to_json(result)
        self.database.work(lambda c: self._guard(c, **values, lease_until=None, worker=None))

    def give_back(self, why: str, *, counts: bool) -> None:
        """Let the job be claimed again at once; ``counts``: as a failed attempt.

        After ``MAX_ATTEMPTS`` of those it has failed; one that was to be cancelled is cancelled.
        """

        def give(connection: Connection) -> None:
            free: dict[str, Any] = {"lease_until": None, "worker": None}
            self._guard(connection, **free)
            connection.execute(insert(LOG).values(job=self.job.id, at=now(), text=why))
            job = as_job(
                connection.execute(select(JOBS).where(JOBS.c.id == self.job.id)).mappings().one()
            )
            attempts = job.attempts if counts else max(job.attempts - 1, 0)
            values: dict[str, Any]
            if job.state == "cancelling":
                values = {"state": "cancelled", "finished": now(), "message": CANCELLED}
            elif attempts >= MAX_ATTEMPTS:
                values = {"state": "failed", "finished": now(), "message": f"{why} {_TOO_OFTEN}"}
            else:
                values = {"state": "queued", "attempts": attempts}
            connection.execute(update(JOBS).where(JOBS.c.id == self.job.id).values(**values))

        self.database.work(give)

    def _mine(self) -> ColumnElement[bool]:
        return and_(JOBS.c.id == self.job.id, JOBS.c.fence == self.fence, JOBS.c.state.in_(HELD))

    def _guard(self, connection: Connection, **values: Any) -> None:
        """Write ``values`` and renew the lease, or raise: first in every transaction of ours."""
        kept = {"lease_until": now() + self.lease, **values}
        if connection.execute(update(JOBS).where(self._mine()).values(**kept)).rowcount != 1:
            raise self._lost()

    def _lost(self) -> LeaseLostError:
        return LeaseLostError(
            f"The job {self.job.id} is another worker's now, or has ended; this worker stops."
        )


CANCELLED: Final = "Cancelled; what was done is kept, and it can be resumed."
STOPPED: Final = "The worker was stopped; another one goes on from the last epoch."
_TOO_OFTEN = (
    f"That was attempt {MAX_ATTEMPTS} of {MAX_ATTEMPTS} without a whole epoch more, so it is not "
    "tried again; mend the cause and resume it."
)
_DIED = "The worker gave no sign of life any more: killed, or its machine went off."


def _lapsed() -> ColumnElement[bool]:
    return JOBS.c.lease_until < now()


def _settle(connection: Connection) -> None:
    """End what nobody works on any more and nobody shall."""
    connection.execute(
        update(JOBS)
        .where(JOBS.c.state == "cancelling", _lapsed())
        .values(state="cancelled", finished=now(), message=CANCELLED, worker=None)
    )
    connection.execute(
        update(JOBS)
        .where(JOBS.c.state == "running", _lapsed(), JOBS.c.attempts >= MAX_ATTEMPTS)
        .values(state="failed", finished=now(), message=f"{_DIED} {_TOO_OFTEN}", worker=None)
    )
