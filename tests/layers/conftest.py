"""A database of the app's in a folder of the test's own, and a recording to make layers over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ecgcore.schema import RecordHeader
from ecgcore.storage.engine import AppDatabase

# Fixtures: pytest finds them here by their names, which nothing else uses.
from tests.jobs.conftest import postgres_server, url  # noqa: F401


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[AppDatabase]:
    opened = AppDatabase(f"sqlite:///{tmp_path / 'app.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def header() -> RecordHeader:
    return RecordHeader(
        database="made",
        name="1",
        fs=100.0,
        length=2000,
        leads=("MLII",),
        units=("mV",),
        comments=(),
        annotators=("atr",),
        digest="d",
    )
