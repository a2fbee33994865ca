"""One Chromium for all browser tests of a worker, and the jobs of an app that one serves."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from ecgcore.jobs import store
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.worker import workers
from tests.browser.serve import browser


@pytest.fixture(scope="session")
def chrome(chromium: Path) -> Iterator[Browser]:
    with browser(chromium) as started:
        yield started


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[JobDatabase]:
    """The app's own database of jobs; its workers are ended afterwards."""
    opened = JobDatabase(f"sqlite:///{tmp_path / 'jobs' / 'jobs.sqlite3'}")
    yield opened
    for job in store.list_jobs(opened):
        store.cancel(opened, job.id)
    for name in workers(opened):
        with contextlib.suppress(ProcessLookupError):  # it had nothing more to do
            os.kill(int(name.rpartition(":")[2]), signal.SIGTERM)
    opened.close()
