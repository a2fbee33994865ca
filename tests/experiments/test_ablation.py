"""The ablation: its file, its figures of held-out patients, resumed and skipped, never a test."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecgcore.errors import EcgError
from ecgcore.experiments import ablation as module
from ecgcore.experiments.ablation import run_ablation
from ecgcore.experiments.ablation_figures import LEAST, held_out_figures
from ecgcore.experiments.ablation_plan import ABLATION, load_plan, variant_config
from ecgcore.experiments.catalog import Experiment
from ecgcore.experiments.results import read_results, results_path
from ecgcore.models.registry import build_network
from ecgcore.settings import settings
from ecgcore.training import data
from ecgcore.training.config import TrainConfig, load_config
from ecgcore.training.metrics import class_metrics
from ecgcore.training.prior import held_out_bias
from tests.make_ablation import CLASSES, drawn_folds

PLAN = """
title = "Tiny"
base = "tiny/a"
seeds = [0, 1]
[[variants]]
name = "plain"
title = "Plain"
[[variants]]
name = "biased"
title = "+ bias"
against = "plain"
settings = { "optimisation.class_bias" = "held-out" }
[[variants]]
name = "b1"
title = "Another network"
against = "plain"
settings = { architecture = "resunet-b1" }
"""


@pytest.fixture
def folder(tiny: Experiment, tmp_path: Path) -> Path:
    """Return the configurations' folder, with a plan of the tiny row."""
    row = tmp_path / "config" / "tiny" / "a.toml"
    row.write_text(row.read_text().replace("mean-curve", "last"))
    (row.parent.parent / "ablation.toml").write_text(PLAN)
    return row.parent.parent


def _configs() -> dict[str, TrainConfig]:
    plan = load_plan()
    return {one.name: variant_config(plan, one) for one in plan.variants}


def test_the_project_s_own_plan_changes_the_best_and_ends_with_it() -> None:
    plan, configs = load_plan(), _configs()
    best = load_config(settings().config_dir / f"{plan.base}.toml")
    assert replace(configs["patients"], seeds=best.seeds) == best
    for config in configs.values():
        sizes = {"in_channels": len(config.input.channels), "rr_features": len(config.input.rr)}
        assert build_network(config.architecture, {**config.network, **sizes, "classes": 4})
    alike = {(one.folds, one.seeds, one.train) for one in configs.values()}
    assert len(alike) == 1


def test_folds_alone_are_fitted_and_what_is_done_is_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    reader = data.read_record

    def noted(database, name, **options):
        read.append(name)
        return reader(database, name, **options)

    monkeypatch.setattr(data, "read_record", noted)
    said: list[str] = []

    def stop(what: str, done: int, of: int) -> None:
        said.append(what)
        if "b1: seed 1: fold 2" in what:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_ablation(progress=stop)
    partial = read_results(ABLATION)["rows"]
    assert [len(row["seeds"]) for row in partial.values()] == [2, 2, 1]
    assert not any("biased: seed 0" in what for what in said)  # those of the plain one serve
    assert not any("plain: seed 1" in what for what in said)  # and here those of the biased one
    said.clear()
    document = run_ablation(progress=lambda what, *_: said.append(what))
    assert not any("plain" in what or "fold 1" in what for what in said)
    assert document == json.loads(results_path("ablation").read_text())
    assert set(read) == {"208", "223"}  # no test recording
    rows = document["rows"]
    assert all(row["complete"] for row in rows.values())
    for row in rows.values():
        for one in row["seeds"]:
            total = np.sum(list(one["records"].values()), axis=0)
            assert total.tolist() == one["confusion"]
            assert set(one["records"]) == {"208", "223"}
            judged = [one["f1"][name] for name in ("N", "S", "V")]
            assert one["mean_f1"] == pytest.approx(np.mean(judged))
    gains = [
        of["mean_f1"] - base["mean_f1"]
        for of, base in zip(rows["b1"]["seeds"], rows["plain"]["seeds"], strict=True)
    ]
    assert rows["b1"]["summary"]["gain.mean_f1"]["mean"] == pytest.approx(np.mean(gains))
    assert not any(name.startswith("gain") for name in rows["plain"]["summary"])

    monkeypatch.setattr(module, "fit_folds", None)  # nothing is fitted again
    assert run_ablation() == document
    assert run_ablation(seeds=1, variants=["biased"]) == document

    # A plan's words may change: what is known of the figures stays, and the file says it anew.
    plan = folder / "ablation.toml"
    plan.write_text(plan.read_text().replace("Another network", "As B1"))
    retold = run_ablation()
    assert retold["rows"]["b1"]["title"] == "As B1"
    assert retold["rows"]["b1"]["seeds"] == document["rows"]["b1"]["seeds"]
    assert retold["rows"]["plain"] == document["rows"]["plain"]


