"""Two short records, published by a server that can be told to misbehave."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecgcore.records import demo
from ecgcore.records.synthesis.people import PEOPLE
from tests.records.download.published import ROOT, sums
from tests.records.file_server import FileServer, serving


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Two short records as a database publishes them, with a page and another set beside them."""
    folder = tmp_path_factory.mktemp("published")
    for i, name in enumerate(("800", "801")):
        demo.write_record(folder, name, dataclasses.replace(PEOPLE[i], minutes=0.5), i)
    files = {p.name: p.read_bytes() for p in sorted(folder.iterdir())}
    files["RECORDS"] = b"800\n801\n"
    files["ANNOTATORS"] = b"atr\treference annotations\n"
    files["doc/index.html"] = b"<html>"
    files["old/800.hea"] = b"not of this set"
    return files


@pytest.fixture
def server(published: dict[str, bytes]) -> Iterator[FileServer]:
    files = {ROOT + name: data for name, data in published.items()}
    files[ROOT + "SHA256SUMS.txt"] = sums(published)
    with serving(files) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "svdb"


@pytest.fixture
def at_home(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the settings point to the local server and to an empty data folder."""
    monkeypatch.setenv("ECG_PHYSIONET_URL", server.base)
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"
