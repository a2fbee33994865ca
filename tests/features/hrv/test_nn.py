"""Which intervals are NN."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.features.hrv.nn import nn_intervals
from tests.features.hrv.peaks import peaks_of


def test_both_intervals_of_an_ectopic_beat_go() -> None:
    symbol = ["N"] * 30
    symbol[10] = "V"
    nn = nn_intervals(peaks_of([800] * 29, symbol=symbol))
    assert np.flatnonzero(~nn.normal).tolist() == [9, 10]
    assert nn.left_out() == {"ectopic": 2}
    assert nn.count == 27
    assert nn.pairs.size == 25  # none across the ectopic beat


def test_bundle_branch_block_is_sinus_and_an_escape_beat_is_not() -> None:
    assert nn_intervals(peaks_of([800] * 9, symbol=["L"] * 5 + ["R"] * 5)).share == 1
    assert nn_intervals(peaks_of([800] * 9, symbol=["N"] * 5 + ["j"] * 5)).count == 4


def test_gaps_and_missed_beats_go() -> None:
    rr = [800] * 30
    rr[5], rr[20] = 9000, 200
    nn = nn_intervals(peaks_of(rr))
    assert np.flatnonzero(~nn.normal).tolist() == [5, 20]
    assert nn.left_out() == {"gap": 2}


def test_intervals_over_bad_signal_go() -> None:
    peaks = peaks_of([1000] * 20)
    nn = nn_intervals(peaks, [(12_100, 12_200), (5_000, 5_001), (30_000, 40_000)])
    assert np.flatnonzero(~nn.normal).tolist() == [5, 12]
    assert nn.left_out() == {"no ECG": 2}


def test_stretches_that_lie_within_one_another() -> None:
    nn = nn_intervals(peaks_of([1000] * 20), [(2_500, 9_500), (3_000, 3_100), (15_500, 15_600)])
    assert np.flatnonzero(~nn.normal).tolist() == [*range(2, 10), 15]


def test_without_classes_what_stands_out_goes() -> None:
    rr = [800] * 40
    rr[10], rr[11] = 500, 1100
    nn = nn_intervals(peaks_of(rr, symbol="none"))
    assert np.flatnonzero(~nn.normal).tolist() == [10, 11]
    assert nn.left_out() == {"irregular": 2}
    assert nn_intervals(peaks_of(rr)).share == 1  # annotated: the annotator's word counts


@given(st.integers(0, 3))
def test_few_beats_are_no_error(count: int) -> None:
    nn = nn_intervals(peaks_of([800] * count) if count else peaks_of([]))
    assert nn.count == count
    assert nn.span == pytest.approx(count * 0.8)


def test_a_window_keeps_what_ends_in_it() -> None:
    nn = nn_intervals(peaks_of([1000] * 100))
    part = nn.within(10, 20)
    assert part.time.tolist() == [float(t) for t in range(10, 20)]
    assert part.span == 10
    assert [nn.within(t, t + 10).count for t in range(0, 101, 10)] == [9, *[10] * 9, 1]


def test_intervals_in_noise_go_and_are_counted_as_such() -> None:
    peaks = peaks_of([1000] * 20, symbol=["N"] * 8 + ["V"] + ["N"] * 12)
    nn = nn_intervals(peaks, [(12_100, 12_200)], [(7_500, 8_000), (12_000, 14_000)])
    assert nn.left_out() == {"no ECG": 1, "noisy": 2, "ectopic": 1}
    assert nn.count == 20 - 4


def test_a_noisy_second_between_two_beats_is_touched_by_their_interval() -> None:
    """A beat may have been missed there, though neither of the two lies in it."""
    nn = nn_intervals(peaks_of([2000] * 10), (), [(4_500, 5_500)])
    assert np.flatnonzero(~nn.normal).tolist() == [2]
