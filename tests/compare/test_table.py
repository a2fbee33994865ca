import numpy as np

from ecgcore.compare.table import COLUMNS, beat_table
from tests.make_predictions import make_predictions


def test_one_row_a_usable_beat_with_its_own_index():
    a = make_predictions(["N", "V", "N"], ["N", "N", "N"], usable=[True, False, True])
    b = make_predictions(["S"], ["V"], record="200")
    table = beat_table([a, b])
    assert tuple(table.columns) == COLUMNS
    assert table["record"].tolist() == ["100", "100", "200"]
    assert table["beat"].tolist() == [0, 2, 0]
    assert table["true"].tolist() == ["N", "N", "S"]
    assert table["predicted"].tolist() == ["N", "N", "V"]


def test_confidence_and_margin_are_those_of_the_probabilities():
    part = make_predictions(["N"] * 4, ["N", "S", "V", "N"], confidence=0.7)
    table = beat_table([part])
    np.testing.assert_allclose(table["confidence"], part.probability.max(axis=1))
    np.testing.assert_allclose(table["margin"], 0.7 - 0.15, rtol=1e-5)


def test_rr_is_the_distance_of_neighbours_and_unknown_at_the_ends():
    part = make_predictions(["N"] * 5, ["N"] * 5)
    table = beat_table([part])
    seconds = part.peaks.sample / part.peaks.fs
    np.testing.assert_allclose(table["pre_rr"][1:], np.diff(seconds))
    np.testing.assert_allclose(table["post_rr"][:-1], np.diff(seconds))
    assert np.isnan(table["pre_rr"].iloc[0])
    assert np.isnan(table["post_rr"].iloc[-1])


def test_one_beat_or_none_needs_no_rr():
    assert beat_table([make_predictions(["N"], ["N"])])["pre_rr"].isna().all()
    assert tuple(beat_table([make_predictions([], [])]).columns) == COLUMNS


def test_unlabelled_beats_have_no_true_class():
    table = beat_table([make_predictions(["N"], ["V"], labelled=False)])
    assert table["true"].tolist() == [""]
