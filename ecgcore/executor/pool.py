"""The local executor: processes on this machine, each with a pipe of its own.

No ports are opened, so nobody else on the machine can send them work. Each process is known by
what it works on, so that one that dies costs that item one attempt and no other item anything.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Final

from ecgcore.errors import ExecutorError
from ecgcore.executor.task import MAX_DEATHS, Check, Failed, R, T, places
from ecgcore.settings import settings

_ROOT: Final = Path(__file__).resolve().parents[2]
_LOOK_S: Final = 0.2
# In case a library keeps a little of every item; a new process begins small.
RENEWED_AFTER: Final = 100  # items
# What keeps a process as large as its first items made it. glibc, left to itself, soon puts arrays
# of up to 32 MB into its heap, where one small block that stays above them keeps them all; and
# torch and oneDNN keep kernels for each of the last 1,024 shapes of a batch, such as the last
# batch of every recording: just such small blocks.
_STEADY: Final = {
    "MALLOC_MMAP_THRESHOLD_": str(4 << 20),  # bytes; larger blocks are given back when freed
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "128",
    "LRU_CACHE_CAPACITY": "128",  # of torch, beside oneDNN's own
}
# What a process needs of the environment; anything else may be a secret.
_PASSED: Final = ("PATH", "HOME", "LANG", "TMPDIR", "TZ", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
_PASSED_STARTS: Final = (
    *("PYTHON", "LC_", "OMP_", "MKL_", "OPENBLAS_", "CUDA_", "COVERAGE_", "MALLOC_", "ONEDNN_"),
)


@dataclass(eq=False)
class _Worker:
    process: subprocess.Popen[bytes]
    pipe: Connection
    done: int = 0  # items

    @classmethod
    def start(cls) -> "_Worker":
        ours, theirs = Pipe()
        with theirs:
            handle = theirs.fileno()
            process = subprocess.Popen(
                [sys.executable, "-m", "ecgcore.executor.process", str(handle)],
                cwd=_ROOT,
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                pass_fds=[handle],
                process_group=0,  # Ctrl-C is for the one who started it
            )
        return cls(process, ours)

    def end(self) -> str:
        """End the process; return how it had ended, for people."""
        self.pipe.close()
        code = self.process.poll()
        if code is None:
            self.process.kill()
            self.process.wait()
            return ""
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
        return f"exit code {code}"


class ProcessPool:
    """An ``Executor`` of ``size`` processes, started as they are needed."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._idle: list[_Worker] = []

    @property
    def name(self) -> str:
        """See Executor."""
        return f"this machine, {self._size} process{'es' if self._size > 1 else ''}"

    def close(self) -> None:
        """End all processes."""
        while self._idle:
            self._idle.pop().end()

    def _rest(self, worker: _Worker) -> None:
        worker.done += 1
        if worker.done < RENEWED_AFTER:
            self._idle.append(worker)
        else:
            worker.end()

    def results(
        self, do: Callable[[T], R], items: Iterable[T], check: Check
    ) -> Iterator[tuple[T, R | Failed]]:
        """See Executor."""
        waiting, again = iter(items), deque[tuple[T, int]]()
        running: dict[Connection, tuple[_Worker, T, int]] = {}
        try:
            while True:
                while len(running) < self._size:
                    try:
                        item, deaths = again.popleft() if again else (next(waiting), 0)
                    except StopIteration:
                        break
                    worker = self._idle.pop() if self._idle else _Worker.start()
                    running[worker.pipe] = worker, item, deaths
                    with contextlib.suppress(OSError):  # it died; the pipe says so below
                        worker.pipe.send((do, item))
                if not running:
                    return
                ready = wait(list(running), timeout=_LOOK_S)
                check()
                for pipe in [one for one in running if one in ready]:
                    worker, item, deaths = running.pop(pipe)
                    try:
                        answer: Any = worker.pipe.recv()
                    except (EOFError, OSError):
                        worker.process.wait()
                        how = worker.end()
                        if deaths + 1 < MAX_DEATHS:
                            again.append((item, deaths + 1))
                            continue
                        answer = Failed(
                            said=f"The process that worked on it died {MAX_DEATHS} times ({how}); "
                            "too little memory is the usual reason."
                        )
                    else:
                        self._rest(worker)
                    if isinstance(answer, ExecutorError):
                        raise answer
                    yield item, answer
        finally:
            for worker, _, _ in running.values():
                worker.end()


def clean_environment() -> dict[str, str]:
    """Return what this process' environment holds that one that works for it needs."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED or name.startswith(_PASSED_STARTS)
    }
    limit = settings().job_memory_mb
    memory = {} if limit is None else {"ECG_JOB_MEMORY_MB": str(limit)}
    return {"OMP_NUM_THREADS": "1", **_STEADY, **kept, **places(), **memory}
