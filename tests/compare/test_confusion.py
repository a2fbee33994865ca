import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from ecgcore.compare.confusion import confusion
from tests.make_predictions import CLASSES, make_predictions

pairs = st.lists(st.tuples(st.sampled_from(CLASSES), st.sampled_from(CLASSES)), min_size=1)


@given(pairs)
def test_counts_agree_with_scikit_learn(pairs):
    truth, label = zip(*pairs, strict=True)
    found = confusion([make_predictions(truth, label)])
    assert found.truths == found.classes == CLASSES
    np.testing.assert_array_equal(found.counts, confusion_matrix(truth, label, labels=CLASSES))


@given(pairs, st.integers(0, 100))
def test_counts_do_not_depend_on_how_beats_are_spread_over_records(pairs, cut):
    truth, label = zip(*pairs, strict=True)
    cut = min(cut, len(truth))
    parts = [
        make_predictions(truth[:cut], label[:cut], record="a"),
        make_predictions(truth[cut:], label[cut:], record="b"),
    ]
    whole = confusion([make_predictions(truth, label)])
    np.testing.assert_array_equal(confusion(parts).counts, whole.counts)


@given(pairs)
def test_shares_of_a_row_with_beats_sum_to_one(pairs):
    truth, label = zip(*pairs, strict=True)
    found = confusion([make_predictions(truth, label)])
    has_beats = found.counts.sum(axis=1) > 0
    np.testing.assert_allclose(found.share.sum(axis=1), has_beats.astype(float))


def test_every_labelled_beat_is_counted_and_unusable_ones_are_told():
    part = make_predictions(
        ["N", "", "V", "Q", "S"], ["N", "N", "V", "V", "N"], usable=[True, True, False, True, True]
    )
    found = confusion([part])
    assert found.counts.sum() + found.unlabelled == len(part.peaks)
    assert (found.unlabelled, found.unusable) == (1, 1)
    assert found.counts[found.truths.index("V"), CLASSES.index("V")] == 1  # the unusable one


def test_a_true_class_without_a_column_keeps_its_row():
    found = confusion([make_predictions(["Q", "N"], ["V", "N"])])
    assert found.truths == (*CLASSES, "Q")
    assert found.counts[found.truths.index("Q"), CLASSES.index("V")] == 1


def test_predictions_of_two_checkpoints_do_not_mix():
    with pytest.raises(ValueError, match="one checkpoint"):
        confusion(
            [make_predictions(["N"], ["N"]), make_predictions(["N"], ["N"], classes=("N", "V"))]
        )
