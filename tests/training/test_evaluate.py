"""Evaluation: every annotated beat is counted, once, and what a perfect classifier would get."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from ecgcore.aami import AAMI_CLASSES
from ecgcore.dsp.detectors import detect
from ecgcore.dsp.scoring import gross, score_detection
from ecgcore.errors import EcgError
from ecgcore.features.inputs import InputSpec
from ecgcore.models.registry import build_network
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.demo import demo_database
from ecgcore.records.reader import read_record
from ecgcore.training.evaluate import Scored, _told, evaluate
from ecgcore.training.predict import predict
from ecgcore.training.protocols import IdentitySplit
from tests.make_record import make_checkpoint
from tests.training.conftest import FOUR


def all_knowing(checkpoint, record, peaks):
    """Return predictions that read the nearest annotated beat's class."""
    found = predict(checkpoint, record, peaks)
    known = annotated_peaks(record)
    near = np.abs(peaks.sample[:, None] - known.sample).argmin(axis=1)
    label = known.aami[near]
    probability = (label[:, None] == np.array(found.classes)).astype(np.float32)
    return replace(found, probability=probability)


def counts(database, records):
    found = [annotated_peaks(read_record(database, name)).aami for name in records]
    return {c: int((np.concatenate(found) == c).sum()) for c in AAMI_CLASSES}


def test_every_annotated_beat_is_scored(mitdb, untrained):
    records = ("203", "213")
    seen = []
    found = evaluate(untrained, mitdb, records, progress=lambda *state: seen.append(state))
    assert found.total.classes == AAMI_CLASSES
    assert {c: m.beats for c, m in found.total.per_class.items()} == counts(mitdb, records)
    assert found.total.n_beats == found.total.confusion.sum()
    assert (sum(m.confusion for m in found.records.values()) == found.total.confusion).all()
    assert seen == [(0, 2, "203"), (1, 2, "213"), (2, 2, "")]
    assert found.protocol.peaks == "annotated"
    assert "203, 213" in found.protocol.test


def test_all_knowing_is_perfect_but_for_the_class_it_lacks(mitdb, untrained):
    found = evaluate(untrained, mitdb, ("203", "208"), predictor=all_knowing)
    assert all(found.total.per_class[c].f1 == pytest.approx(1, abs=3e-3) for c in FOUR)
    assert found.total.per_class["Q"].se == 0
    assert found.total.per_class["Q"].beats > 0
    assert found.total.macro["f1_5"] == pytest.approx(0.8, abs=5e-3)


def test_with_detected_peaks_all_knowing_is_as_good_as_the_detector(mitdb, untrained):
    """Record 207 has ventricular flutter, which is left out of both scores."""
    records = ("207", "222")
    found = evaluate(untrained, mitdb, records, peaks="detected", predictor=all_knowing)
    total = found.total
    read = (read_record(mitdb, name) for name in records)
    wanted = gross(score_detection(record, detect(record)) for record in read)
    assert total.missed.sum() == wanted.fn
    assert total.extra.sum() == wanted.fp
    assert total.n_beats == wanted.tp + wanted.fn
    assert total.accuracy < 1
    assert found.protocol.peaks == "detected"
    assert any("Detected" in flag for flag in found.protocol.flags)


def test_identity_is_scored_on_the_test_beats_of_its_split(nsrdb):
    people = nsrdb.records[:2]
    split = IdentitySplit(kind="time", fraction=0.7, stop=40.0)
    sizes = {"channels": 8, "middle": 4, "heads": 2, "rr_features": 1, "classes": 2}
    network = build_network("resunet-b2", sizes).eval()
    made = make_checkpoint(network, InputSpec(rr=("pre_over_global",)), people)
    home = replace(made.meta.protocol, train="nsrdb all")
    meta = replace(made.meta, task="identity", training={"split": asdict(split)}, protocol=home)
    found = evaluate(replace(made, meta=meta), nsrdb, people)
    for name in people:
        peaks = annotated_peaks(read_record(nsrdb, name))
        inside = split.stretch(name, peaks.sample, peaks.fs)
        trained = split.trains(name, peaks.sample, peaks.fs)
        assert found.total.per_class[name].beats == (inside & ~trained).sum() > 0
    with pytest.raises(EcgError, match="annotated R-peaks"):
        evaluate(replace(made, meta=meta), nsrdb, people, peaks="detected")


