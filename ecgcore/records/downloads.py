"""Downloads that go on while nobody waits for them: one thread a database, asked how it is."""

import logging
import threading
from dataclasses import dataclass, field, replace
from typing import Literal

from ecgcore.errors import EcgError
from ecgcore.records.download import Downloaded, Progress, download
from ecgcore.records.fetch import DownloadCancelled
from ecgcore.records.physionet import source

Phase = Literal["running", "cancelling", "done", "cancelled", "failed"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class DownloadState:
    """What a download is doing or how it ended."""

    name: str
    phase: Phase = "running"
    progress: Progress = field(default_factory=Progress)
    message: str = ""  # a sentence for people, when it ended
    result: Downloaded | None = None

    @property
    def active(self) -> bool:
        """Whether its thread is still at work."""
        return self.phase in ("running", "cancelling")


class Downloads:
    """The downloads of this process, at most one a database; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[str, DownloadState] = {}
        self._stops: dict[str, threading.Event] = {}
        self._threads: dict[str, threading.Thread] = {}

    def start(self, name: str) -> DownloadState:
        """Start a download, or return the state of the one that runs already.

        Raises DownloadError when nothing of that name can be downloaded.
        """
        source(name)
        with self._lock:
            now = self._states.get(name)
            if now is not None and now.active:
                return now
            state = self._states[name] = DownloadState(name=name)
            self._stops[name] = threading.Event()
            # A daemon: the server's end need not wait, since a download can go on at any time.
            thread = threading.Thread(
                target=self._run,
                args=(name, self._stops[name]),
                name=f"download-{name}",
                daemon=True,
            )
            self._threads[name] = thread
            thread.start()
            return state

    def cancel(self, name: str) -> None:
        """Ask a running download to stop; it does at the next chunk."""
        with self._lock:
            state = self._states.get(name)
            if state is not None and state.active:
                self._stops[name].set()
                self._states[name] = replace(state, phase="cancelling")

    def state(self, name: str) -> DownloadState | None:
        """Return how a download is, or None where none was started."""
        with self._lock:
            return self._states.get(name)

    def active(self) -> tuple[DownloadState, ...]:
        """Return the downloads at work."""
        with self._lock:
            return tuple(state for state in self._states.values() if state.active)

    def wait(self, name: str, timeout: float | None = None) -> DownloadState | None:
        """Wait until a download has ended, at most ``timeout`` seconds, and return its state."""
        with self._lock:
            thread = self._threads.get(name)
        if thread is not None:
            thread.join(timeout)
        return self.state(name)

    def _run(self, name: str, stop: threading.Event) -> None:
        def tell(progress: Progress) -> None:
            with self._lock:
                self._states[name] = replace(self._states[name], progress=progress)

        try:
            result = download(source(name), progress=tell, cancelled=stop)
        except DownloadCancelled as error:
            self._end(name, "cancelled", str(error))
        except EcgError as error:
            self._end(name, "failed", str(error))
        except Exception:
            _log.exception("The download of %s failed", name)
            self._end(name, "failed", f"The download of {name} failed; the log tells why.")
        else:
            self._end(name, "done", result.summary, result)

    def _end(self, name: str, phase: Phase, message: str, result: Downloaded | None = None) -> None:
        with self._lock:
            self._states[name] = replace(
                self._states[name], phase=phase, message=message, result=result
            )


DOWNLOADS = Downloads()
