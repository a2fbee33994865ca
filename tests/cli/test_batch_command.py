"""``batch`` as a person types it: the summary, a rerun, what failed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ecgcore.cli.app import build
from ecgcore.errors import EcgError
from ecgcore.jobs import starting
from ecgcore.jobs.claim import claim
from ecgcore.jobs.engine import jobs_database
from tests.batch.conftest import copy_record


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy_record("demo02", tmp_path / "recordings", "a")
    return tmp_path / "recordings"


def run(*words: str):
    return CliRunner().invoke(build(), ["batch", *words])


def test_a_batch_its_rerun_and_a_recording_that_fails(folder: Path, tmp_path: Path):
    out = tmp_path / "out"
    words = (str(folder), "--checkpoint", "resunet-b2", "--out", str(out), "--processes", "1")
    first = run(*words)
    assert first.exit_code == 0, first.output
    assert "record  state" in first.stdout
    assert "1 of 1: a" in first.stderr
    page = (out / "report.html").read_text()
    for said in ("Not for clinical use", "share of beats", "SDNN (ms)", "<td>a</td>"):
        assert said in page
    (folder / "b.hea").write_text("nothing of a header\n")
    again = run(*words, "--json")
    assert isinstance(again.exception, EcgError)
    assert "1 of 2 recordings could not be analysed" in str(again.exception)
    document = json.loads(again.stdout)
    assert (document["recordings"], document["skipped"], document["failed"]) == (2, 1, 1)
    rows = {row["record"]: row for row in document["summary"]}
    assert rows["a"]["state"] == "done"
    assert rows["b"]["state"] == "failed"
    assert rows["b"]["beats"] is None
    assert "b" in rows["b"]["said"]


def test_what_can_not_be_is_said_at_once(folder: Path, tmp_path: Path):
    for words, said in (
        ([str(folder), "--out", str(tmp_path / "o")], "needs a checkpoint"),
        ([str(folder), "--out", str(tmp_path / "o"), "--steps", "tea"], "no choice for steps"),
        (
            [str(folder), "--out", str(tmp_path / "o"), "--steps", "rr", "--executor", "x"],
            "ECG_EXECUTOR",
        ),
    ):
        result = run(*words)
        assert isinstance(result.exception, EcgError), result.output
        assert said in str(result.exception)
    assert not (tmp_path / "o").exists()


def test_a_durable_batch_is_queued_and_shown_among_the_jobs(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ECG_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(starting, "_start", lambda: None)
    made = json.loads(run(str(folder), "--steps", "rr", "--job", "--json").stdout)
    assert made["state"] == "queued"
    assert made["out"].startswith(str(tmp_path / "home"))
    mine = claim(jobs_database(), "w", 60, ("batch",))
    assert mine is not None
    mine.epoch("batch", 1, {"record": "a", "failed": 0, "before": 0, "seconds_left": None}, 1, 1)
    shown = CliRunner().invoke(build(), ["jobs", "show", made["id"]])
    assert shown.exit_code == 0, shown.output
    assert "batch; 1 of 1 recordings" in shown.stdout
    nowhere = run(str(folder), "--steps", "rr")
    assert "--out" in str(nowhere.exception)
