"""Which executor the settings name."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ecgcore.errors import ExecutorError
from ecgcore.executor.pool import ProcessPool
from ecgcore.executor.task import Executor
from ecgcore.settings import settings

LOCAL: Final = "local"
_ADDRESSES: Final = ("tcp://", "tls://")


@contextmanager
def open_executor(where: str | None = None, processes: int | None = None) -> Iterator[Executor]:
    """Yield the executor ``where``: "local", or a Dask scheduler's address; the settings' if None.

    ``processes`` of the local one: the settings' if None, else a process a core. Raises
    ExecutorError for an address that is none, or where no scheduler answers.
    """
    wanted = checked(settings().executor if where is None else where)
    if wanted == LOCAL:
        size = processes or settings().executor_processes or len(os.sched_getaffinity(0))
        pool = ProcessPool(size)
        try:
            yield pool
        finally:
            pool.close()
        return
    from ecgcore.executor.cluster import DaskCluster  # Dask takes a second to load

    cluster = DaskCluster(wanted)
    try:
        yield cluster
    finally:
        cluster.close()


def checked(where: str) -> str:
    """Return ``where``. Raises ExecutorError, saying what it can be, when it is no executor."""
    if where != LOCAL and not where.startswith(_ADDRESSES):
        raise ExecutorError(
            f"ECG_EXECUTOR is {where!r}; it is {LOCAL!r}, or the address of a Dask scheduler such "
            "as tcp://scheduler:8786."
        )
    return where
