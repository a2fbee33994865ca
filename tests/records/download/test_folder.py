"""Progress, cancelling, full and locked folders."""

import os
import shutil
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

import pytest

from ecgcore.errors import DownloadError
from ecgcore.records.download import Progress
from ecgcore.records.fetch import DownloadCancelled
from ecgcore.records.lock import exclusive
from tests.records.download.published import expect_right, fetch, names
from tests.records.file_server import FileServer


def _no_space(_: int) -> None:
    raise OSError(28, "No space left on device")


def test_progress_only_grows_and_ends_complete(server: FileServer, folder: Path) -> None:
    seen: list[Progress] = []
    result = fetch(server, folder, progress=seen.append)
    for earlier, later in pairwise(seen):
        assert later.files_done >= earlier.files_done
        assert later.bytes_received >= earlier.bytes_received
    assert seen[-1].files_done == seen[-1].files_total == result.files


def test_cancel_keeps_what_is_verified(server: FileServer, folder: Path, published) -> None:
    stop = threading.Event()

    def after_three(progress: Progress) -> None:
        if progress.files_done == 3:
            stop.set()

    with pytest.raises(DownloadCancelled):
        fetch(server, folder, progress=after_three, cancelled=stop)
    assert len(names(folder)) >= 3
    expect_right(folder, published)
    assert fetch(server, folder).files == 8


def test_full_disk_is_said_before_and_during(
    server: FileServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = shutil.disk_usage("/")._replace(free=80_000_000)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: free)
        with pytest.raises(DownloadError, match=r"svdb needs .* MB free"):
            fetch(server, folder)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _no_space)
        with pytest.raises(DownloadError, match="The disk is full"):
            fetch(server, folder)
    assert not list((folder / ".download").glob("*.part"))


def test_folder_that_can_not_be_written_is_said(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DownloadError, match="ECG_DATA_DIR"):
        fetch(server, tmp_path / "file" / "svdb")


def test_second_download_of_the_same_database_is_refused(
    server: FileServer, folder: Path, published
) -> None:
    first = threading.Thread(target=fetch, args=(server, folder))
    with_lock = folder / ".download" / "lock"
    with_lock.parent.mkdir(parents=True)
    with exclusive(with_lock) as ours:
        assert ours
        with pytest.raises(DownloadError, match="already"):
            fetch(server, folder)
    first.start()
    first.join()
    expect_right(folder, published)


def test_another_process_holds_the_lock_until_it_dies(server: FileServer, folder: Path) -> None:
    lock = folder / ".download" / "lock"
    lock.parent.mkdir(parents=True)
    code = (
        "import sys, time; from pathlib import Path; from ecgcore.records.lock import exclusive\n"
        "with exclusive(Path(sys.argv[1])) as ours: print(ours, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(lock)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "True"
        with pytest.raises(DownloadError, match="already"):
            fetch(server, folder)
        holder.kill()
    assert fetch(server, folder).files == 8
