"""catalog: which databases and records a folder holds, and in which order."""

from pathlib import Path

import pytest

from ecgcore.errors import RecordError
from ecgcore.records.catalog import database, databases, natural_key
from ecgcore.records.database import Database
from tests.wfdb_files import open_only, write_record


def test_records_are_found_at_any_depth_in_natural_order(tmp_path: Path) -> None:
    for name in ("rec_10", "rec_2", "rec_1"):
        write_record(tmp_path / "db" / "Person_02", name)
    write_record(tmp_path / "db" / "Person_10", "rec_1")
    assert open_only(tmp_path / "db").records == (
        "Person_02/rec_1", "Person_02/rec_2", "Person_02/rec_10", "Person_10/rec_1",
    )  # fmt: skip


def test_records_gives_the_order_and_hides_nothing(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d"):
        write_record(tmp_path / "db", name)
    (tmp_path / "db" / "RECORDS").write_text("c\nnot-downloaded\na\n\n")
    assert open_only(tmp_path / "db").records == ("c", "a", "b", "d")


def test_hidden_files_and_segments_are_no_records(tmp_path: Path) -> None:
    root = tmp_path / "db"
    write_record(root / ".cache", "x")
    write_record(root, ".hidden")
    write_record(
        root / "s", "whole", header="# first a comment\nwhole/3 2 100 0\nlay 0\na 5\n~ 3\n"
    )
    write_record(root / "s", "a")
    write_record(root / "s", "lay")
    write_record(root, "a")  # of the same name as a segment, in another folder
    assert open_only(root).records == ("a", "s/whole")


def test_a_record_of_segments_that_names_itself_is_still_listed(tmp_path: Path) -> None:
    write_record(tmp_path / "db", "r", header="r/1 1 100\nr 1000\n")
    assert open_only(tmp_path / "db").records == ("r",)


def test_a_folder_with_headers_or_records_is_a_database_itself(tmp_path: Path) -> None:
    write_record(tmp_path / "one", "x")
    found = databases(tmp_path / "one")
    assert {name: d.records for name, d in found.items()} == {"one": ("x",)}
    write_record(tmp_path / "deep" / "Person_1", "x")
    (tmp_path / "deep" / "RECORDS").write_text("Person_1/x\n")
    assert databases(tmp_path / "deep")["deep"].records == ("Person_1/x",)


def test_a_header_beside_the_databases_hides_none(tmp_path: Path) -> None:
    write_record(tmp_path / "data" / "db", "x")
    write_record(tmp_path / "data", "stray")
    found = databases(tmp_path / "data")
    assert {name: d.records for name, d in found.items()} == {"db": ("x",), "data": ("stray",)}


def test_links_to_databases_are_followed_and_loops_end(tmp_path: Path) -> None:
    write_record(tmp_path / "disk" / "db", "x")
    (tmp_path / "disk" / "db" / "loop").symlink_to(tmp_path / "disk")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "linked").symlink_to(tmp_path / "disk" / "db")
    assert databases(tmp_path / "data")["linked"].records == ("x",)


@pytest.mark.parametrize("content", [None, "", "file"])
def test_no_recordings_mean_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    root = tmp_path / "data"
    if content == "":
        (root / "empty").mkdir(parents=True)
    elif content:
        root.write_text(content)
    monkeypatch.setenv("ECG_DATA_DIR", str(root))
    assert databases(root) == {}
    found = databases()
    assert [d.synthetic for d in found.values()] == [True]
    assert database(next(iter(found))).records


def test_an_unknown_database_is_answered_with_those_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_record(tmp_path / "known", "x")
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path))
    with pytest.raises(RecordError, match=r"no database 'nowhere'.*known"):
        database("nowhere")


def test_natural_order() -> None:
    names = ["b", "a10", "a9", "a", "10", "9", "a9b"]
    assert sorted(names, key=natural_key) == ["9", "10", "a", "a9", "a9b", "a10", "b"]


@pytest.mark.real
def test_the_real_folders_are_listed_whole(
    mitdb: Database, nsrdb: Database, qtdb: Database, ecgid: Database
) -> None:
    assert [len(d.records) for d in (mitdb, nsrdb, qtdb, ecgid)] == [48, 18, 10, 310]
    assert mitdb.records[0] == "100"
