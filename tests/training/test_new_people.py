"""Runs with virtual leads, drawn rhythms and a held-out bias: what is kept, resumed and named."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.training import choice as module
from ecgcore.training import setup
from ecgcore.training.choice import choose_epochs, chosen_together, fit_folds
from ecgcore.training.loop import train, train_seeds
from ecgcore.training.prior import held_out_bias
from ecgcore.training.setup import run_key, training_beats
from tests.training.test_train import TINY, _alone  # noqa: F401 - a fixture for every test

PLAIN = replace(
    TINY,
    optimisation=replace(TINY.optimisation, epochs=2, epoch_rule="last", majority_per_epoch=200),
    seeds=(3, 4),
)
MEAN = replace(PLAIN, optimisation=replace(PLAIN.optimisation, epoch_rule="mean-curve"))
BIASED = replace(PLAIN, optimisation=replace(PLAIN.optimisation, class_bias="held-out"))
NEW = replace(
    BIASED,
    optimisation=replace(
        BIASED.optimisation, virtual_leads=2, own_lead=0.1, rhythms=0.3, ventricular_rhythms=0.2
    ),
)


def test_the_bias_is_in_the_last_layer_and_in_the_description(mitdb, tmp_path: Path):
    without = train(PLAIN, 3).checkpoint.network.state_dict()
    result = train(BIASED, 3, tmp_path / "checkpoints" / "tiny")
    kept = load_checkpoint("tiny")
    told = kept.meta.training["class_bias"]
    assert list(told) == list(BIASED.classes)
    assert list(told.values()) == list(result.choice.bias)
    assert told["N"] == told["F"] == 0
    assert "2 epochs, set beforehand; training patients held out in 2 folds" in kept.card
    assert "Added to the classes' logits" in kept.card
    assert "chosen by the macro F1" not in kept.card
    moved = without.pop("classifier.bias") + torch.tensor(result.choice.bias)
    weights = kept.network.state_dict()
    torch.testing.assert_close(weights.pop("classifier.bias"), moved, atol=1e-5, rtol=0)
    for name, value in without.items():
        torch.testing.assert_close(weights[name], value)
    assert result.choice.bias == choose_epochs(BIASED, 4, training_beats(BIASED)).bias


def test_the_bias_is_what_all_seeds_folds_choose(mitdb):
    beats = training_beats(BIASED)
    found = choose_epochs(BIASED, 3, beats)
    folds = [fit_folds(BIASED, seed, beats) for seed in BIASED.seeds]
    truth = np.concatenate([fold.truth for fold in folds[0]])
    label = np.array([beats.classes.index(name) for name in truth])
    last = [np.concatenate([fold.probability[-1] for fold in one]) for one in folds]
    assert found.bias == tuple(held_out_bias(label, last, beats.classes))
    assert found.epochs == 2
    for fold, records in zip(folds[0], BIASED.folds, strict=True):
        assert set(fold.record) == set(records)
        assert fold.truth.tolist() == [
            beats.classes[k] for k in beats.label[np.isin(beats.record, records)]
        ]


def test_a_killed_run_goes_on_and_the_bias_is_added_once(
    mitdb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    first = train(NEW, 3)

    def stop(what: str, done: int, of: int) -> None:
        if "all patients" in what and done == 2:
            raise KeyboardInterrupt

    monkeypatch.setenv("ECG_HOME", str(tmp_path / "other"))
    with pytest.raises(KeyboardInterrupt):
        train(NEW, 3, progress=stop)
    for _ in range(2):  # the second finds all of it done
        again = train(NEW, 3)
        assert again.figures() == first.figures()
        for name, value in first.checkpoint.network.state_dict().items():
            assert torch.equal(again.checkpoint.network.state_dict()[name], value)
    flags = first.checkpoint.meta.protocol.flags
    assert any("mixtures of both leads" in flag for flag in flags)


def test_versions_and_rhythms_change_what_is_trained_and_nothing_else(mitdb):
    plain, new = training_beats(PLAIN), training_beats(NEW)
    assert plain.versions is None
    assert plain.rhythms is plain.ventricular is None
    assert new.versions.shape == (2, *new.x.shape)
    assert new.rhythms.shape[1] == new.ventricular.shape[1] == new.rr.shape[1]
    np.testing.assert_array_equal(new.x, plain.x)
    np.testing.assert_array_equal(new.rr, plain.rr)
    assert new.digest() == plain.digest()
    assert training_beats(NEW, augmented=False).versions is None
    some = new.record == "208"
    part = new.subset(some)
    np.testing.assert_array_equal(part.versions, new.versions[:, some])
    np.testing.assert_array_equal(part.rhythms, new.rhythms)
    np.testing.assert_array_equal(part.ventricular, new.ventricular)


def _scripted(monkeypatch: pytest.MonkeyPatch, curves: dict[int, np.ndarray]) -> None:
    """Have each seed's two folds say S for a third of N, by ``curves`` (epochs,) right in all."""
    truth = np.array(["N", "S", "V", "F"] * 30)

    def folds(_config, seed: int, *_: object) -> list[module.Fold]:
        base = np.eye(4)[np.arange(120) % 4]
        made = np.stack([base * right + [0.0, 0.4, 0, 0] for right in curves[seed]])
        made /= made.sum(axis=-1, keepdims=True)
        empty = np.full(120, "208")
        one = module.Fold(
            truth=truth, record=empty, probability=made.astype(np.float32), seconds=1.0
        )
        return [one, one]

    monkeypatch.setattr(module, "fit_folds", folds)


