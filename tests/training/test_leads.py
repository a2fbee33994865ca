"""One rule for the lead: in training, in the figures, on the command line and in the app."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ecgcore.cli import app
from ecgcore.dsp.detectors import DEFAULT_DETECTOR
from ecgcore.errors import EcgError, RecordError
from ecgcore.features.inputs import InputSpec, beat_inputs
from ecgcore.models.checkpoint import load_checkpoint, save_checkpoint
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.demo import demo_database
from ecgcore.records.reader import read_header, read_record
from ecgcore.training.config import TrainConfig
from ecgcore.training.data import load_beats
from ecgcore.training.evaluate import evaluate
from ecgcore.training.leads import own_lead, pick_lead
from ecgcore.training.predict import predict
from ecgcore.training.store import stored_predictions
from tests.make_record import save_tiny_checkpoints

SPEC = InputSpec(points=64, rr=("pre", "post"))


@pytest.fixture
def second_lead(tmp_path, monkeypatch):
    """A checkpoint whose description names the demo recordings' second lead."""
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "empty"))
    save_tiny_checkpoints(tmp_path / "checkpoints")
    base = demo_database()
    leads = read_header(base, base.records[0]).leads
    lead = leads[1]
    assert lead != leads[0]
    made = load_checkpoint("tiny")
    save_checkpoint(
        tmp_path / "checkpoints" / "tiny", made.network, replace(made.meta, lead=lead), ""
    )
    return load_checkpoint("tiny"), base, lead


def test_the_input_s_lead_comes_before_the_run_s_and_a_missing_one_is_replaced():
    assert own_lead(SPEC, None) is None
    assert own_lead(SPEC, "V1") == "V1"
    assert own_lead(replace(SPEC, lead="V2"), "V1") == "V2"
    assert pick_lead(("II", "V1"), "V1") == "V1"
    assert pick_lead(("II", "V1"), "V1", "II") == "II"
    assert pick_lead(("II", "MLII"), "V1") == "MLII"
    assert pick_lead(("II", "V2"), None) == "II"
    with pytest.raises(RecordError, match="V9"):
        pick_lead(("II",), None, "V9")


def test_training_takes_the_run_s_lead_and_says_where_it_took_another():
    base = demo_database()
    names = base.records[:2]
    record = read_record(base, names[0])
    first, second = record.header.leads[:2]
    by_run = load_beats(base, names[:1], SPEC, ("N",), lead=second)
    peaks = annotated_peaks(record)
    wanted = beat_inputs(record, peaks, SPEC, second)
    keep = wanted.beats.usable & (peaks.aami == "N")
    np.testing.assert_array_equal(by_run.x, wanted.x[keep])
    assert by_run.notes == ()
    missing = load_beats(base, names, SPEC, ("N",), lead="V9")
    assert missing.notes == (
        f"Trained on another lead than V9: {names[0]} ({first}), {names[1]} ({first}).",
    )
    assert missing.subset(missing.label >= 0).notes == missing.notes


@pytest.mark.parametrize("peaks", ["annotated", "detected"])
def test_command_line_app_and_figures_take_the_same_lead(second_lead, peaks, monkeypatch, capsys):
    checkpoint, base, lead = second_lead
    name = base.records[0]
    source = "annotated" if peaks == "annotated" else DEFAULT_DETECTOR
    stored = stored_predictions(checkpoint, base, name, source=source)
    assert stored.lead == lead
    command = ["ecgcore", "classify", f"{base.name}/{name}", "--checkpoint", "tiny"]
    monkeypatch.setattr("sys.argv", [*command, "--peaks", peaks, "--json"])
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert not ended.value.code
    beats = json.loads(capsys.readouterr().out)["beats"]
    assert [beat["sample"] for beat in beats] == stored.peaks.sample.tolist()
    assert [beat["label"] for beat in beats] == stored.label.tolist()
    used = []

    def watched(checkpoint, record, found):
        used.append(predict(checkpoint, record, found))
        return used[-1]

    evaluate(checkpoint, base, (name,), peaks, predictor=watched)
    assert used[0].lead == lead
    np.testing.assert_array_equal(used[0].peaks.sample, stored.peaks.sample)
    np.testing.assert_array_equal(used[0].probability, stored.probability)


def test_two_names_for_one_lead_are_refused():
    plain = {
        "name": "a", "title": "A", "architecture": "resunet-b2", "task": "beat-class",
        "database": "mitdb", "protocol": "inter-patient", "train": "DS1", "test": "DS2",
        "classes": ("N", "V"), "lead": "MLII",
    }  # fmt: skip
    TrainConfig(**plain, input=replace(SPEC, lead="MLII"))
    with pytest.raises(EcgError, match=r"'MLII'.*'V1'"):
        TrainConfig(**plain, input=replace(SPEC, lead="V1"))
