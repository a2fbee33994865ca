"""Ways to use a network, judged by held-out patients: each lead, after the minute, never a test."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ecgcore.errors import EcgError
from ecgcore.experiments import ways as module
from ecgcore.experiments.catalog import Experiment
from ecgcore.experiments.results import results_path
from ecgcore.experiments.ways import WAYS, run_ways
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.reader import read_record
from ecgcore.training.calibrate import CALIBRATION
from ecgcore.training.context import CONTEXT


def test_the_ways_that_the_project_uses_are_among_those_judged() -> None:
    named = {way.name: way for way in WAYS}
    assert named["in-context"].context == CONTEXT
    assert named["in-context"].calibration is None
    assert named["calibrated"].calibration == CALIBRATION
    assert {way.context for way in WAYS if way.calibration} == {CONTEXT}
    before: set[str] = set()
    for way in WAYS:
        assert not way.against or way.against in before
        before.add(way.name)


def test_held_out_recordings_are_judged_in_both_leads_after_the_minute(
    mitdb, tiny: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONFIG", "tiny/a")
    monkeypatch.setattr(module, "SEEDS", (0,))
    read: list[str] = []
    reader = module.read_record

    def noted(database, name):
        read.append(name)
        return reader(database, name)

    monkeypatch.setattr(module, "read_record", noted)
    document = run_ways(ways=["plain", "likeness"])
    assert document == json.loads(results_path("ways").read_text())
    assert set(read) == {"208", "223"}
    beats = {}
    for name in ("208", "223"):
        record = read_record(mitdb, name)
        peaks = annotated_peaks(record)
        keep = np.isin(peaks.aami, ("N", "S", "V", "F")) & (peaks.sample >= 60 * record.fs)
        beats |= {f"{name} {lead}": int(keep.sum()) for lead in record.header.leads}
    for row in document["rows"].values():
        (one,) = row["seeds"]
        counted = {name: int(np.sum(confusion)) for name, confusion in one["records"].items()}
        assert counted == pytest.approx(beats, abs=5)  # but for beats without usable signal
        assert one["macro_f1"] == pytest.approx(np.mean(list(one["f1"].values())))
    plain, better = (document["rows"][name]["seeds"][0] for name in ("plain", "likeness"))
    assert better["macro_f1"] > plain["macro_f1"]
    read.clear()
    assert run_ways(ways=["plain", "likeness"]) == document  # what is done is left alone
    assert not read
    other = tuple(replace(way, calibration=None, context=None) for way in WAYS)
    monkeypatch.setattr(module, "WAYS", other)  # but not what other settings made
    redone = run_ways(ways=["plain", "likeness"])["rows"]
    assert redone["plain"] == document["rows"]["plain"]
    assert redone["likeness"]["seeds"][0]["confusion"] == plain["confusion"]


def test_an_unknown_way_is_said() -> None:
    with pytest.raises(EcgError, match="in-context"):
        run_ways(ways=["wished"])
