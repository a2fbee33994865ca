"""What tests share: where the real recordings and the browser are, and an environment of our own.

A test that needs real recordings takes the fixture of a database (``mitdb``, ``nsrdb``, ``qtdb``,
``ecgid``) and skips with a plain reason where it is not there. With ``ECG_REQUIRE_ALL=1`` a skip
is a failure, so that nothing is left out unseen.
"""

import os
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest

# Two test processes with two spinning torch threads each would wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from ecgcore.records.catalog import databases
from ecgcore.records.database import Database
from ecgcore.settings import settings

# How long an example takes is the machine's affair. The same examples every time, so that what
# passed passes again; ``--hypothesis-profile=search`` looks for new ones.
hypothesis.settings.register_profile(
    "search", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile(
    "beatlens", hypothesis.settings.get_profile("search"), derandomize=True
)
hypothesis.settings.load_profile("beatlens")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Write caches to a folder of this run, never to the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECG_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a home of its own, with the demo database that the whole run shares."""
    shared, own = settings().home / "demo", tmp_path / "home"
    own.mkdir()
    shared.mkdir(parents=True, exist_ok=True)
    (own / "demo").symlink_to(shared)
    monkeypatch.setenv("ECG_HOME", str(own))
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "none"))
    return own


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Have fixtures draw the same, whatever ran before them in the same process."""
    _same_draws()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call() -> None:
    """Have the test draw the same, whichever fixtures it found made already."""
    _same_draws()


def _same_draws() -> None:
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - it is what libraries draw from
    if "torch" in sys.modules:  # imported later, it begins with a seed of its own, always the same
        sys.modules["torch"].manual_seed(0)


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
