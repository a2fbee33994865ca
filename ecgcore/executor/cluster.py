"""A Dask cluster as executor: an existing scheduler, whose workers read the same storage.

Only what a few workers need is given to the scheduler at once, so that a million items cost no
memory there and a cancel is quick. Dask gives a dead worker's items to others.
"""

import contextlib
import logging
import queue
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from distributed import Client, Future
from distributed.scheduler import KilledWorker

from ecgcore.errors import ExecutorError
from ecgcore.executor.task import Check, Failed, R, T, attempt_elsewhere, code_version, places

_CONNECT_S: Final = 15.0
_LOOK_S: Final = 0.2
NO_WORKERS_S: Final = 60.0  # without any worker for so long, the work is given up

# It prints a traceback of its own when the scheduler goes; ours is a sentence.
logging.getLogger("distributed.client").setLevel(logging.CRITICAL)


class DaskCluster:
    """An ``Executor`` on the workers of a scheduler. Raises ExecutorError when none answers."""

    def __init__(self, address: str, patience: float = NO_WORKERS_S) -> None:
        self._address, self._patience = address, patience
        try:
            self._client = Client(address, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, ValueError, RuntimeError) as error:
            raise ExecutorError(
                f"No Dask scheduler answers at {address}; start one (`dask scheduler`) with "
                "workers, see docs/scaling.md, or set ECG_EXECUTOR=local."
            ) from error
        self._seen = time.monotonic()

    @property
    def name(self) -> str:
        """See Executor."""
        return f"the Dask cluster {self._address}"

    def close(self) -> None:
        """Let go of the scheduler, which goes on."""
        with contextlib.suppress(Exception):
            self._client.close(timeout=5)

    def results(
        self, do: Callable[[T], R], items: Iterable[T], check: Check
    ) -> Iterator[tuple[T, R | Failed]]:
        """See Executor."""
        waiting = iter(items)
        running: dict[str, tuple[Future, T]] = {}
        done: queue.SimpleQueue[Future] = queue.SimpleQueue()
        where, version = places(), code_version()
        self._seen, more = time.monotonic(), True
        try:
            while more or running:
                check()
                while more and len(running) < 2 * self._slots() + 2:
                    try:
                        item = next(waiting)
                    except StopIteration:
                        more = False
                        break
                    future = self._submit(do, item, version, where)
                    running[future.key] = future, item
                    future.add_done_callback(done.put)
                with contextlib.suppress(queue.Empty):
                    future = done.get(timeout=_LOOK_S)
                    _, item = running.pop(future.key)
                    yield item, self._result(future, check)
        finally:
            if running and self._client.status == "running":
                with contextlib.suppress(Exception):
                    self._client.cancel([future for future, _ in running.values()])

    def _submit(self, do: Callable[[T], R], item: T, version: str, where: dict[str, str]) -> Future:
        try:
            return self._client.submit(attempt_elsewhere, do, item, version, where, pure=False)
        except Exception as error:
            if self._client.status == "running":
                raise
            raise self._lost() from error

    def _slots(self) -> int:
        """Return how many threads the workers have together. Raises ExecutorError without any."""
        if self._client.status != "running":
            raise self._lost()
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        now = time.monotonic()
        if workers:
            self._seen = now
        elif now - self._seen > self._patience:
            raise ExecutorError(
                f"The Dask scheduler at {self._address} has had no worker for "
                f"{self._patience:.0f} s; start some, then run it again: what was done is kept."
            )
        return sum(int(one["nthreads"]) for one in workers.values())

    def _result(self, future: Future, check: Check) -> Any:
        while True:
            check()
            self._slots()
            try:
                return future.result(timeout=1.0)
            except TimeoutError:  # its worker died with the result; Dask makes it anew
                continue
            except ExecutorError:
                raise
            except KilledWorker as error:
                return Failed(
                    said="The workers that took it died one after another, the last was "
                    f"{error.last_worker.address}; too little memory is the usual reason."
                )
            except ImportError as error:
                raise ExecutorError(
                    f"The workers of {self._address} can't load BeatLens ({error}); start them in "
                    "its folder and environment, see docs/scaling.md."
                ) from error
            except Exception as error:
                # A broken line may be known here sooner than by the client; what an item raises
                # comes as its ``Failed``.
                if self._client.status != "running" or isinstance(error, OSError):
                    raise self._lost() from error
                raise ExecutorError(
                    f"The Dask cluster {self._address} can't do the work: {error}."
                ) from error

    def _lost(self) -> ExecutorError:
        return ExecutorError(
            f"The Dask scheduler at {self._address} is gone: it ended, or the network to it. "
            "Start it again, then run this again: what was done is kept."
        )
