"""A tiny table from nothing to files: partial, resumed, skipped, changed, derived."""

import json
from pathlib import Path

import numpy as np
import pytest

from ecgcore.errors import EcgError
from ecgcore.experiments import runner
from ecgcore.experiments.catalog import EXPERIMENTS, Experiment
from ecgcore.experiments.results import read_results, results_path
from ecgcore.experiments.runner import reproduce
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.records.catalog import database
from ecgcore.training.evaluate import evaluate


def _no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("something was trained")

    monkeypatch.setattr(runner, "train", refuse)


def test_a_table_is_run_written_and_then_left_alone(
    tiny: Experiment, monkeypatch: pytest.MonkeyPatch
):
    document = reproduce(tiny)
    assert document == json.loads(results_path("tiny").read_text())
    row = document["rows"]["a"]
    assert row["complete"]
    assert [one["seed"] for one in row["seeds"]] == [0, 1]
    f1 = [one["macro"]["f1_4"] for one in row["seeds"]]
    assert row["summary"]["macro.f1_4"]["mean"] == pytest.approx(np.mean(f1))
    assert row["difference"]["macro.f1_4"] == pytest.approx(np.mean(f1) - 0.5)
    assert set(row["without"]) == {"213", "232"}
    low, high = row["intervals"]["macro_f1"]
    assert low <= high
    seed = row["seeds"][0]
    counted = sum(np.array(one["confusion"]) for one in seed["records"].values())
    assert counted.tolist() == seed["confusion"]
    assert sum(seed["reliability"]["beats"]) == seed["n_beats"]
    assert seed["device"]
    assert seed["seconds"] > 0

    kept = load_checkpoint("tiny-a")
    assert kept.meta.seed == row["median_seed"]
    assert kept.meta.protocol.seeds == (0, 1)
    again = evaluate(kept, database("mitdb"), ("213", "232"))
    theirs = next(one for one in row["seeds"] if one["seed"] == kept.meta.seed)
    assert again.total.macro["f1_4"] == pytest.approx(theirs["macro"]["f1_4"])

    _no_training(monkeypatch)
    assert reproduce(tiny) == document
    assert reproduce(tiny, seeds=1) == document  # fewer seeds than there are take none away

    less = reproduce(EXPERIMENTS["less"])["rows"]["a"]
    assert less["summary"].keys() == {"per_class.S.f1"}
    assert less["difference"]["per_class.S.f1"] == pytest.approx(
        row["summary"]["per_class.S.f1"]["mean"] - 0.4
    )


def test_a_killed_table_goes_on_in_mid_seed(tiny: Experiment):
    def stop(what: str, done: int, of: int) -> None:
        if "seed 1: all patients" in what:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reproduce(tiny, rows=["b"], progress=stop)
    partial = read_results(tiny)["rows"]["b"]
    assert not partial["complete"]
    assert (partial["planned"], [one["seed"] for one in partial["seeds"]]) == ([0, 1], [0])
    assert partial["summary"]["macro.f1_4"]["n"] == 1
    said: list[str] = []
    whole = reproduce(tiny, rows=["b"], progress=lambda what, *_: said.append(what))["rows"]["b"]
    assert not any("fold" in what or ("seed 0" in what and "patients" in what) for what in said)
    assert whole["complete"]
    assert whole["seeds"][0] == partial["seeds"][0]


def test_what_changed_is_run_anew(tiny: Experiment, tmp_path: Path):
    first = reproduce(tiny, rows=["a"])["rows"]["a"]
    path = tmp_path / "config" / "tiny" / "a.toml"
    path.write_text(path.read_text().replace("channels = 8", "channels = 10"))
    second = reproduce(tiny, rows=["a"])["rows"]["a"]
    keys = [{one["key"] for one in row["seeds"]} for row in (first, second)]
    assert len(keys[1]) == 2
    assert not keys[0] & keys[1]
    assert load_checkpoint("tiny-a").meta.config["channels"] == 10


def test_an_unknown_row_is_said(tiny: Experiment):
    with pytest.raises(EcgError, match="no row c"):
        reproduce(tiny, rows=["c"])


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 99, "rows": {}}'])
def test_a_broken_file_is_said(tiny: Experiment, text: str):
    path = results_path("tiny")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(EcgError, match=r"tiny\.json"):
        read_results(tiny)
