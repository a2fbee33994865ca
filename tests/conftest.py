"""What tests share: where the real recordings and the browser are, and an environment of our own.

A test that needs real recordings takes the fixture of a database (``mitdb``, ``nsrdb``, ``qtdb``,
``ecgid``) and skips with a plain reason where it is not there. With ``ECG_REQUIRE_ALL=1`` a skip
is a failure, so that nothing is left out unseen.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# Two test processes with two spinning torch threads each would wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from ecgcore.records.catalog import Database, databases
from ecgcore.settings import settings

# How long an example takes is the machine's affair.
hypothesis.settings.register_profile("beatlens", deadline=None)
hypothesis.settings.load_profile("beatlens")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Write caches to a folder of this run, never to the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECG_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Turn a skip into a failure where everything is required."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and settings().require_all and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped under ECG_REQUIRE_ALL=1: {report.longrepr}"


def _real(name: str) -> Database:
    found = databases().get(name)
    if found is None or found.synthetic:
        pytest.skip(f"the real {name} is not in {settings().data_dir} (set ECG_DATA_DIR)")
    return found


@pytest.fixture(scope="session")
def mitdb() -> Database:
    return _real("mitdb")


@pytest.fixture(scope="session")
def nsrdb() -> Database:
    return _real("nsrdb")


@pytest.fixture(scope="session")
def qtdb() -> Database:
    return _real("qtdb")


@pytest.fixture(scope="session")
def ecgid() -> Database:
    return _real("ecgid")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Return Chromium's path."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    return Path(CHROMIUM)
