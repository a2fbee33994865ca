"""A worker that forks its jobs' processes: what they import is there already.

A process that is killed twenty times would otherwise spend its life importing torch.
"""

import os
import signal

import ecgcore.training.loop  # noqa: F401 - for the forks
from ecgcore.jobs import child, watcher  # noqa: F401
from ecgcore.jobs.claim import Claim
from ecgcore.jobs.engine import jobs_database
from ecgcore.jobs.worker import Worker
from ecgcore.settings import settings
from ecgcore.storage import engine


class Forked:
    """A forked process, as ``subprocess.Popen`` has it."""

    def __init__(self, mine: Claim) -> None:
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            code = 70
            try:
                engine._opened.cache_clear()  # connections are nothing to share
                code = child.main(mine.job.id, mine.fence, mine.lease)
            finally:
                os._exit(code)

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def terminate(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)


class ForkingWorker(Worker):
    def spawn(self, mine: Claim) -> Forked:  # type: ignore[override]
        return Forked(mine)


if __name__ == "__main__":
    ForkingWorker(jobs_database(), settings().job_lease).run()
