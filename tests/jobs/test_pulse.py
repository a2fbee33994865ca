"""A cancel in the middle of the work: at its next question, or not waited for."""

import contextlib
import threading
import time
from collections.abc import Iterator

import pytest

from ecgcore.jobs import pulse, store
from ecgcore.jobs.claim import claim
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.pulse import Cancelled, Pulse

BEAT, GRACE = 0.02, 0.05


@pytest.fixture
def jobs(tmp_path) -> Iterator[JobDatabase]:
    opened = JobDatabase(f"sqlite:///{tmp_path / 'jobs.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Return what is set where the pulse would have ended this process: not soon, as it stands."""
    ended = threading.Event()
    monkeypatch.setattr(Pulse, "_end_now", lambda _: ended.set())
    monkeypatch.setattr(pulse, "BEAT_S", BEAT)
    monkeypatch.setattr(pulse, "_GRACE_S", 60.0)
    return ended


@pytest.fixture
def beating(jobs: JobDatabase) -> Iterator[Pulse]:
    """Return the pulse of a job that somebody has cancelled."""
    store.submit(jobs, id="it", kind="batch", title="it", config={})
    mine = claim(jobs, "w", 60, ("batch",))
    assert mine is not None
    made = Pulse(mine)
    made._thread.start()  # without what it does of signals
    store.cancel(jobs, "it")
    yield made
    made.stop()


def heard_of(beating: Pulse) -> None:
    """Ask as the work does, until it is told of the cancel."""
    with contextlib.suppress(Cancelled):
        while True:
            beating.check()


def test_work_that_does_not_hear_of_a_cancel_is_not_waited_for(beating: Pulse, ended, monkeypatch):
    monkeypatch.setattr(pulse, "_GRACE_S", GRACE)
    assert ended.wait(60)


def test_work_that_has_heard_of_it_may_put_away_what_it_has(beating: Pulse, ended, monkeypatch):
    heard_of(beating)
    monkeypatch.setattr(pulse, "_GRACE_S", GRACE)
    time.sleep(20 * GRACE)  # writes its summary, on a busy machine
    assert not ended.is_set()
