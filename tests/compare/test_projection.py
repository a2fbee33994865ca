"""The map of beats: which are drawn, and where."""

import numpy as np
import pytest

from ecgcore.background import Cancelled
from ecgcore.compare.exemplars import pool
from ecgcore.compare.projection import chosen_beats, principal, tsne
from tests.make_predictions import make_predictions


def test_principal_components_are_those_of_the_singular_values():
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(200, 6)) * [5, 3, 1, 1, 0.5, 0.1] + 4).astype(np.float32)
    place, share = principal(x)
    value = np.linalg.svd(x - x.mean(0), compute_uv=False) ** 2
    np.testing.assert_allclose(share, value[:2] / value.sum(), rtol=1e-4)
    np.testing.assert_allclose((place**2).sum(0), value[:2], rtol=1e-4)
    assert principal(x[:, :1])[0].shape == (200, 2)


def test_errors_and_rare_classes_are_drawn_first():
    truth = ["N"] * 500 + ["S"] * 30 + ["N"] * 40 + ["V"] * 10 + ["X"]
    label = ["N"] * 500 + ["S"] * 30 + ["S"] * 40 + ["V"] * 10 + ["N"]
    beats = pool([make_predictions(truth, label)])
    rows = chosen_beats(beats, 120)
    assert len(rows) == 120 == len(set(rows.tolist()))
    named = np.array(truth)[rows]
    wrong = named != np.array(label)[rows]
    assert wrong.sum() == 40  # all of them; the one of an unknown class is not drawn
    assert (named[~wrong] == "V").sum() == 10
    assert (named[~wrong] == "S").sum() >= 30
    np.testing.assert_array_equal(rows, chosen_beats(beats, 120))
    assert len(chosen_beats(beats, 10_000)) == 580


def test_tsne_keeps_groups_apart_tells_its_steps_and_may_be_ended():
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.normal(8 * k, 1, (25, 5)) for k in range(3)]).astype(np.float32)
    told = []
    place = tsne(x, lambda share, _: told.append(share))
    assert told == [0.0, 0.25, 0.5, 0.75]
    near = np.argsort(((place[:, None] - place) ** 2).sum(-1), axis=1)[:, 1:6]
    assert (near // 25 == np.arange(75)[:, None] // 25).mean() > 0.95

    def stop(share, step):
        raise Cancelled

    with pytest.raises(Cancelled):
        tsne(x, stop)
    assert tsne(x[:2], stop).shape == (2, 2)  # too few for any step
