"""Files arrive whole, whatever the server and the line do."""

import dataclasses
import threading
from pathlib import Path

import numpy as np
import pytest

from ecgcore.errors import DownloadError
from ecgcore.records.catalog import databases
from ecgcore.records.download import download
from ecgcore.records.reader import read_record
from tests.records.download.published import EAGER, HURRY, ROOT, SVDB, expect_right, fetch, names
from tests.records.file_server import FileServer


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
        fetch(server, folder, patience=HURRY)
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
        fetch(server, folder, patience=HURRY)


def test_endless_answer_is_bounded(server: FileServer, folder: Path) -> None:
    small = dataclasses.replace(SVDB, megabytes=1)
    server.tricks[ROOT + "800.dat"] = ["endless"]
    with pytest.raises(DownloadError, match=r"more of 800\.dat than"):
        download(small, folder=folder, base=server.base, patience=EAGER)
    assert not (folder / ".download" / "800.dat.part").exists()


def test_missing_file_is_said_at_once(server: FileServer, folder: Path) -> None:
    server.tricks[ROOT + "800.atr"] = ["404"]
    with pytest.raises(DownloadError, match=r"800\.atr .* answered 404"):
        fetch(server, folder)
    assert len(server.ranges(ROOT + "800.atr")) == 1


def test_unreachable_server_is_said(folder: Path) -> None:
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1: the server can't be reached"):
        download(SVDB, folder=folder, base="http://127.0.0.1:9", patience=HURRY)
