"""A whole run on two real patients: trains, chooses, tests, saves; the same twice; resumed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from ecgcore.errors import EcgError
from ecgcore.features.inputs import InputSpec
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.records.catalog import database
from ecgcore.training import setup
from ecgcore.training.config import Optimisation, TrainConfig
from ecgcore.training.evaluate import evaluate
from ecgcore.training.loop import run_meta, train, train_seeds
from ecgcore.training.predict import predict, predict_alone
from ecgcore.training.protocols import (
    CLOSED_SET,
    HOURS_LATER,
    RANDOM_BEATS,
    SAME_PATIENTS,
    IdentitySplit,
)
from ecgcore.training.setup import training_beats

TINY = TrainConfig(
    name="tiny",
    title="Tiny",
    architecture="resunet-b2",
    task="beat-class",
    database="mitdb",
    protocol="inter-patient",
    train="208,223",
    test="213",
    lead="MLII",
    classes=("N", "S", "V", "F"),
    folds=(("208",), ("223",)),
    network={"channels": 8, "middle": 4, "heads": 2, "kernel": 3},
    input=InputSpec(rr=("log_pre_global", "log_pre_post"), points=64),
    optimisation=Optimisation(epochs=2, batch=128, majority_per_epoch=300, class_weights="sqrt"),
    seeds=(3, 4, 5),
    purpose="A test.",
    limits="It is tiny.",
)


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """One thread: tiny networks only wait for each other's; and a home of this test's own."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setenv("ECG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    yield
    torch.set_num_threads(before)


def test_a_run_leaves_a_checkpoint_with_the_figures_it_has(mitdb, tmp_path: Path):
    result = train(TINY, 3, tmp_path / "checkpoints" / "tiny", command="as told")
    loaded = load_checkpoint("tiny")
    assert loaded.meta.classes == TINY.classes
    assert loaded.meta.input == TINY.input
    assert loaded.meta.training["beats"].keys() == set(TINY.classes)
    held_out = result.choice.held_out
    assert len(held_out) == 2
    assert loaded.meta.training["epochs"] == 1 + held_out.index(max(held_out))
    again = evaluate(loaded, database("mitdb"), ("213",))
    assert again.to_json()["macro"] == result.evaluation.to_json()["macro"]
    assert loaded.meta.metrics["accuracy"] == again.total.accuracy
    assert not list((tmp_path / "home" / "training").iterdir())  # the state is not needed any more
    for said in ("Not for clinical use", "as told", "213", "chosen by the macro F1", "It is tiny"):
        assert said in loaded.card


def test_a_checkpoint_in_context_is_described_by_what_it_says_then(mitdb, tmp_path: Path):
    """Tested, and chosen among seeds, is each beat by itself; both stand on the card."""
    result = train(replace(TINY, context=True), 3, tmp_path / "checkpoints" / "tiny")
    loaded = load_checkpoint("tiny")
    own, alone = (
        evaluate(loaded, database("mitdb"), ("213",), predictor=way).total
        for way in (predict, predict_alone)
    )
    metrics = loaded.meta.metrics
    assert own.accuracy != alone.accuracy
    assert metrics["accuracy"] == own.accuracy
    assert metrics["alone"]["accuracy"] == result.evaluation.total.accuracy == alone.accuracy
    assert metrics["seeds"][0]["accuracy"] == alone.accuracy
    card = loaded.card
    assert f", in context: macro F1 {100 * own.macro['f1_4']:.2f} %" in card
    assert f"each by itself: macro F1 {100 * alone.macro['f1_4']:.2f} %" in card
    assert "Its predictions are in context" in card


