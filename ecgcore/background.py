"""Work in a thread of its own while a page looks on: told how far it is, and cancelled.

One piece of work for all who ask for the same key; results of the last few are kept.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from ecgcore.errors import EcgError

_log = logging.getLogger(__name__)


class Cancelled(Exception):
    """Raised inside the work where it was cancelled."""


Report = Callable[[float, str], None]  # (share done, what is at work); raises Cancelled


def part_of(report: Report | None, begin: float, end: float, prefix: str = "") -> Report | None:
    """Return what tells ``report`` of a part of its work, from ``begin`` to ``end``."""
    if report is None:
        return None
    return lambda share, step: report(begin + (end - begin) * share, prefix + step)


@dataclass(frozen=True, kw_only=True, eq=False)
class WorkState:
    """How far a piece of work is."""

    phase: Literal["running", "cancelled", "failed", "done"] = "running"
    share: float = 0.0
    step: str = ""
    result: Any = None
    failure: str = ""  # a sentence, where it failed


class Background:
    """Pieces of work of this process; safe to use from any thread."""

    def __init__(self, kept: int = 12) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._states: OrderedDict[Hashable, WorkState] = OrderedDict()
        self._stops: dict[Hashable, threading.Event] = {}
        self._threads: dict[Hashable, threading.Thread] = {}

    def state(self, key: Hashable) -> WorkState | None:
        """Return how far it is, None where it was never started or is forgotten."""
        with self._lock:
            if key in self._states:
                self._states.move_to_end(key)
            return self._states.get(key)

    def start(self, key: Hashable, work: Callable[[Report], Any], *, again: bool = False) -> None:
        """Start it unless it runs or is done; what was cancelled or failed starts anew.

        With ``again`` also what is done, where what it made is not all that was wanted.
        """
        with self._lock:
            now = self._states.get(key)
            if now is not None and (now.phase == "running" or (now.phase == "done" and not again)):
                return
            self._forget()
            self._states[key] = WorkState()
            stop = self._stops[key] = threading.Event()
            thread = self._threads[key] = threading.Thread(
                target=self._run, args=(key, work, stop), name="background", daemon=True
            )
            thread.start()

    def cancel(self, key: Hashable) -> None:
        """Ask it to stop; it does at its next report."""
        with self._lock:
            if key in self._stops and self._states[key].phase == "running":
                self._stops[key].set()
                self._states[key] = replace(self._states[key], phase="cancelled")

    def wait(self, key: Hashable, timeout: float | None = None) -> WorkState | None:
        """Wait until it has ended, at most ``timeout`` seconds, and return how far it is."""
        with self._lock:
            thread = self._threads.get(key)
        if thread is not None:
            thread.join(timeout)
        return self.state(key)

    def _run(self, key: Hashable, work: Callable[[Report], Any], stop: threading.Event) -> None:
        def report(share: float, step: str) -> None:
            if stop.is_set():
                raise Cancelled
            self._update(key, stop, share=min(1.0, share), step=step)

        try:
            result = work(report)
        except Cancelled:
            return
        except EcgError as error:
            self._update(key, stop, phase="failed", failure=str(error))
        except Exception:
            _log.exception("work in the background: %s", key)
            failure = "It could not be done; the log tells why."
            self._update(key, stop, phase="failed", failure=failure)
        else:
            self._update(key, stop, phase="done", share=1.0, result=result)

    def _update(self, key: Hashable, stop: threading.Event, **changes: Any) -> None:
        with self._lock:
            # After a cancel and a new start two threads have one key: only the newest may write.
            if self._stops.get(key) is stop and not stop.is_set():
                self._states[key] = replace(self._states[key], **changes)

    def _forget(self) -> None:
        idle = [key for key, state in self._states.items() if state.phase != "running"]
        for key in idle[: max(0, len(self._states) - self._kept + 1)]:
            for table in (self._states, self._stops, self._threads):
                table.pop(key, None)


BACKGROUND: Final = Background()
