"""A process of the local pool: ``python -m ecgcore.executor.process FD``, its end of a pipe.

It does what it is sent, one after another, until the pipe is closed; when the process that started
it is gone it ends in the middle of its work.
"""

import os
import sys
import threading
import time
from multiprocessing.connection import Connection

from ecgcore.errors import ExecutorError
from ecgcore.executor.memory import limit_memory
from ecgcore.executor.task import attempt
from ecgcore.settings import settings


def main(handle: int) -> None:
    """Serve the pipe."""
    threading.Thread(target=_follow, args=(os.getppid(),), daemon=True).start()
    limit_memory(settings().job_memory_mb)
    pipe = Connection(handle)
    while True:
        try:
            do, item = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = attempt(do, item)
        except ExecutorError as error:  # nothing more can be done: the pool raises it
            answer = error
        pipe.send(answer)


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
