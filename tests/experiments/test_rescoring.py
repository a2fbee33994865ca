"""Rows that score another row's networks in another way: nothing is trained for them."""

from dataclasses import replace

import numpy as np
import pytest

from ecgcore.errors import EcgError
from ecgcore.experiments import rescoring as module
from ecgcore.experiments import runner
from ecgcore.experiments.catalog import EXPERIMENTS, Experiment, Row
from ecgcore.experiments.rescoring import SCORINGS, Scoring, rescored, scoring
from ecgcore.experiments.runner import reproduce
from ecgcore.features.inputs import InputSpec
from ecgcore.models.registry import build_network
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.reader import read_record
from ecgcore.settings import settings
from ecgcore.training import loop
from ecgcore.training.choice import EpochChoice
from ecgcore.training.config import load_config
from ecgcore.training.evaluate import Evaluation
from ecgcore.training.metrics import FOUR, class_metrics
from tests.make_record import make_checkpoint


@pytest.fixture
def rescored_rows(tiny: Experiment, monkeypatch: pytest.MonkeyPatch) -> Experiment:
    more = tuple(Row(config="tiny/a", title=name, scoring=name) for name in SCORINGS)
    made = replace(tiny, rows=(*tiny.rows, *more))
    monkeypatch.setitem(EXPERIMENTS, "tiny", made)
    return made


def test_the_networks_are_trained_once_and_scored_in_other_ways(
    mitdb, rescored_rows: Experiment, monkeypatch: pytest.MonkeyPatch
):
    base = reproduce(rescored_rows, rows=["a"])["rows"]["a"]
    fit = loop.fit
    fitted: list[int] = []

    def counted(network, beats, *given, state, key, **more):
        fitted.append(loop.epochs_saved(state, key))
        return fit(network, beats, *given, state=state, key=key, **more)

    monkeypatch.setattr(loop, "fit", counted)
    others = ["calibrated", "end-to-end", "in-context"]
    document = reproduce(rescored_rows, rows=others)
    rows = document["rows"]
    assert fitted == [2] * 6  # three rows of two seeds: each was whole, nothing was trained
    assert rows["a"] == base

    total = sum(len(annotated_peaks(read_record(mitdb, name))) for name in ("213", "232"))
    calibrated, end_to_end, in_context = (rows[name] for name in others)
    assert end_to_end["protocol"]["peaks"] == "detected"
    assert end_to_end["protocol"]["test"] == "mitdb 213,232"
    for entry in (end_to_end, calibrated, in_context):
        assert entry["complete"]
        assert entry["networks_of"] == "a"
        assert entry["median_seed"] == base["median_seed"]
        assert "checkpoint" not in entry
        found = [one["macro"]["f1_4"] - one["plain"]["macro"]["f1_4"] for one in entry["seeds"]]
        gap = entry["beside"]["difference"]["macro.f1_4"]
        assert gap["mean"] == pytest.approx(np.mean(found))
        assert gap["std"] == pytest.approx(np.std(found, ddof=1))
    for detected, context, plain in zip(
        end_to_end["seeds"], in_context["seeds"], base["seeds"], strict=True
    ):
        assert context["plain"]["macro"] == pytest.approx(plain["macro"])
        assert detected["plain"]["macro"] == pytest.approx(context["macro"])  # in context as well
        assert detected["n_beats"] == context["n_beats"] == plain["n_beats"] == total
    for seed in calibrated["seeds"]:
        assert seed["n_beats"] == seed["plain"]["n_beats"] < total
    assert any("first 60 s, which are not scored" in f for f in calibrated["protocol"]["flags"])

    monkeypatch.setattr(runner, "rescored", None)  # what is done is skipped
    assert reproduce(rescored_rows, rows=others) == document


def test_without_its_networks_a_row_trains_them_first(rescored_rows: Experiment):
    said: list[str] = []
    rows = reproduce(
        rescored_rows, rows=["end-to-end"], seeds=1, progress=lambda what, *_: said.append(what)
    )["rows"]
    assert {"a", "end-to-end"} <= set(rows)
    assert any(what.startswith("tiny/a: seed 0: all patients") for what in said)
    assert not any(what.startswith("tiny/end-to-end: seed 0: all patients") for what in said)


def test_a_row_s_flags_carry_no_figure_of_one_seed(
    mitdb, tiny: Experiment, monkeypatch: pytest.MonkeyPatch
):
    sizes = {"channels": 8, "middle": 4, "kernel": 3, "rr_features": 1, "classes": 4}
    spec = InputSpec(rr=("pre_over_global",))
    checkpoint = make_checkpoint(build_network("resunet-a1", sizes).eval(), spec, FOUR)
    holds, noise = "Uses the whole record.", "9 of the beats lie in noise; 50.0 % right."
    found = Evaluation(
        checkpoint=checkpoint.name,
        database="mitdb",
        total=class_metrics(np.array(["N", "V"]), np.eye(4)[[0, 2]], FOUR),
        records={},
        protocol=replace(checkpoint.meta.protocol, flags=(holds, noise)),
        measured=(noise,),
    )
    choice = EpochChoice(epochs=1, held_out=())
    monkeypatch.setattr(module, "trained", lambda *_: (checkpoint, choice))
    made = Scoring(way=lambda *_: found, plain=lambda *_: found, beside="", settings=())
    monkeypatch.setitem(SCORINGS, "made", made)
    config = load_config(settings().config_dir / "tiny" / "a.toml")
    result, more = rescored("made", config, 0)
    assert result.checkpoint.meta.protocol.flags == (holds,)
    assert more["plain"]["n_beats"] == 2


def test_an_unknown_scoring_is_said():
    with pytest.raises(EcgError, match="calibrated"):
        scoring("wished")
