"""``databases`` and ``records``: one JSON document or a table; faults as sentences, exit code 2."""

import json
from pathlib import Path

import pytest

from ecgcore.cli.app import main
from ecgcore.records.database import Database
from tests.wfdb_files import END, NORMAL, PVC, mark, write_record


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line in this process; return its exit code."""
    monkeypatch.setattr("sys.argv", ["ecgcore", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data folder with one database: good, unlabelled and broken records."""
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path))
    annotations = mark(100, NORMAL) + mark(100, PVC) + mark(100, NORMAL) + END
    write_record(tmp_path / "db", "good", annotations=annotations)
    write_record(tmp_path / "db", "odd", annotations=b"\xff" * 50)
    write_record(tmp_path / "db", "broken", content=b"")
    return tmp_path


def test_databases(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "databases", "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {"databases": [{"name": "db", "records": 3, "synthetic": False}]}
    assert err == ""
    assert run(monkeypatch, "databases") == 0
    assert "db" in capsys.readouterr().out


def test_records_as_json(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "records", "db", "--json") == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["database"] == "db"
    good, odd = document["records"]
    assert good == {
        "record": "good", "fs": 100, "seconds": 10, "leads": ["lead 1", "lead 2"],
        "units": ["mV", "mV"], "comments": [], "annotators": ["atr"],
        "beats": {"N": 2, "S": 0, "V": 1, "F": 0, "Q": 0},
    }  # fmt: skip
    assert odd["beats"] == {}
    assert "db/odd.atr" in err
    (broken,) = document["unreadable"]
    assert broken["record"] == "broken"
    assert "0 of 1000 samples" in broken["reason"]


def test_records_as_a_table(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "records", "db") == 0
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()] == ["record", "good", "odd"]
    assert "N 2 V 1" in out
    assert "0 of 1000 samples" in err


def test_an_unknown_database_ends_with_2_and_a_sentence(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "records", "../db") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("There is no database '../db'")
    assert "Traceback" not in err


@pytest.mark.real
def test_records_of_mitdb(
    mitdb: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "records", "mitdb", "--json") == 0
    rows = {row["record"]: row for row in json.loads(capsys.readouterr().out)["records"]}
    assert len(rows) == 48
    assert rows["208"]["beats"] == {"N": 1586, "S": 2, "V": 992, "F": 373, "Q": 2}
    assert rows["100"]["comments"][0].startswith("69 M")
