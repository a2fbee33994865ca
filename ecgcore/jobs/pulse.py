"""A working process' pulse: it renews the lease, and hears of a cancel within half a second.

It beats in a thread beside the work. The work stops by itself at its next batch (``check``); when
that doesn't come soon, or the lease is lost, the pulse ends the process: everything is written
whole or not at all, so that costs the epoch at hand and no more. Work that has heard of the cancel
has longer: it puts away what it has, such as a batch's summary.
"""

import os
import signal
import threading
import time
from typing import Final

from ecgcore.errors import JobError, LeaseLostError
from ecgcore.jobs.claim import CANCELLED, Claim

BEAT_S: Final = 0.5
_GRACE_S: Final = 1.0  # for the work to hear of a cancel
_PUTTING_AWAY_S: Final = 60.0  # for work that has heard of it to end
LOST, ORPHAN = 75, 76  # exit codes: another has the job; the worker above is gone


class Cancelled(Exception):
    """Somebody cancelled the job."""


class Stopped(Exception):
    """The worker is to end, and the job is for another one."""


class Pulse:
    """The pulse of one claim, from ``start`` until ``stop``."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)
        self._parent = os.getppid()
        self._cancelling_since: float | None = None
        self._heard = False  # of the cancel, by the work
        self._terminated = False
        self._lost = False
        self._renewed = time.time()

    def start(self) -> None:
        """Begin to beat; SIGTERM from now on stops the work at its next batch."""
        signal.signal(signal.SIGTERM, self._terminate)
        self._thread.start()

    def stop(self) -> None:
        """Beat no more, and wait for the last beat to be over."""
        self._ended.set()
        self._thread.join()

    def check(self) -> None:
        """Return at once when the work may go on.

        Raises Cancelled, Stopped, or LeaseLostError. After a pause that was longer than the lease
        (the machine slept, the process was halted) the database is asked first.
        """
        if time.time() - self._renewed > self._claim.lease:
            self._renew()
        if self._lost:
            raise LeaseLostError("The lease was lost.")
        if self._cancelling_since is not None:
            self._heard = True
            raise Cancelled
        if self._terminated:
            raise Stopped

    def _terminate(self, *_: object) -> None:
        self._terminated = True

    def _renew(self) -> None:
        state = self._claim.renew()
        self._renewed = time.time()
        if state == "cancelling" and self._cancelling_since is None:
            self._cancelling_since = time.monotonic()

    def _beat(self) -> None:
        while not self._ended.wait(BEAT_S):
            if os.getppid() != self._parent:
                os._exit(ORPHAN)
            try:
                if time.time() - self._renewed > self._claim.lease / 3:
                    self._renew()
                elif self._claim.state() == "cancelling" and self._cancelling_since is None:
                    self._cancelling_since = time.monotonic()
            except LeaseLostError:
                self._give_up()
            except (
                JobError
            ):  # the database can't be asked; as long as the lease lasts, work goes on
                if time.time() - self._renewed > self._claim.lease:
                    self._give_up()
            since, most = self._cancelling_since, _PUTTING_AWAY_S if self._heard else _GRACE_S
            if since is not None and time.monotonic() - since > most:
                self._end_now()

    def _give_up(self) -> None:
        self._lost = True
        if not self._ended.wait(_GRACE_S):
            os._exit(LOST)

    def _end_now(self) -> None:
        """End the process in the middle of a long batch."""
        try:
            self._claim.end("cancelled", CANCELLED)
        except JobError:
            os._exit(LOST)
        os._exit(0)
