import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from ecgcore.cli.app import build
from ecgcore.dsp.detectors import DEFAULT_DETECTOR, detect
from ecgcore.errors import EcgError
from ecgcore.records.catalog import databases
from ecgcore.records.database import Database
from ecgcore.records.reader import read_record


def run(*arguments: str) -> Result:
    return CliRunner().invoke(build(), list(arguments))


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Return the demo database, whatever real ones there are."""
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path))
    return next(iter(databases().values()))


def test_peaks_prints_what_detect_finds(demo: Database) -> None:
    name = demo.records[0]
    result = run("peaks", f"{demo.name}/{name}", "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    record = read_record(demo, name)
    assert set(document) == {"record", "fs", "lead", "detector", "peaks"}
    assert document["record"] == f"{demo.name}/{name}"
    assert document["fs"] == record.fs
    assert document["lead"] == record.lead_name()
    assert document["detector"] == DEFAULT_DETECTOR
    np.testing.assert_array_equal(document["peaks"], detect(record).sample)


def test_score_detector_adds_up(demo: Database) -> None:
    result = run("score-detector", demo.name, "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert set(document) == {"gross", "average", "records", "seconds"}
    assert set(document["records"]) == set(demo.records)
    for count in ("tp", "fn", "fp"):
        assert document["gross"][count] == sum(one[count] for one in document["records"].values())
    for share in ("se", "ppv", "f1"):
        mean = np.mean([one[share] for one in document["records"].values()])
        assert document["average"][share] == pytest.approx(mean)
    assert document["gross"]["f1"] > 0.95


def test_score_detector_takes_some_records_and_skips_minutes(demo: Database) -> None:
    some = ",".join(demo.records[:2])
    whole = json.loads(run("score-detector", demo.name, "--records", some, "--json").stdout)
    assert set(whole["records"]) == set(demo.records[:2])
    part = json.loads(
        run(
            "score-detector", demo.name, "--records", some, "--skip-minutes", "0.5", "--json"
        ).stdout
    )
    assert 0 < part["gross"]["tp"] < whole["gross"]["tp"]


def test_both_print_a_table_for_people(demo: Database) -> None:
    table = run("peaks", f"{demo.name}/{demo.records[0]}").stdout.splitlines()
    assert table[0].split() == ["sample", "seconds"]
    table = run("score-detector", demo.name, "--records", demo.records[0]).stdout.splitlines()
    assert [line.split()[0] for line in table] == ["record", demo.records[0], "gross", "average"]


@pytest.mark.parametrize("command", [("peaks", "{db}/{rec}"), ("score-detector", "{db}")])
def test_unknown_names_are_said(demo: Database, command: tuple[str, str]) -> None:
    target = command[1].format(db=demo.name, rec=demo.records[0])
    result = run(command[0], target, "--detector", "wavelets")
    assert isinstance(result.exception, EcgError)
    assert "pan_tompkins" in str(result.exception)
    result = run(command[0], target, "--lead", "aVQ")
    assert isinstance(result.exception, EcgError)
    assert "aVQ" in str(result.exception)
