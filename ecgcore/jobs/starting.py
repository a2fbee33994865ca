"""Starting a worker where none is alive: detached, so that it outlives the app."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

from ecgcore.errors import JobError
from ecgcore.jobs.claim import waiting_jobs
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.worker import workers
from ecgcore.settings import settings

LOCK: Final = "worker.lock"
_LOG_BYTES: Final = 1 << 20
_IDLE_S: Final = 60
_STARTING_S: Final = 10.0  # until then the one just started may not have shown itself
_ROOT: Final = Path(__file__).resolve().parents[2]

_lock = threading.Lock()
_not_before = [0.0]


def ensure_worker(database: JobDatabase) -> bool:
    """Start a worker when a job waits and no worker is alive; tell whether one was started.

    The process it starts ends at once when another that was started so is there, and when nothing
    is left to do. Raises JobError when it can't be started.
    """
    with _lock:
        if time.monotonic() < _not_before[0] or not waiting_jobs(database) or workers(database):
            return False
        _not_before[0] = time.monotonic() + _STARTING_S
    _start()
    return True


def _start() -> None:
    folder = settings().home / "jobs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / "worker.log"
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.old"))
        with log.open("ab") as output:
            subprocess.Popen(
                [sys.executable, "-m", "ecgcore", "worker", "--alone", "--idle", str(_IDLE_S)],
                cwd=_ROOT,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
    except OSError as error:
        raise JobError(
            f"No worker could be started ({error.strerror}); start one with: "
            "python -m ecgcore worker."
        ) from error
