"""Fits in a thread of their own while a page looks on: one for all who ask for the same."""

import logging
import threading
from dataclasses import dataclass
from typing import Final

from ecgcore.clusters.store import fitted_clusters
from ecgcore.errors import EcgError
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.records.catalog import Database

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class FitKey:
    """Names a fit: a state of a checkpoint, what it is fitted on, how many clusters."""

    checkpoint: str
    digest: str
    database: str
    records: tuple[str, ...]
    count: int | None


@dataclass(frozen=True, kw_only=True)
class FitState:
    """How far a fit is; what it found is on disk (``store``)."""

    share: float = 0.0  # of the steps at hand
    step: str = ""
    running: bool = True
    failure: str = ""  # a sentence, where it failed


class Fittings:
    """The fits of this process; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[FitKey, FitState] = {}

    def state(self, key: FitKey) -> FitState | None:
        """Return how far a fit is, None where none was started."""
        with self._lock:
            return self._states.get(key)

    def start(self, key: FitKey, checkpoint: Checkpoint, database: Database) -> None:
        """Start a fit unless it runs; one that failed is tried again."""
        with self._lock:
            now = self._states.get(key)
            if now is not None and now.running:
                return
            self._states[key] = FitState()
        thread = threading.Thread(
            target=self._run, args=(key, checkpoint, database), name="clusters", daemon=True
        )
        thread.start()

    def _run(self, key: FitKey, checkpoint: Checkpoint, database: Database) -> None:
        def progress(done: int, of: int, what: str) -> None:
            self._set(key, FitState(share=done / max(1, of), step=what))

        failure = ""
        try:
            fitted_clusters(checkpoint, database, key.records, key.count, progress)
        except EcgError as error:
            failure = str(error)
        except Exception:
            _log.exception("fitting the clusters of %s", key.checkpoint)
            failure = f"The clusters of {key.checkpoint} could not be fitted; the log tells why."
        self._set(key, FitState(share=1, running=False, failure=failure))

    def _set(self, key: FitKey, state: FitState) -> None:
        with self._lock:
            self._states[key] = state


FITTINGS: Final = Fittings()
