"""A folder of recordings of our own to analyse, copied from the demo database."""

import shutil
from pathlib import Path

import pytest

from ecgcore.batch import record
from ecgcore.records.demo import demo_database


def copy_record(name: str, folder: Path, new: str) -> None:
    """Copy a demo record under another name."""
    root = demo_database().root
    folder.mkdir(parents=True, exist_ok=True)
    for file in root.glob(f"{name}.*"):
        shutil.copy(file, folder / f"{new}{file.suffix}")
    header = folder / f"{new}.hea"
    header.write_text(header.read_text().replace(name, new))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two recordings, one of them deeper in it."""
    where = tmp_path / "recordings"
    copy_record("demo02", where, "a")
    copy_record("demo03", where / "ward 5", "b")
    return where


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the recordings that are really read."""
    names: list[str] = []
    real = record.open_record

    def read(database, name):
        names.append(name)
        return real(database, name)

    monkeypatch.setattr(record, "open_record", read)
    return names
