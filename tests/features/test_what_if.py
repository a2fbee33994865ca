import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.errors import EcgError
from ecgcore.features.inputs import InputSpec, beat_inputs
from ecgcore.features.rr import RR_FEATURES, rr_features
from ecgcore.features.what_if import hears_rhythm, intervals_beside, with_intervals, with_rhythm
from tests.make_record import make_record

RECORD, PEAKS = make_record()
EVERY = tuple(RR_FEATURES)
SPEC = InputSpec(rr=EVERY, channels=("difference", "rr_pre_global", "rr_pre_local"))
INPUTS = beat_inputs(RECORD, PEAKS, SPEC)


@given(st.integers(1, 18), st.floats(0.25, 2.0), st.floats(0.25, 2.0))
def test_one_interval_changes_and_no_other(beat, pre, post):
    moved = with_intervals(PEAKS, beat, pre=pre, post=post)
    was, now = np.diff(PEAKS.sample), np.diff(moved.sample)
    np.testing.assert_array_equal(
        np.delete(now, [beat - 1, beat]), np.delete(was, [beat - 1, beat])
    )
    assert intervals_beside(moved, beat) == pytest.approx((pre, post), abs=0.5 / PEAKS.fs)
    assert moved.sample[beat] == PEAKS.sample[beat]


@given(st.integers(1, 18), st.floats(0.25, 2.0))
def test_features_are_those_of_a_recording_with_that_rhythm(beat, pre):
    moved = with_intervals(PEAKS, beat, pre=pre)
    changed = with_rhythm(INPUTS, beat, pre=pre)
    np.testing.assert_array_equal(changed.rr[beat], rr_features(moved, EVERY).values[beat])
    ratios = rr_features(moved, ("pre_over_global", "pre_over_local")).values[beat]
    np.testing.assert_array_equal(changed.stacked[beat, 1:], np.repeat(ratios[:, None], 128, 1))
    # the waveform and all other beats stay
    np.testing.assert_array_equal(changed.stacked[:, 0], INPUTS.stacked[:, 0])
    others = np.delete(np.arange(len(INPUTS)), beat)
    np.testing.assert_array_equal(changed.rr[others], INPUTS.rr[others])
    np.testing.assert_array_equal(changed.stacked[others], INPUTS.stacked[others])
    assert changed.beats is INPUTS.beats


def test_a_ratio_follows_the_interval_as_it_should():
    before, _ = intervals_beside(PEAKS, 8)
    column = EVERY.index("pre")
    half = with_rhythm(INPUTS, 8, pre=before / 2)
    assert half.rr[8, column] == pytest.approx(before / 2, abs=0.5 / PEAKS.fs)
    post = EVERY.index("post")
    assert half.rr[8, post] == INPUTS.rr[8, post]


def test_the_interval_that_was_recorded_changes_nothing():
    before, after = intervals_beside(PEAKS, 5)
    same = with_rhythm(INPUTS, 5, pre=before, post=after)
    np.testing.assert_array_equal(same.rr, INPUTS.rr)
    np.testing.assert_array_equal(same.stacked, INPUTS.stacked)
    assert with_rhythm(INPUTS, 5) is INPUTS


def test_edges_have_one_interval_only():
    last = len(PEAKS) - 1
    assert intervals_beside(PEAKS, 0)[0] is None
    assert intervals_beside(PEAKS, last)[1] is None
    with pytest.raises(EcgError, match="no beat before"):
        with_intervals(PEAKS, 0, pre=0.5)
    with pytest.raises(EcgError, match="no beat after"):
        with_intervals(PEAKS, last, post=0.5)
    with pytest.raises(EcgError, match="too short"):
        with_intervals(PEAKS, 4, pre=0.0)


def test_which_inputs_hear_the_rhythm():
    assert hears_rhythm(("pre",), ("raw",))
    assert hears_rhythm((), ("raw", "rr_pre_local"))
    assert not hears_rhythm((), ("difference", "previous"))