def test_a_seed_gives_the_same_twice_and_a_resumed_run_too(
    mitdb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    first = train(TINY, 3).figures()

    def stop(what: str, done: int, of: int) -> None:
        if "all patients" in what:
            raise KeyboardInterrupt

    monkeypatch.setenv("ECG_HOME", str(tmp_path / "other"))
    with pytest.raises(KeyboardInterrupt):
        train(TINY, 3, progress=stop)
    said: list[str] = []
    second = train(TINY, 3, progress=lambda what, *_: said.append(what)).figures()
    assert not any("fold" in what for what in said)  # those were done
    assert second == first


def test_of_several_seeds_the_median_by_held_out_patients_is_kept(mitdb, tmp_path: Path):
    results = train_seeds(TINY, tmp_path / "checkpoints" / "tiny")
    kept = load_checkpoint("tiny").meta
    order = sorted(results, key=lambda result: result.chosen_by)
    assert kept.seed == order[1].checkpoint.meta.seed
    assert kept.protocol.seeds == TINY.seeds
    assert [row["seed"] for row in kept.metrics["seeds"]] == list(TINY.seeds)
    assert not list((tmp_path / "home" / "training").iterdir())


def test_what_its_predictions_are_put_in_is_told(mitdb):
    beats = training_beats(TINY)
    network = setup.untrained(TINY, beats, 3)
    for context in (False, True):
        config = replace(TINY, context=context)
        meta = run_meta(config, database("mitdb"), beats, 3, network, {})
        assert meta.context is context


def test_a_state_of_other_code_is_not_gone_on_with(mitdb, monkeypatch: pytest.MonkeyPatch):
    beats = training_beats(TINY)
    before = setup.run_key(TINY, 3, beats)
    for same in ({"choices": "words", "limits": "others"}, {"context": True}):
        assert setup.run_key(replace(TINY, **same), 3, beats) == before
    monkeypatch.setattr(setup, "CHANGES", (*setup.CHANGES, "another loss"))
    assert setup.run_key(TINY, 3, beats) != before


def of_people(people: tuple[str, ...], split: IdentitySplit, **changes: Any) -> TrainConfig:
    """Return a tiny training that tells people of nsrdb apart by random beats."""
    return replace(
        TINY,
        task="identity",
        database="nsrdb",
        protocol="identity-random",
        train=",".join(people),
        test=",".join(people),
        classes=(),
        folds=(),
        split=split,
        **changes,
    )


def test_recognition_reports_both_splits(nsrdb, tmp_path: Path):
    people = nsrdb.records[:2]
    split = IdentitySplit(stop=60.0, start={people[0]: 5.0})
    config = of_people(people, split, seeds=(0,), also=("time",))
    train_seeds(config, tmp_path / "checkpoints" / "who")
    kept = load_checkpoint("who")
    assert kept.meta.classes == people
    assert kept.meta.metrics["also"]["identity-time"]["accuracy"] > 0.5
    assert "identity-time" in kept.card
    assert any("same people" in flag for flag in kept.meta.protocol.flags)


def test_people_known_from_one_recording_are_tested_on_another(nsrdb, qtdb, tmp_path: Path):
    config = replace(
        TINY,
        architecture="identity-wave",
        task="identity",
        database="nsrdb",
        test_database="qtdb",
        protocol="identity-hours",
        train="16265,16795",
        test="sel16265,sel16795",
        classes=(),
        folds=(),
        seeds=(0,),
        split=IdentitySplit(kind="whole", stop=60.0),
        network={"filters": [8, 8, 8], "grid": 4, "embedding": 8},
        input=InputSpec(channels=("raw",), scale="beat", fs=128.0, snap=0.04),
        optimisation=Optimisation(epochs=10, batch=16, warp=0.1, wander=0.1),
    )
    result = train(config, 0, tmp_path / "checkpoints" / "who")
    kept = load_checkpoint("who")
    assert kept.meta.protocol.test == "qtdb sel16265,sel16795"
    assert {SAME_PATIENTS, HOURS_LATER, CLOSED_SET} <= set(kept.meta.protocol.flags)
    assert result.evaluation.database == "qtdb"
    # Two people whose QRS complexes differ so are told apart hours later by next to any network.
    assert result.evaluation.total.accuracy > 0.7
    assert kept.meta.metrics["identification"] == result.figures()["identification"]
    assert "equal error rate" in kept.card
    with pytest.raises(EcgError, match="train whole and test"):
        train(replace(config, test_database=None, test="16265"), 0)


def test_random_beats_of_patients_are_split_and_said(mitdb, tmp_path: Path):
    split = IdentitySplit(fraction=0.6)
    config = replace(
        TINY, protocol="intra-patient", train="208", test="208", folds=(), split=split, seeds=(0,)
    )
    result = train(config, 0, tmp_path / "checkpoints" / "tiny")
    trained = sum(result.checkpoint.meta.training["beats"].values())
    tested = result.evaluation.total.n_beats
    every = sum(c for c in training_beats(replace(TINY, train="208")).counts().values())
    unknown = 2  # Q, which is scored and does not train
    assert trained + tested <= every + unknown
    assert trained == pytest.approx(0.6 * every, abs=2)
    assert {SAME_PATIENTS, RANDOM_BEATS} <= set(result.checkpoint.meta.protocol.flags)


def test_records_that_are_not_there_are_said(mitdb):
    with pytest.raises(EcgError, match="999"):
        train(replace(TINY, train="999"), 0)


def test_a_class_without_beats_is_said(mitdb):
    with pytest.raises(EcgError, match="No beat of 208"):
        train(replace(TINY, train="208", classes=("X", "Y"), folds=()), 0)


def test_a_run_that_makes_no_sense_reads_nothing(mitdb, tmp_path: Path):
    with pytest.raises(EcgError, match="213 would"):
        train(replace(TINY, train="208,213", folds=()), 0)
    with pytest.raises(EcgError, match="no seeds"):
        train_seeds(replace(TINY, seeds=()), tmp_path / "checkpoints" / "tiny")


def test_people_with_several_seeds_have_a_card(nsrdb, tmp_path: Path):
    people = nsrdb.records[:2]
    config = of_people(
        people,
        IdentitySplit(stop=40.0),
        seeds=(0, 1),
        choices="Window tried on other beats.",
    )
    train_seeds(config, tmp_path / "checkpoints" / "who")
    card = load_checkpoint("who").card
    assert "Over 2 seeds the macro F1 is" in card
    assert "the median seed by the test's macro F1" in card
    assert "Window tried on other beats." in card
    assert "nan" not in card.lower()