@pytest.mark.parametrize("rule", ["own", "mean-curve", "last"])
def test_the_figure_at_the_chosen_epoch_is_told_with_the_bias(
    mitdb, monkeypatch: pytest.MonkeyPatch, rule: str
):
    """S is said for everything until the bias takes it back: then all is right."""
    _scripted(monkeypatch, {3: np.array([0.1, 0.39]), 4: np.array([0.1, 0.39])})
    how = replace(BIASED.optimisation, epoch_rule=rule)
    found = choose_epochs(replace(BIASED, optimisation=how), 3, training_beats(BIASED))
    assert found.bias[1] < 0
    assert found.figure == pytest.approx(1.0)
    assert [k for k, one in enumerate(found.held_out) if one > 0.5] == [found.epochs - 1]


def test_of_seeds_that_choose_together_the_folds_stay_for_the_others(mitdb, tmp_path: Path):
    assert chosen_together(BIASED)
    assert not chosen_together(PLAIN)
    assert not chosen_together(replace(MEAN, folds=()))
    assert chosen_together(MEAN)
    kept = tmp_path / "home" / "training"
    train(replace(PLAIN, folds=()), 3, tmp_path / "checkpoints" / "tiny")
    assert not list(kept.iterdir())
    own = replace(BIASED, optimisation=replace(BIASED.optimisation, epoch_rule="own"))
    train(own, 3, tmp_path / "checkpoints" / "tiny")
    assert len(list(kept.iterdir())) == 2
    said: list[str] = []
    train_seeds(own, tmp_path / "checkpoints" / "tiny", lambda what, *_: said.append(what))
    assert not any("fold" in what for what in said)
    assert not list(kept.iterdir())


def test_settings_that_came_later_don_t_rename_earlier_runs(mitdb, monkeypatch: pytest.MonkeyPatch):
    hashed: list[str] = []
    dumps = setup.json.dumps

    def noted(found, **options):
        text = dumps(found, **options)
        if '"architecture"' in text:
            hashed.append(text)
        return text

    monkeypatch.setattr(setup.json, "dumps", noted)
    beats = training_beats(PLAIN)
    plain, biased, new = (run_key(config, 3, beats) for config in (PLAIN, BIASED, NEW))
    later = ("virtual_leads", "own_lead", "rhythms", "class_bias", "rhythm_kinds", "warp", "snap")
    later += ("ventricular_rhythms",)
    assert len(hashed) == 3
    assert not any(f'"{name}"' in hashed[0] for name in later)
    assert plain == biased  # the same folds and the same weights
    assert all(f'"{name}"' in hashed[2] for name in ("virtual_leads", "own_lead", "rhythms"))
    assert new != plain
    names = {
        run_key(replace(NEW, optimisation=replace(NEW.optimisation, **one)), 3, beats)
        for one in (
            {"virtual_leads": 3},
            {"own_lead": 0.5},
            {"rhythms": 0.1},
            {"rhythm_kinds": ("block",)},
            {"ventricular_rhythms": 0.1},
            {},
        )
    }
    assert len(names) == 6
