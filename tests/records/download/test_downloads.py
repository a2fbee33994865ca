"""Downloads behind the page, and the command line."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ecgcore.errors import DownloadError
from ecgcore.records.catalog import databases
from ecgcore.records.downloads import Downloads
from ecgcore.records.physionet import SOURCES
from tests.records.download.published import ROOT
from tests.records.file_server import FileServer


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ecgcore", *words], capture_output=True, text=True, timeout=120
    )


def test_downloads_run_behind_and_tell_how_they_are(at_home: Path) -> None:
    downloads = Downloads()
    assert downloads.state("svdb") is None
    assert downloads.start("svdb").active
    state = downloads.wait("svdb", 30)
    assert state is not None
    assert state.phase == "done", state.message
    assert state.progress.files_done == state.progress.files_total == 8
    assert downloads.active() == ()
    assert set(databases()) == {"svdb"}


def test_one_download_a_database_and_it_can_be_cancelled(at_home: Path, server: FileServer) -> None:
    downloads = Downloads()
    server.tricks[ROOT + "800.dat"] = ["stall"]
    downloads.start("svdb")
    again = downloads.start("svdb")
    assert again.active
    assert [t.name for t in threading.enumerate()].count("download-svdb") == 1
    downloads.cancel("svdb")
    state = downloads.state("svdb")
    assert state is not None
    assert state.phase in ("cancelling", "cancelled")
    server.release.set()
    ended = downloads.wait("svdb", 30)
    assert ended is not None
    assert ended.phase == "cancelled"
    assert downloads.start("svdb").active
    done = downloads.wait("svdb", 30)
    assert done is not None
    assert done.phase == "done"


def test_failed_download_says_why(at_home: Path, server: FileServer) -> None:
    downloads = Downloads()
    server.tricks[ROOT + "800.dat"] = ["404"]
    downloads.start("svdb")
    state = downloads.wait("svdb", 30)
    assert state is not None
    assert (state.phase, "800.dat" in state.message) == ("failed", True)


def test_unknown_name_lists_those_there_are() -> None:
    with pytest.raises(DownloadError, match="mitdb, nsrdb, qtdb, ecgid, svdb, nstdb"):
        Downloads().start("ptbxl")


def test_addresses() -> None:
    assert SOURCES["ecgid"].url("https://physionet.org/files/") == (
        "https://physionet.org/files/ecgiddb/1.0.0/"
    )


def test_command_line(at_home: Path, server: FileServer) -> None:
    done = command("download", "svdb", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["files"] == document["fetched"] == 8
    assert "8 of 8 files" in done.stderr
    server.files.pop(ROOT + "SHA256SUMS.txt")
    failed = command("download", "svdb")
    assert failed.returncode == 2
    assert "404" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert command("download", "nothing").returncode == 2
