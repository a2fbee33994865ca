"""The commands ``jobs`` and ``worker``, as a person types them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ecgcore.cli.app import build
from ecgcore.errors import EcgError
from ecgcore.jobs import starting, store
from ecgcore.jobs.claim import claim
from ecgcore.jobs.engine import JobDatabase, jobs_database

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """
name = "tiny"
title = "Tiny"
architecture = "cnn-gap"
task = "beat-class"
database = "demo"
protocol = "inter-patient"
train = "demo02,demo03"
test = "demo04"
classes = ["N", "V"]

[network]
filters = [4, 4, 4]

[input]
points = 32

[optimisation]
epochs = 2
"""


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JobDatabase:
    monkeypatch.setenv("ECG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "none"))
    monkeypatch.setattr(starting, "_start", lambda: None)
    return jobs_database()


def run(*words: str):
    result = CliRunner().invoke(build(), ["jobs", *words])
    if isinstance(result.exception, EcgError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def test_start_list_show_cancel_resume(jobs: JobDatabase, tmp_path: Path):
    (tmp_path / "tiny.toml").write_text(CONFIG)
    begun = json.loads(run("start", "--config", str(tmp_path / "tiny.toml"), "--json"))
    assert begun["state"] == "queued"
    name = begun["id"]
    assert name in run("list")
    assert [job["id"] for job in json.loads(run("list", "--json"))] == [name]
    assert "cancelled" in run("cancel", name[:6])
    assert "queued" in run("resume", name)
    mine = claim(jobs, "w", 60)
    assert mine is not None
    mine.epoch("seed 0", 1, {"loss": 0.5, "macro_f1": 0.75, "beats_per_second": 99.0}, 1, 2)
    mine.log("half way")
    shown = run("show", name)
    for said in ("running", "1 of 2 epochs", "0.5000", "0.7500", "99", "half way"):
        assert said in shown
    whole = json.loads(run("show", name, "--json"))
    assert whole["epochs"][0]["figures"]["macro_f1"] == 0.75
    assert whole["config"]["architecture"] == "cnn-gap"


def test_what_can_not_be_is_said(jobs: JobDatabase, tmp_path: Path):
    for words in (("show", "none"), ("cancel", "none"), ("resume", "none")):
        with pytest.raises(EcgError, match="no job 'none'"):
            run(*words)
    (tmp_path / "odd.toml").write_text(CONFIG.replace("epochs = 2", "epochs = 0"))
    with pytest.raises(EcgError, match=r"optimisation\.epochs"):
        run("start", "--config", str(tmp_path / "odd.toml"))
    assert store.list_jobs(jobs) == ()


def test_the_commands_need_no_torch(jobs: JobDatabase):
    code = (
        "import sys; from ecgcore.cli.app import build; from typer.testing import CliRunner;"
        "r = CliRunner().invoke(build(), ['jobs', 'list']); assert r.exit_code == 0, r.output;"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_worker_without_anything_to_do_ends(jobs: JobDatabase):
    words = [sys.executable, "-m", "ecgcore", "worker", "--alone", "--idle", "0"]
    assert subprocess.run(words, cwd=ROOT).returncode == 0
