"""verification: rates of known distributions, and what no change of scale or order may touch."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from ecgcore.training.verification import equal_error_rate, identify, rank_rate

PEOPLE = ("ann", "bob", "cy", "di", "eve", "flo", "gil")
scores = st.lists(st.integers(-20, 20), min_size=1, max_size=40).map(lambda x: np.array(x, float))


@pytest.mark.parametrize("apart", [0.0, 1.0, 2.0, 3.0])
def test_of_two_normal_distributions_the_rate_is_that_of_the_middle(apart):
    even = norm.ppf((np.arange(4000) + 0.5) / 4000)  # quantiles: no chance in it
    found = equal_error_rate(even + apart, even)
    assert found == pytest.approx(norm.cdf(-apart / 2), abs=1e-3)


def test_of_uniform_scores_it_is_where_the_lines_cross():
    # Refused below t: t; accepted from t: 1 - 2 t. They meet at a third.
    even = (np.arange(3000) + 0.5) / 3000
    assert equal_error_rate(even, even / 2) == pytest.approx(1 / 3, abs=1e-3)


@pytest.mark.parametrize(
    ("genuine", "impostor", "rate"),
    [
        ([3.0, 4.0], [1.0, 2.0], 0.0),
        ([1.0, 2.0], [3.0, 4.0], 1.0),
        ([1.0], [1.0], 0.5),
        ([0.0, 2.0, 3.0, 4.0], [-3.0, -2.0, -1.0, 1.0], 0.25),
    ],
)
def test_of_a_few_scores_it_is_counted(genuine, impostor, rate):
    assert equal_error_rate(np.array(genuine), np.array(impostor)) == pytest.approx(rate)


@given(genuine=scores, impostor=scores, scale=st.floats(0.1, 10), level=st.floats(-5, 5))
def test_only_the_order_of_scores_counts(genuine, impostor, scale, level):
    rate = equal_error_rate(genuine, impostor)
    assert 0 <= rate <= 1
    moved = equal_error_rate(
        np.arctan(genuine) * scale + level, np.arctan(impostor) * scale + level
    )
    assert moved == pytest.approx(rate, abs=1e-9)
    # Turned round, the one kind is the other's.
    assert equal_error_rate(-impostor, -genuine) == pytest.approx(rate, abs=1e-9)


def test_without_claims_of_a_kind_there_is_no_rate():
    assert math.isnan(equal_error_rate(np.empty(0), np.array([1.0])))
    assert math.isnan(rank_rate(np.empty((0, 3)), np.empty(0, int), 1))


@given(st.integers(1, 60), st.integers(0, 1000))
def test_ranks_grow_and_the_last_takes_everyone(n, seed):
    rng = np.random.default_rng(seed)
    score, person = rng.normal(size=(n, 7)), rng.integers(0, 7, n)
    rates = [rank_rate(score, person, rank) for rank in range(1, 8)]
    assert rates == sorted(rates)
    assert rates[0] == pytest.approx((score.argmax(axis=1) == person).mean())
    assert rates[-1] == 1
    order = rng.permutation(7)
    assert rank_rate(score[:, order], np.argsort(order)[person], 2) == rates[1]


def test_a_score_that_says_nothing_is_right_by_no_luck_of_order():
    assert rank_rate(np.zeros((4, 7)), np.array([0, 1, 5, 6]), 1) == 0


def _certain(*labels: str) -> np.ndarray:
    found = np.full((len(labels), len(PEOPLE)), 0.01)
    found[np.arange(len(labels)), [PEOPLE.index(label) for label in labels]] = 0.94
    return found.astype(np.float32)


def test_people_are_by_the_votes_of_their_beats_and_recordings_by_their_mean():
    truth = {"1": ["ann"] * 3, "2": ["ann"] * 2, "3": ["bob"] * 4, "4": []}
    said = {
        "1": _certain("ann", "ann", "cy"),
        "2": _certain("cy", "ann"),
        "3": _certain("di", "di", "di", "bob"),
        "4": _certain(),
    }
    found = identify({name: np.array(one) for name, one in truth.items()}, said, PEOPLE)
    assert found.beats.n == 9
    assert found.beats.rank_1 == pytest.approx(4 / 9)
    assert found.recordings.n == 3
    assert found.recordings.rank_5 == 1
    assert {name: vote.voted for name, vote in found.people.items()} == {"ann": "ann", "bob": "di"}
    assert found.people["ann"].beats == 5
    assert found.people["ann"].right == pytest.approx(3 / 5)
    plain = found.to_json()["people"]
    assert (plain["n"], plain["right"], plain["share"]) == (2, 1, 0.5)
    assert plain["mean_right"] == pytest.approx((3 / 5 + 1 / 4) / 2)


def test_perfect_recognition_has_no_errors_and_no_chance_of_them():
    truth = {name: np.full(3, name) for name in PEOPLE}
    found = identify(truth, {name: _certain(*[name] * 3) for name in PEOPLE}, PEOPLE)
    assert (found.beats.rank_1, found.beats.eer, found.recordings.eer) == (1, 0, 0)
    assert found.right == len(PEOPLE)
