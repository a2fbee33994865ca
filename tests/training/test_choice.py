"""How many epochs: by a seed's own curve, or by the mean curve of all seeds and folds."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.training import choice as module
from ecgcore.training.choice import choose_epochs
from ecgcore.training.config import TrainConfig
from ecgcore.training.loop import train, train_seeds
from ecgcore.training.setup import training_beats
from tests.training.test_train import TINY, _alone  # noqa: F401 - a fixture for every test

MEAN = replace(
    TINY, optimisation=replace(TINY.optimisation, epochs=3, epoch_rule="mean-curve"), seeds=(3, 4)
)


def _scripted(monkeypatch: pytest.MonkeyPatch, curves: dict[int, list[list[float]]]) -> None:
    """Have seed s get ``curves[s]``, one curve a fold."""

    def folds(config: TrainConfig, seed: int, *_: object) -> list[module.Fold]:
        empty = np.empty(0, dtype="<U1")
        return [
            module.Fold(truth=empty, record=empty, probability=np.array(curve), seconds=1.0)
            for curve in curves[seed]
        ]

    monkeypatch.setattr(module, "fit_folds", folds)
    monkeypatch.setattr(module, "_curve", lambda _truth, curve, _classes: curve)


def test_the_mean_curve_chooses_one_number_for_all_seeds(mitdb, monkeypatch: pytest.MonkeyPatch):
    # Each seed alone would stop at another epoch than the mean does.
    _scripted(
        monkeypatch,
        {3: [[0.6, 0.5, 0.2], [0.6, 0.5, 0.2]], 4: [[0.1, 0.5, 0.6], [0.1, 0.5, 0.6]]},
    )
    beats = training_beats(MEAN)
    found = [choose_epochs(MEAN, seed, beats) for seed in MEAN.seeds]
    assert [one.epochs for one in found] == [2, 2]
    assert found[0].mean_curve == pytest.approx((0.35, 0.5, 0.4))
    assert found[0].held_out == pytest.approx((0.6, 0.5, 0.2))
    assert [one.figure for one in found] == pytest.approx([0.5, 0.5])


def test_folds_count_alike(mitdb, monkeypatch: pytest.MonkeyPatch):
    _scripted(monkeypatch, {3: [[0.2, 0.9, 0.1], [0.8, 0.3, 0.1]], 4: [[0.5] * 3, [0.5] * 3]})
    found = choose_epochs(MEAN, 3, training_beats(MEAN))
    assert found.held_out == pytest.approx((0.5, 0.6, 0.1))
    assert found.epochs == 2


def test_without_folds_all_epochs_are_taken(mitdb):
    config = replace(MEAN, folds=())
    found = choose_epochs(config, 3, training_beats(config))
    assert (found.epochs, found.held_out) == (3, ())
    assert math.isnan(found.figure)


def test_one_seed_alone_gets_what_it_gets_among_all(mitdb, tmp_path: Path):
    together = train_seeds(MEAN, tmp_path / "checkpoints" / "tiny")
    kept = load_checkpoint("tiny").meta
    assert len({one.choice.epochs for one in together}) == 1
    assert np.argmax(together[0].choice.mean_curve) + 1 == together[0].choice.epochs
    mean = np.mean([one.choice.held_out for one in together], axis=0)
    assert together[0].choice.mean_curve == pytest.approx(mean)
    assert kept.training["mean_curve_f1"] == list(together[0].choice.mean_curve)
    lower = min(together, key=lambda one: one.chosen_by)  # the median of two is the lower one
    assert kept.seed == lower.checkpoint.meta.seed
    assert "one number for all seeds" in load_checkpoint("tiny").card
    assert train(MEAN, 4).figures() == together[1].figures()


def test_a_run_killed_among_the_folds_goes_on(
    mitdb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    first = train(MEAN, 3).figures()

    def stop(what: str, done: int, of: int) -> None:
        if "seed 4: fold 1" in what and done == 2:
            raise KeyboardInterrupt

    monkeypatch.setenv("ECG_HOME", str(tmp_path / "other"))
    with pytest.raises(KeyboardInterrupt):
        train(MEAN, 3, progress=stop)
    said: list[tuple[str, int]] = []
    second = train(MEAN, 3, progress=lambda what, done, _: said.append((what, done))).figures()
    assert not any("seed 3: fold" in what for what, _ in said)  # those were done
    assert [done for what, done in said if "seed 4: fold 1" in what] == [3]
    assert second == first


def test_a_run_with_other_seeds_beside_it_is_fitted_anew_where_the_epochs_differ(
    mitdb, monkeypatch: pytest.MonkeyPatch
):
    def chosen(epochs: int) -> None:
        monkeypatch.setattr(
            "ecgcore.training.loop.choose_epochs",
            lambda *_: module.EpochChoice(epochs=epochs, held_out=(0.1, 0.2, 0.3)),
        )

    chosen(3)
    train(MEAN, 3)
    chosen(1)
    again = train(MEAN, 3).checkpoint.meta.training
    assert again["epochs"] == len(again["loss"]) == 1