def test_figures_are_those_of_the_metrics(folder: Path) -> None:
    plan = load_plan()
    config = variant_config(plan, plan.variants[0])
    folds = drawn_folds(config, 0)
    found = held_out_figures(config, 0, {0: folds})
    pooled = class_metrics(
        np.concatenate([fold.truth for fold in folds]),
        np.concatenate([fold.probability[-1] for fold in folds]),
        CLASSES,
    )
    assert found["f1"] == pytest.approx({n: m.f1 for n, m in pooled.per_class.items()})
    assert found["confusion"] == pooled.confusion.tolist()
    assert found["accuracy"] == pytest.approx(pooled.accuracy)
    assert "biases" not in found
    for name in ("S", "V"):
        each = [
            class_metrics(fold.truth, fold.probability[-1], CLASSES).per_class[name]
            for fold in folds  # one recording each
        ]
        assert min(one.beats for one in each) >= LEAST
        own = found["by_patient"][name]
        assert own["f1"] == pytest.approx(np.mean([one.f1 for one in each]))
        assert own["se"] == pytest.approx(np.mean([one.se for one in each]))
        assert own["recordings"] == len(each)


def test_recordings_with_few_beats_of_a_class_don_t_count_for_it(folder: Path) -> None:
    config = _configs()["plain"]
    folds = drawn_folds(config, 0)
    before = held_out_figures(config, 0, {0: folds})["by_patient"]
    truth = folds[1].truth.copy()
    truth[np.flatnonzero(truth == "S")[LEAST - 1 :]] = "N"
    few = held_out_figures(config, 0, {0: [folds[0], replace(folds[1], truth=truth)]})["by_patient"]
    alone = held_out_figures(config, 0, {0: folds[:1]})["by_patient"]
    assert few["S"] == alone["S"] != before["S"]
    assert few["V"]["recordings"] == 2
    truth[truth == "S"] = "N"
    none = held_out_figures(config, 0, {0: [replace(folds[1], truth=truth)]})["by_patient"]
    assert np.isnan([none["S"][figure] for figure in ("f1", "se", "auroc")]).all()


def test_a_fold_s_bias_is_the_other_folds_of_all_seeds(folder: Path) -> None:
    plan = load_plan()
    config = variant_config(plan, plan.variants[1])
    folds = {seed: drawn_folds(config, seed) for seed in (0, 1)}
    found = held_out_figures(config, 0, folds)
    for place, other in ((0, 1), (1, 0)):
        truth = folds[0][other].truth
        label = np.array([CLASSES.index(name) for name in truth])
        alone = held_out_bias(
            label, [one[other].probability[-1] for one in folds.values()], CLASSES
        )
        assert list(found["biases"][place].values()) == pytest.approx(alone.tolist())
    assert found["biases"][0]["S"] < 0  # S is said too readily here
    plain = held_out_figures(variant_config(plan, plan.variants[0]), 0, folds)
    assert found["mean_f1"] > plain["mean_f1"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "biased"', 'name = "plain"', "two variants 'plain'"),
        ('against = "plain"', 'against = "b1"', "no variant before it"),
        ("seeds = [0, 1]", "seeds = [1, 1]", "each once"),
        ('base = "tiny/a"', 'base = "tiny/no"', "no.toml can't be read"),
        ('base = "tiny/a"', 'base = "tiny/b"', "epoch_rule 'last'"),
        ("optimisation.class_bias", "optimisation.bias", r"no setting optimisation\.bias"),
        ("optimisation.class_bias", "name.bias", "name is no table"),
        ("seeds = [0, 1]", "", "seeds"),
        (PLAN, "title = ", "can't be read"),
    ],
)
def test_what_is_odd_is_said(folder: Path, old: str, new: str, said: str) -> None:
    (folder / "ablation.toml").write_text(PLAN.replace(old, new, 1))
    with pytest.raises(EcgError, match=said):
        _configs()


def test_an_unknown_variant_is_said(folder: Path) -> None:
    with pytest.raises(EcgError, match="no variant c; it has plain, biased, b1"):
        run_ablation(variants=["c"])
