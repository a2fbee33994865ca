"""Predictions of many recordings, gathered in a thread of their own while a page looks on.

A page starts a gathering, draws how far it is, and shows the result when it is done; it may be
left, opened again or opened twice meanwhile, and there is one gathering for all who ask for the
same. What was classified stays on disk (``training.store``), so cancelling loses nothing.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

from ecgcore.errors import EcgError
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.records.catalog import Database
from ecgcore.schema import Predictions
from ecgcore.training.store import ANNOTATED, stored_predictions

Phase = Literal["running", "cancelled", "done"]

_KEPT: Final = 6  # gatherings that are remembered with their results
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class GatherKey:
    """Names a gathering: a state of a checkpoint, and states of recordings."""

    checkpoint: str
    digest: str
    database: str
    records: tuple[tuple[str, str], ...]  # (name, digest)
    source: str = ANNOTATED
    lead: str | None = None
    partial: tuple[str, ...] = ()  # those cut short, of which what is there is taken


@dataclass(frozen=True, kw_only=True, eq=False)
class Gathered:
    """How far a gathering is."""

    key: GatherKey
    phase: Phase = "running"
    current: str = ""  # the recording at work
    found: tuple[Predictions, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()  # (recording, sentence)

    @property
    def total(self) -> int:
        """Recordings asked for."""
        return len(self.key.records)

    @property
    def done(self) -> int:
        """Recordings that need no more work."""
        return len(self.found) + len(self.failed)


Load = Callable[[], Checkpoint]


class Gatherings:
    """The gatherings of this process; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: OrderedDict[GatherKey, Gathered] = OrderedDict()
        self._stops: dict[GatherKey, threading.Event] = {}
        self._threads: dict[GatherKey, threading.Thread] = {}

    def state(self, key: GatherKey) -> Gathered | None:
        """Return how far a gathering is, None where none was started or it was forgotten."""
        with self._lock:
            if key in self._states:
                self._states.move_to_end(key)
            return self._states.get(key)

    def start(self, key: GatherKey, load: Load, database: Database) -> Gathered:
        """Start a gathering, or return the one that runs or is done.

        A cancelled one goes on; one in which something failed is tried again, as what was in the
        way may be gone. ``load`` returns the checkpoint; it is called in the thread.
        """
        with self._lock:
            now = self._states.get(key)
            if (
                now is not None
                and now.phase != "cancelled"
                and not (now.phase == "done" and now.failed)
            ):
                return now
            self._forget()
            state = self._states[key] = Gathered(key=key)
            stop = self._stops[key] = threading.Event()
            thread = threading.Thread(
                target=self._run,
                args=(key, load, database, stop),
                name=f"gather-{key.checkpoint}",
                daemon=True,  # the server's end need not wait: what is done is on disk
            )
            self._threads[key] = thread
            thread.start()
            return state

    def cancel(self, key: GatherKey) -> None:
        """Ask a gathering to stop; it does after the recording at work."""
        with self._lock:
            if key in self._stops and self._states[key].phase == "running":
                self._stops[key].set()
                self._states[key] = replace(self._states[key], phase="cancelled")

    def wait(self, key: GatherKey, timeout: float | None = None) -> Gathered | None:
        """Wait until a gathering has ended, at most ``timeout`` seconds, and return it."""
        with self._lock:
            thread = self._threads.get(key)
        if thread is not None:
            thread.join(timeout)
        return self.state(key)

    def _run(self, key: GatherKey, load: Load, database: Database, stop: threading.Event) -> None:
        try:
            checkpoint = load()
        except EcgError as error:
            self._update(key, stop, failed=((key.checkpoint, str(error)),), phase="done")
            return
        for name, _ in key.records:
            self._update(key, stop, current=name)
            if stop.is_set():
                return
            found, sentence = self._one(key, checkpoint, database, name)
            state = self.state(key)
            if state is None:
                return
            if found is None:
                self._update(key, stop, failed=(*state.failed, (name, sentence)))
            else:
                self._update(key, stop, found=(*state.found, found))
        self._update(key, stop, phase="done", current="")

    def _one(
        self, key: GatherKey, checkpoint: Checkpoint, database: Database, name: str
    ) -> tuple[Predictions | None, str]:
        try:
            found = stored_predictions(
                checkpoint,
                database,
                name,
                source=key.source,
                lead=key.lead,
                partial=name in key.partial,
            )
        except EcgError as error:
            return None, str(error)
        except Exception:
            _log.exception("classifying %s/%s with %s", key.database, name, key.checkpoint)
            return None, f"{name} could not be classified; the log tells why."
        return found, ""

    def _update(self, key: GatherKey, stop: threading.Event, **changes: object) -> None:
        with self._lock:
            # A newer thread may work on the same key after a cancel: only the newest may write.
            if self._stops.get(key) is stop and not stop.is_set():
                self._states[key] = replace(self._states[key], **changes)  # type: ignore[arg-type]

    def _forget(self) -> None:
        """Drop the results that were not looked at for longest; running ones stay."""
        idle = [key for key, state in self._states.items() if state.phase != "running"]
        for key in idle[: max(0, len(self._states) - _KEPT + 1)]:
            for table in (self._states, self._stops, self._threads):
                table.pop(key, None)


GATHERINGS: Final = Gatherings()
