"""The project's own checkpoints: what their cards and descriptions say is what they do."""

import json
from pathlib import Path

import numpy as np
import pytest

from ecgcore.models.checkpoint import list_checkpoints, load_checkpoint, read_card, read_meta
from ecgcore.records.splits import DS2
from ecgcore.settings import settings
from ecgcore.training.config import load_config
from ecgcore.training.evaluate import evaluate
from ecgcore.training.predict import predict, predict_alone
from ecgcore.training.protocols import whole_record_flags

ROOT = Path(__file__).resolve().parents[2]
# A probability on the edge may fall to the other side on another processor.
SLACK = 0.003


def test_both_are_there():
    assert {"resunet-b2", "identity-nsrdb"} <= set(list_checkpoints())


@pytest.mark.parametrize("name", ["resunet-b2", "identity-nsrdb"])
def test_cards_say_what_must_be_said(name):
    card, meta = read_card(name), read_meta(name)
    assert "Not for clinical use" in card
    assert f"--config configs/{name}.toml" in card
    assert all(flag in card for flag in meta.protocol.flags)
    assert f"{100 * meta.metrics['accuracy']:.2f} %" in card
    assert "calibration error" in card


def test_resunet_b2_reaches_its_figures_between_patients(mitdb):
    """All of DS2, anew: nothing of it is copied from the card."""
    stated = read_meta("resunet-b2").metrics
    found = evaluate(load_checkpoint("resunet-b2"), mitdb, DS2)
    beats = {name: m.beats for name, m in found.total.per_class.items()}
    assert beats == {"N": 44259, "S": 1837, "V": 3221, "F": 388, "Q": 7}
    assert found.total.macro["f1_4"] >= 0.60
    assert found.total.macro["f1_4"] == pytest.approx(stated["macro"]["f1_4"], abs=SLACK)
    assert found.total.accuracy == pytest.approx(stated["accuracy"], abs=SLACK)
    for name, metrics in found.records.items():
        assert metrics.accuracy == pytest.approx(stated["records"][name]["accuracy"], abs=0.01)


def test_the_best_between_patients_says_what_its_rows_say(mitdb):
    """In context is its own way; what it then comes to, and by itself, are the tables' figures."""
    checkpoint = load_checkpoint("best-inter-patient")
    meta = checkpoint.meta
    assert meta.context
    assert meta.context == load_config(ROOT / "configs" / "best" / "inter-patient.toml").context
    rows = json.loads((ROOT / "results" / "best.json").read_text())["rows"]
    together, alone = (
        next(one for one in rows[name]["seeds"] if one["seed"] == meta.seed)
        for name in ("in-context", "inter-patient")
    )
    for stated, row in ((meta.metrics, together), (meta.metrics["alone"], alone)):
        assert stated["macro"]["f1_4"] == pytest.approx(row["macro"]["f1_4"], abs=SLACK)
    some = ("117", "213")
    for way, row in ((predict, together), (predict_alone, alone)):
        for name, found in evaluate(checkpoint, mitdb, some, predictor=way).records.items():
            assert found.accuracy == pytest.approx(row["records"][name]["accuracy"], abs=0.005)


def test_no_test_patient_was_trained_on():
    from ecgcore.records.splits import DS1

    meta = read_meta("resunet-b2")
    assert meta.protocol.train == "mitdb DS1"
    assert not set(DS1) & set(DS2)
    held = [record for fold in meta.training["folds"] for record in fold]
    assert set(held) <= set(DS1)
    seeds = {row["seed"]: row["held_out_f1"] for row in meta.metrics["seeds"]}
    assert seeds[meta.seed] == np.sort(list(seeds.values()))[(len(seeds) - 1) // 2]


def test_identity_nsrdb_recognises_the_18_people(nsrdb):
    stated = read_meta("identity-nsrdb").metrics
    found = evaluate(load_checkpoint("identity-nsrdb"), nsrdb, nsrdb.records)
    assert len(found.total.classes) == 18
    assert found.total.accuracy >= 0.98
    assert found.total.accuracy == pytest.approx(stated["accuracy"], abs=SLACK)
    assert 0 < stated["also"]["identity-time"]["accuracy"] <= 1


@pytest.mark.parametrize("name", ["resunet-b2", "identity-nsrdb"])
def test_descriptions_are_strict_and_say_what_they_draw_on(name):
    def refuse(word: str):
        raise AssertionError(f"{word} is no JSON")

    folder = settings().checkpoint_dir / name
    json.loads((folder / "config.json").read_text(), parse_constant=refuse)
    meta = read_meta(name)
    assert set(whole_record_flags(meta.input)) <= set(meta.protocol.flags)
    assert load_config(ROOT / "configs" / f"{name}.toml").choices.strip() in read_card(name)
    assert "chose nothing" not in read_card(name)
