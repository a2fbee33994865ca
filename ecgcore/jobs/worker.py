"""The worker: claims jobs one after another and has each done by a process of its own."""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from ecgcore.errors import JobError, LeaseLostError
from ecgcore.jobs.claim import Claim, claim, waiting_jobs
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.memory import ADVICE, MemoryWatch
from ecgcore.storage.tables import WORKERS, now

POLL_S: Final = 0.5
_SEEN_S: Final = 5.0  # how often an idle worker shows that it is there
GONE_S: Final = 30.0  # a worker not seen for so long is gone

# The kinds of jobs that a worker does, in words.
_WORDS: Final = {"train": "training", "batch": "batch"}

_log = logging.getLogger("beatlens")


class Worker:
    """One worker. ``run`` ends by SIGTERM, which gives the job at hand back, or when idle."""

    def __init__(self, database: JobDatabase, lease: float) -> None:
        self.name = worker_name(os.getpid())
        self._database, self._lease = database, lease
        self._ending = False
        self._child: subprocess.Popen[bytes] | None = None
        self._seen = 0.0

    def run(self, idle: float | None = None) -> None:
        """Work; ``idle``: end after so many seconds without a job, None for never."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        since = time.monotonic()
        while not self._ending:
            try:
                mine = self._next()
                if mine is not None:
                    self._do(mine)
                    since = time.monotonic()
                    continue
            except JobError as error:
                _log.warning("%s", error)  # it has been waited for; now once more
                time.sleep(2.0)
            if idle is not None and time.monotonic() - since > idle:
                break
            time.sleep(POLL_S)
        self._gone()

    def spawn(self, mine: Claim) -> subprocess.Popen[bytes]:
        """Start the process that does a claimed job."""
        words = [mine.job.id, str(mine.fence), str(mine.lease)]
        # In a group of its own: Ctrl-C is for the worker, which ends it in order.
        return subprocess.Popen(
            [sys.executable, "-m", "ecgcore.jobs.child", *words], process_group=0
        )

    def _end(self, *_: object) -> None:
        self._ending = True
        if self._child is not None:
            self._child.terminate()

    def _next(self) -> Claim | None:
        self._show()
        if not waiting_jobs(self._database):
            return None
        return claim(self._database, self.name, self._lease, tuple(_WORDS))

    def _do(self, mine: Claim) -> None:
        _log.warning("job %s: attempt %d", mine.job.id, mine.job.attempts)
        self._child = self.spawn(mine)
        memory = MemoryWatch(self._child.pid)
        if self._ending:  # asked for between the claim and here
            self._child.terminate()
        while self._child.poll() is None:
            memory.look()
            self._show_quietly()
            time.sleep(0.1)
        code, self._child = self._child.returncode, None
        if code == 0:
            return
        what = _WORDS[mine.job.kind]
        try:
            if code == -signal.SIGKILL and memory.killed():
                said = f"The system ended the {what} because memory ran out. {ADVICE}"
                mine.end("out-of-memory", said)
            else:
                mine.give_back(
                    f"The {what}'s process ended unexpectedly ({_why(code)}).", counts=True
                )
        except LeaseLostError:
            pass  # it had written how it ended, or another worker has the job

    def _show(self) -> None:
        if time.monotonic() - self._seen > _SEEN_S or not self._seen:
            self._database.work(self._sign)
            self._seen = time.monotonic()

    def _show_quietly(self) -> None:
        try:
            self._show()
        except JobError as error:  # the job's own process has its own patience
            _log.warning("%s", error)
            self._seen = time.monotonic()

    def _sign(self, connection: Connection) -> None:
        connection.execute(delete(WORKERS).where(WORKERS.c.seen < now() - 60 * GONE_S))
        mine = update(WORKERS).where(WORKERS.c.name == self.name).values(seen=now())
        if not connection.execute(mine).rowcount:
            connection.execute(insert(WORKERS).values(name=self.name, seen=now()))

    def _gone(self) -> None:
        try:
            self._database.work(
                lambda c: c.execute(delete(WORKERS).where(WORKERS.c.name == self.name))
            )
        except JobError as error:
            _log.warning("%s", error)


def worker_name(pid: int) -> str:
    """Return how a worker of this machine is called."""
    return f"{socket.gethostname()}:{pid}"


def workers(database: JobDatabase) -> tuple[str, ...]:
    """Return the workers that are alive: seen lately, and of this machine really there."""
    recent = select(WORKERS.c.name).where(WORKERS.c.seen > now() - GONE_S).order_by(WORKERS.c.name)
    names = database.look(lambda c: c.execute(recent).scalars().all())
    return tuple(name for name in names if _may_live(name))


def _may_live(name: str) -> bool:
    host, _, pid = name.rpartition(":")
    if host != socket.gethostname():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _why(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