def test_people_are_scored_on_their_other_recordings_and_not_on_what_trained(nsrdb, qtdb):
    people = ("16265", "16272")
    split = IdentitySplit(kind="whole", stop=40.0)
    network = build_network("identity-wave", {"filters": [4, 4, 4], "classes": 2}).eval()
    made = make_checkpoint(network, InputSpec(channels=("raw",), scale="beat", fs=128.0), people)
    told = replace(
        made.meta.protocol,
        name="identity-hours",
        train="nsrdb all",
        test="qtdb hours-later",
    )
    meta = replace(made.meta, task="identity", training={"split": asdict(split)}, protocol=told)
    found = evaluate(replace(made, meta=meta), qtdb, ("sel16265", "sel16272"))
    assert found.protocol.name == "identity-hours"
    assert any("250 Hz" in flag for flag in found.protocol.flags)
    who = found.identification
    assert list(who.people) == list(people)
    for person in people:
        beats = len(annotated_peaks(read_record(qtdb, f"sel{person}")))
        assert who.people[person].beats == found.total.per_class[person].beats == beats
    assert who.beats.n == found.total.n_beats
    assert who.beats.rank_1 == pytest.approx(found.total.accuracy)
    assert found.to_json()["identification"]["recordings"]["n"] == 2
    with pytest.raises(EcgError, match="no test beats"):
        evaluate(replace(made, meta=meta), nsrdb, people)
    with pytest.raises(EcgError, match="there are no"):
        evaluate(replace(made, meta=meta), qtdb, ("sel16273",))


def test_people_and_recordings_of_others_have_nothing_in_common(mitdb):
    sizes = {"channels": 8, "middle": 4, "heads": 2, "rr_features": 1, "classes": 2}
    made = make_checkpoint(
        build_network("resunet-b2", sizes).eval(), InputSpec(rr=("pre",)), ("16265", "16272")
    )
    person = replace(made, meta=replace(made.meta, task="identity"))
    with pytest.raises(EcgError, match="16265, 16272"):
        evaluate(person, mitdb, ("100",))


def test_notes_of_predictions_are_among_the_flags_once(mitdb, untrained):
    trained = replace(untrained, meta=replace(untrained.meta, lead="V9"))
    found = evaluate(trained, mitdb, ("100", "101"))
    told = [flag for flag in found.protocol.flags if "V9" in flag]
    assert told == ["Lead MLII is used; the checkpoint was trained on V9."]


def test_beats_without_signal_count_and_are_told(mitdb, untrained):
    def half_usable(checkpoint, record, peaks):
        found = predict(checkpoint, record, peaks)
        return replace(found, usable=found.usable & (np.arange(len(peaks)) >= 7))

    found = evaluate(untrained, mitdb, ("100",), predictor=half_usable)
    assert found.total.n_beats == len(annotated_peaks(read_record(mitdb, "100")))
    assert any(flag.startswith("7 of the beats have no usable") for flag in found.protocol.flags)


def test_the_document_is_plain(mitdb, untrained):
    import json

    document = evaluate(untrained, mitdb, ("100",)).to_json()
    assert set(document) >= {
        "n_beats",
        "classes",
        "confusion",
        "per_class",
        "macro",
        "accuracy",
        "mean_ovr_accuracy",
        "records",
        "protocol",
    }
    assert set(document["macro"]) >= {"f1_4", "f1_5", "se", "ppv"}
    assert set(document["per_class"]["V"]) >= {"se", "ppv", "f1", "auroc", "auprc"}
    json.dumps(document)


def test_beats_in_noise_are_counted_and_told(untrained, monkeypatch):
    base = demo_database()
    calm = evaluate(untrained, base, ("demo03",))
    assert not any("noisy or carry no ECG" in flag for flag in calm.protocol.flags)

    def spoilt(database, name, **how):
        whole = read_record(database, name, **how)
        signal = whole.signal.copy()
        signal[: round(20 * whole.fs)] = np.nan
        return replace(whole, signal=signal)

    monkeypatch.setattr("ecgcore.training.evaluate.open_record", spoilt)
    found = evaluate(untrained, base, ("demo03",))
    peaks = annotated_peaks(read_record(base, "demo03"))
    count = int((peaks.sample < 20 * peaks.fs).sum())
    (told,) = [flag for flag in found.protocol.flags if "noisy or carry no ECG" in flag]
    assert told.startswith(f"{count} of the beats lie in seconds")
    assert told.endswith("All count.")
    assert found.measured == (told,)
    assert calm.measured == ()
    assert found.total.n_beats == calm.total.n_beats


def test_detections_that_met_no_beat_are_no_beats_in_noise():
    scored = Scored(
        truth=np.array(["N", "", "V", "N"]),
        probability=np.eye(2, dtype=np.float32)[[0, 0, 1, 1]],
        missed=np.array([]),
        unusable=0,
        trusted=np.array([False, False, True, True]),
        notes=(),
    )
    (told,) = _told((scored,), ("N", "V"))
    assert told.startswith("1 of the beats lie in seconds")
    assert "100.0 % of them are classified right, 50.0 % of the others." in told
    assert _told((replace(scored, trusted=np.array([True, False, True, True])),), ("N", "V")) == ()
