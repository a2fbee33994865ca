import dataclasses
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ecgcore.errors import DownloadError
from ecgcore.records import demo
from ecgcore.records.catalog import databases
from ecgcore.records.download import Downloaded, Progress, download
from ecgcore.records.downloads import Downloads
from ecgcore.records.fetch import DownloadCancelled, Patience
from ecgcore.records.lock import exclusive
from ecgcore.records.physionet import SOURCES, source
from ecgcore.records.reader import read_record
from ecgcore.records.synthesis.people import PEOPLE
from tests.records.file_server import FileServer, serving

SVDB = source("svdb")
ROOT = "/svdb/1.0.0/"
HURRY = Patience(attempts=3, first_wait=0.01, longest_wait=0.02, timeout=0.5)


def sums(files: dict[str, bytes]) -> bytes:
    lines = [f"{hashlib.sha256(data).hexdigest()} {name}" for name, data in files.items()]
    return ("\n".join(lines) + "\n").encode()


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


def fetch(server: FileServer, folder: Path, **options) -> Downloaded:
    options.setdefault("patience", HURRY)
    return download(SVDB, folder=folder, base=server.base, **options)


def names(folder: Path) -> set[str]:
    """Return what stands in the folder under its own name."""
    return {
        p.relative_to(folder).as_posix()
        for p in folder.rglob("*")
        if p.is_file() and ".download" not in p.parts
    }


def expect_right(folder: Path, published: dict[str, bytes]) -> None:
    for name in names(folder) - {"SHA256SUMS.txt"}:
        assert (folder / name).read_bytes() == published[name]


def test_records_come_whole_and_read(server: FileServer, folder: Path, published) -> None:
    result = fetch(server, folder)
    assert names(folder) == {
        "RECORDS", "ANNOTATORS", "SHA256SUMS.txt",
        *(f"{record}.{kind}" for record in ("800", "801") for kind in ("hea", "dat", "atr")),
    }  # fmt: skip
    expect_right(folder, published)
    assert result.files == result.fetched == 8
    found = databases(folder.parent)["svdb"]
    assert found.records == ("800", "801")
    assert np.isfinite(read_record(found, "801").signal).all()


def test_header_comes_after_the_files_it_names(server: FileServer, folder: Path) -> None:
    fetch(server, folder)
    asked = [path.removeprefix(ROOT) for path, _ in server.requests]
    for record in ("800", "801"):
        header, *others = (asked.index(f"{record}.{kind}") for kind in ("hea", "dat", "atr"))
        assert header > max(others)


def test_failure_of_one_file_is_the_one_that_is_said(server: FileServer, folder: Path) -> None:
    server.tricks[ROOT + "801.dat"] = ["stall"]
    server.tricks[ROOT + "800.atr"] = ["404"]
    with pytest.raises(DownloadError, match=r"800\.atr .* answered 404"):
        fetch(server, folder)
    assert "801.hea" not in names(folder)
    assert not [t for t in threading.enumerate() if t.name.startswith("fetch")]


def test_what_is_verified_is_not_fetched_again(server: FileServer, folder: Path) -> None:
    fetch(server, folder)
    server.requests.clear()
    result = fetch(server, folder)
    assert [path for path, _ in server.requests] == [ROOT + "SHA256SUMS.txt"]
    assert (result.files, result.fetched) == (8, 0)


def test_size_is_not_believed(server: FileServer, folder: Path, published) -> None:
    fetch(server, folder)
    (folder / "800.dat").write_bytes(bytes(len(published["800.dat"])))
    assert fetch(server, folder).fetched == 1
    expect_right(folder, published)


def test_a_file_that_differs_is_set_aside_not_lost(
    server: FileServer, folder: Path, published
) -> None:
    fetch(server, folder)
    mine = b"my own corrections"
    (folder / "800.atr").write_bytes(mine)
    result = fetch(server, folder)
    assert result.replaced == ("800.atr",)
    assert "set aside" in result.summary
    assert (folder / ".download" / "replaced" / "800.atr").read_bytes() == mine
    expect_right(folder, published)


def test_cut_transfers_go_on_where_they_stopped(
    server: FileServer, folder: Path, published
) -> None:
    path, size = ROOT + "800.dat", len(published["800.dat"])
    server.tricks[path] = ["cut", "cut"]
    result = fetch(server, folder)
    expect_right(folder, published)
    half = size // 2
    assert server.ranges(path) == [
        None,
        f"bytes={half}-",
        f"bytes={half + (size - half) // 2}-",
    ]
    assert result.bytes_received == sum(len(server.files[ROOT + name]) for name in names(folder))


def test_part_of_an_earlier_run_is_continued(server: FileServer, folder: Path, published) -> None:
    path = ROOT + "800.dat"
    server.tricks[path] = ["cut"] + ["500"] * 2
    with pytest.raises(DownloadError, match=r"800\.dat.*the server answered 500.*start again"):
        fetch(server, folder)
    assert "800.dat" not in names(folder)
    server.requests.clear()
    fetch(server, folder)
    assert server.ranges(path) == [f"bytes={len(published['800.dat']) // 2}-"]
    expect_right(folder, published)


def test_many_cuts_are_no_failure_while_bytes_come(
    server: FileServer, folder: Path, published
) -> None:
    server.tricks[ROOT + "800.dat"] = ["cut"] * 8
    fetch(server, folder)
    expect_right(folder, published)


