"""Workers of the tests: real processes, ended whatever happens."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ecgcore.jobs import store
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.job import Job
from tests.processes import end

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def worker(*, forks: bool = False, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker with short leases; ``forks``: one whose jobs begin sooner."""
    module = ["tests.jobs.forking_worker"] if forks else ["ecgcore", "worker"]
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "ECG_JOB_LEASE": "5", **environment},
    )
    try:
        yield process
    finally:
        end(process)


def until(jobs: JobDatabase, id: str, holds: Callable[[Job], bool], seconds: float = 850) -> Job:
    """Return the job as soon as ``holds`` of it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        job = store.get(jobs, id)
        if holds(job):
            return job
        if job.ended:  # and so it stays
            break
        time.sleep(0.02)
    log = [line.text for line in store.log_lines(jobs, id)]
    raise AssertionError(f"{store.get(jobs, id)} {log}")


def halt(database: Path, *pids: int) -> None:
    """Halt processes where they hold no lock: one halted while it writes keeps SQLite to itself."""
    while True:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        with contextlib.closing(sqlite3.connect(database, timeout=0.5)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                pass
            else:
                return
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        time.sleep(0.05)


def ended(job: Job) -> bool:
    """Tell whether a job has ended."""
    return job.ended


def child_of(pid: int) -> int | None:
    """Return the process that a worker has do its job, None while there is none."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return None
    return int(text[0]) if text else None
