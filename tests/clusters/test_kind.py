"""Which kind of clusters is taken, and how the kinds are judged."""

import dataclasses

import numpy as np
import pytest

from ecgcore.clusters.kind import KindCandidate, choose_kind, held_out_fidelity

WIDE = KindCandidate(kind="gaussians", count=7, fidelity=0.5, agreement=0.9, names=0.8)
NEAR = KindCandidate(kind="soft k-means", count=8, fidelity=0.9, agreement=0.97, names=0.3)


def test_where_waves_are_seen_the_names_count_as_much_as_the_fidelity():
    assert choose_kind([WIDE, NEAR]) == "gaussians"
    assert choose_kind([NEAR, dataclasses.replace(WIDE, names=0.6)]) == "soft k-means"


def test_where_none_are_seen_fidelity_alone_decides():
    blind = [dataclasses.replace(one, names=None) for one in (WIDE, NEAR)]
    assert choose_kind(blind) == "soft k-means"
    assert choose_kind([blind[0], dataclasses.replace(blind[1], fidelity=0.4)]) == "gaussians"


@pytest.mark.parametrize("order", [1, -1])
def test_as_good_are_gaussians_in_any_order(order):
    same = dataclasses.replace(NEAR, fidelity=WIDE.fidelity, names=WIDE.names)
    assert choose_kind([WIDE, same][::order]) == "gaussians"


def test_of_nothing_nothing_is_chosen():
    with pytest.raises(ValueError, match="no candidate"):
        choose_kind([])


def _beats(seed=0):
    """Beats of six recordings; what is seen tells the class, but in the other lead the reverse."""
    rng = np.random.default_rng(seed)
    record = np.repeat(np.array(list("abcdef")), 40)
    away = np.tile([False, True], 120)
    label = rng.integers(0, 2, 240)
    seen = np.where(away, 1 - label, label)[:, None] + rng.normal(0, 0.05, (240, 1))
    return seen.astype(np.float32), label, record, away


def test_only_the_judged_beats_of_held_out_recordings_count():
    seen, label, record, away = _beats()
    own = held_out_fidelity(seen[~away], label[~away], record[~away], ("N", "V"), 0)
    assert own[0].shape == own[1].shape == (3,)
    assert min(own[0].min(), own[1].min()) > 0.95
    told = np.stack([seen[:, 0], away], axis=1)  # with the lead in sight both can be learnt
    both, _ = held_out_fidelity(told, label, record, ("N", "V"), 0, away)
    assert both.min() > 0.95
    label[away] = np.random.default_rng(1).integers(0, 2, away.sum())  # nothing tells these
    chance, _ = held_out_fidelity(told, label, record, ("N", "V"), 0, away)
    known, _ = held_out_fidelity(told, label, record, ("N", "V"), 0, ~away)
    assert chance.max() < 0.75
    assert known.min() > 0.95


def test_a_recording_is_never_on_both_sides():
    seen, _, record, _ = _beats()
    label = (np.unique(record, return_inverse=True)[1]) % 2
    seen = np.unique(record, return_inverse=True)[1][:, None].astype(np.float32) * 7 % 5
    f1, _ = held_out_fidelity(seen, label, record, ("N", "V"), 0)
    assert f1.mean() < 0.9  # who knows the recording by heart says all


def test_without_beats_to_judge_all_of_the_held_out_ones_count():
    seen, label, record, away = _beats()
    some = ~away
    none = np.zeros(some.sum(), bool)
    told = held_out_fidelity(seen[some], label[some], record[some], ("N", "V"), 0, none)
    plain = held_out_fidelity(seen[some], label[some], record[some], ("N", "V"), 0)
    np.testing.assert_array_equal(told[0], plain[0])
