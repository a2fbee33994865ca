import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from ecgcore.dsp.matching import match_peaks

SAMPLES = st.lists(st.integers(0, 400), max_size=14, unique=True).map(
    lambda values: np.array(sorted(values), dtype=np.int64)
)
FS = 100.0  # 150 ms are 15 samples


@given(SAMPLES, SAMPLES)
def test_pairs_are_one_to_one_in_order_and_within_the_window(
    reference: np.ndarray, detected: np.ndarray
) -> None:
    match = match_peaks(reference, detected, FS)
    left, right = match.pairs[:, 0], match.pairs[:, 1]
    assert (np.diff(left) > 0).all()
    assert (np.diff(right) > 0).all()
    assert (np.abs(reference[left] - detected[right]) <= 15).all()
    np.testing.assert_array_equal(
        np.sort(np.concatenate((left, match.missed))), np.arange(reference.size)
    )
    np.testing.assert_array_equal(
        np.sort(np.concatenate((right, match.extra))), np.arange(detected.size)
    )


@given(SAMPLES, SAMPLES)
def test_no_other_pairing_has_more_pairs(reference: np.ndarray, detected: np.ndarray) -> None:
    near = np.abs(reference[:, None] - detected[None, :]) <= 15
    best = near[linear_sum_assignment(near, maximize=True)].sum()
    assert len(match_peaks(reference, detected, FS).pairs) == best


@given(SAMPLES, SAMPLES)
def test_sides_may_be_swapped(reference: np.ndarray, detected: np.ndarray) -> None:
    here, there = match_peaks(reference, detected, FS), match_peaks(detected, reference, FS)
    assert len(here.pairs) == len(there.pairs)


@given(SAMPLES)
def test_a_train_matches_itself(samples: np.ndarray) -> None:
    match = match_peaks(samples, samples, FS)
    np.testing.assert_array_equal(match.pairs[:, 0], match.pairs[:, 1])
    assert not match.missed.size
    assert not match.extra.size


def test_the_nearer_of_two_detections_is_the_partner() -> None:
    match = match_peaks(np.array([100]), np.array([88, 101]), FS)
    assert match.pairs.tolist() == [[0, 1]]
    assert match.extra.tolist() == [0]
    match = match_peaks(np.array([88, 101]), np.array([100]), FS)
    assert match.pairs.tolist() == [[1, 0]]
    assert match.missed.tolist() == [0]


def test_the_window_is_150_ms_and_inclusive() -> None:
    for distance, found in ((15, 1), (16, 0)):
        match = match_peaks(np.array([100]), np.array([100 + distance]), FS)
        assert len(match.pairs) == found
        assert match.se == pytest.approx(found)
        assert match.ppv == pytest.approx(found)