@pytest.mark.parametrize("trick", ["ignore-range", "shifted-range", "500"])
def test_bad_answers_to_a_resume(server: FileServer, folder: Path, published, trick: str) -> None:
    server.tricks[ROOT + "800.dat"] = ["cut", trick]
    fetch(server, folder)
    expect_right(folder, published)


def test_stale_part_is_thrown_away_and_fetched_anew(
    server: FileServer, folder: Path, published
) -> None:
    part = folder / ".download" / "800.dat.part"
    for stale in (b"of another version", bytes(len(published["800.dat"]) + 5)):
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(stale)
        fetch(server, folder)
        assert (folder / "800.dat").read_bytes() == published["800.dat"]
        (folder / "800.dat").unlink()


def test_whole_part_is_used_without_asking_for_more(
    server: FileServer, folder: Path, published
) -> None:
    part = folder / ".download" / "800.dat.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(published["800.dat"])
    fetch(server, folder)
    assert len(server.ranges(ROOT + "800.dat")) == 1
    expect_right(folder, published)


def test_lie_is_discarded_and_named(server: FileServer, folder: Path, published) -> None:
    server.tricks[ROOT + "800.dat"] = ["lie", "lie"]
    with pytest.raises(DownloadError, match=r"800\.dat came with a wrong checksum"):
        fetch(server, folder)
    assert "800.dat" not in names(folder)
    assert not (folder / ".download" / "800.dat.part").exists()
    fetch(server, folder)  # the server has come to itself
    expect_right(folder, published)


def test_stalled_server_is_given_up_and_said(server: FileServer, folder: Path) -> None:
    server.tricks[ROOT + "SHA256SUMS.txt"] = ["stall"] * 9
    with pytest.raises(DownloadError, match="doesn't answer in time"):
        fetch(server, folder)


def test_endless_answer_is_bounded(server: FileServer, folder: Path) -> None:
    small = dataclasses.replace(SVDB, megabytes=1)
    server.tricks[ROOT + "800.dat"] = ["endless"]
    with pytest.raises(DownloadError, match=r"more of 800\.dat than"):
        download(small, folder=folder, base=server.base, patience=HURRY)
    assert not (folder / ".download" / "800.dat.part").exists()


def test_missing_file_is_said_at_once(server: FileServer, folder: Path) -> None:
    server.tricks[ROOT + "800.atr"] = ["404"]
    with pytest.raises(DownloadError, match=r"800\.atr .* answered 404"):
        fetch(server, folder)
    assert len(server.ranges(ROOT + "800.atr")) == 1


def test_unreachable_server_is_said(folder: Path) -> None:
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1: the server can't be reached"):
        download(SVDB, folder=folder, base="http://127.0.0.1:9", patience=HURRY)


@pytest.mark.parametrize(
    "name",
    ["../evil", "/etc/evil", "a/../../evil", "..\\evil", "C:evil", "evil\x00", "..", "./../evil"],
)  # fmt: skip
def test_names_that_lead_elsewhere_refuse_the_whole_list(
    server: FileServer, folder: Path, published, name: str
) -> None:
    server.files[ROOT + "SHA256SUMS.txt"] = sums(published | {name: b"evil"})
    with pytest.raises(DownloadError, match="nothing was fetched"):
        fetch(server, folder)
    assert names(folder) == set()
    assert [p.name for p in folder.parent.iterdir()] == ["svdb"]


@pytest.mark.parametrize(
    "name", [".old/page.shtml", ".ssh/evil", ".download/lock", "CON", "a//b", "what?.html", "a."]
)
def test_hidden_and_odd_names_are_left_out(
    server: FileServer, folder: Path, published, name: str
) -> None:
    listed = {n: d for n, d in published.items() if n != "RECORDS"}  # so that all are wanted
    server.files[ROOT + "SHA256SUMS.txt"] = sums(listed | {name: b"odd"})
    fetch(server, folder)
    assert names(folder) == {*listed, "SHA256SUMS.txt"}
    assert not (folder / name).is_file() or name == ".download/lock"


@pytest.mark.parametrize("text", [b"", b"\n \n", b"<html>Log in</html>", b"\xff\xfe\x00garbage"])
def test_list_that_is_none(server: FileServer, folder: Path, text: bytes) -> None:
    server.files[ROOT + "SHA256SUMS.txt"] = text
    with pytest.raises(DownloadError, match="nothing was fetched"):
        fetch(server, folder)


def test_link_out_of_the_folder_is_not_followed(
    server: FileServer, folder: Path, published, tmp_path: Path
) -> None:
    from ecgcore.errors import EcgError

    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    folder.mkdir(parents=True)
    (folder / "800.dat").symlink_to(victim)
    with pytest.raises(EcgError, match="leads out of"):
        fetch(server, folder)
    assert victim.read_bytes() == b"precious"


def test_without_records_every_file_is_fetched(server: FileServer, folder: Path, published) -> None:
    listed = {n: d for n, d in published.items() if n != "RECORDS"}
    server.files[ROOT + "SHA256SUMS.txt"] = sums(listed)
    fetch(server, folder)
    assert names(folder) == {*listed, "SHA256SUMS.txt"}


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


def _no_space(_: int) -> None:
    raise OSError(28, "No space left on device")


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


@pytest.fixture
def at_home(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the settings point to the local server and to an empty data folder."""
    monkeypatch.setenv("ECG_PHYSIONET_URL", server.base)
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


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


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ecgcore", *words], capture_output=True, text=True, timeout=120
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
