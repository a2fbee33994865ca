"""Figures against scikit-learn's, and what missed and extra beats do to them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as peer

from ecgcore.training.metrics import (
    auroc,
    average_precision,
    class_metrics,
    headline_f1,
)

CLASSES = ("N", "S", "V", "F", "Q")


def drawn(seed: int, n: int = 300, ties: bool = True):
    rng = np.random.default_rng(seed)
    truth = rng.choice(CLASSES, n, p=(0.6, 0.15, 0.15, 0.08, 0.02))
    probability = rng.dirichlet(np.ones(5) * 0.5, n)
    right = rng.random(n) < 0.5
    probability[right] = 0.3 * probability[right] + 0.7 * (truth[right, None] == CLASSES)
    if ties:
        probability = np.round(probability, 1) + 1e-6
        probability /= probability.sum(axis=1, keepdims=True)
    return truth, probability.astype(np.float32)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(20, 400))
def test_figures_equal_scikit_learn(seed, n):
    truth, probability = drawn(seed, n)
    label = np.array(CLASSES)[probability.argmax(axis=1)]
    found = class_metrics(truth, probability, CLASSES)
    np.testing.assert_array_equal(
        found.confusion, peer.confusion_matrix(truth, label, labels=CLASSES)
    )
    there = sorted(set(truth) | set(label))
    assert found.macro["f1"] == pytest.approx(
        peer.f1_score(truth, label, labels=there, average="macro", zero_division=0)
    )
    assert found.accuracy == pytest.approx(peer.accuracy_score(truth, label))
    for index, name in enumerate(CLASSES):
        mine, positive = found.per_class[name], truth == name
        if not positive.any():
            continue
        args = {"labels": [name], "average": None, "zero_division": np.nan}
        assert mine.se == pytest.approx(peer.recall_score(truth, label, **args)[0])
        assert mine.ppv == pytest.approx(peer.precision_score(truth, label, **args)[0], nan_ok=True)
        score = probability[:, index]
        assert mine.auprc == pytest.approx(peer.average_precision_score(positive, score))
        if not positive.all():
            assert mine.auroc == pytest.approx(peer.roc_auc_score(positive, score))


@given(seed=st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_ranking_figures_don_t_depend_on_scale_or_order(seed):
    rng = np.random.default_rng(seed)
    positive, score = rng.random(50) < 0.4, np.round(rng.random(50), 1).astype(np.float32)
    positive[:2] = True, False
    order = rng.permutation(50)
    for figure in (auroc, average_precision):
        once = figure(positive, score)
        assert figure(positive[order], score[order]) == pytest.approx(once)
        assert figure(positive, np.exp(3 * score)) == pytest.approx(once)


def test_always_n_scores_high_on_the_mean_of_one_vs_rest_accuracies():
    """The figure that the fusion study's tables call Acc flatters: this is how far."""
    truth = np.repeat(["N", "S", "V", "F"], [44259, 1837, 3221, 388])
    probability = np.tile(np.array([1, 0, 0, 0], np.float32), (truth.size, 1))
    found = class_metrics(truth, probability, CLASSES[:4])
    assert found.mean_ovr_accuracy == pytest.approx((1 + found.accuracy) / 2)
    assert found.macro["f1_4"] < 0.25 < found.mean_ovr_accuracy


def test_missed_and_extra_beats_count_as_ec57_has_it():
    truth, probability = drawn(1)
    label = np.array(CLASSES)[probability.argmax(axis=1)]
    plain = class_metrics(truth, probability, CLASSES)
    missed = np.array(["V"] * 7)
    lost = class_metrics(truth, probability, CLASSES, missed)
    assert lost.n_beats == plain.n_beats + 7
    assert lost.per_class["V"].ppv == plain.per_class["V"].ppv
    hits, beats = plain.confusion[2, 2], plain.per_class["V"].beats
    assert lost.per_class["V"].se == pytest.approx(hits / (beats + 7))
    assert lost.per_class["N"] == plain.per_class["N"]

    invented = truth.copy()
    chosen = np.flatnonzero((label == "S") & (truth != "S"))[:5]
    invented[chosen] = ""
    extra = class_metrics(invented, probability, CLASSES)
    assert extra.n_beats == plain.n_beats - len(chosen)
    assert extra.extra[1] == len(chosen)
    assert extra.per_class["S"].ppv == pytest.approx(plain.per_class["S"].ppv)
    assert extra.accuracy == pytest.approx(plain.accuracy)


def test_classes_of_nobody_are_left_out_of_the_means():
    truth = np.array(["N", "N", "V", "V"])
    probability = np.eye(5, dtype=np.float32)[[0, 0, 2, 0]]
    found = class_metrics(truth, probability, CLASSES)
    assert math.isnan(found.per_class["F"].f1)
    assert found.macro["f1_4"] == pytest.approx((4 / 5 + 2 / 3) / 2)
    assert found.macro["se"] == pytest.approx((1 + 1 / 2) / 2)


def test_nothing_to_score_is_nan_not_an_error():
    found = class_metrics(np.empty(0, "<U1"), np.empty((0, 5), np.float32), CLASSES)
    assert found.n_beats == 0
    assert math.isnan(found.accuracy)
    assert math.isnan(found.macro["f1"])


def test_a_true_class_without_a_column_is_a_mistake():
    with pytest.raises(ValueError, match="Q"):
        class_metrics(np.array(["Q"]), np.ones((1, 4), np.float32) / 4, CLASSES[:4])


def test_a_result_is_spoken_of_by_the_four_classes_or_by_all():
    assert headline_f1({"f1": 0.14, "f1_4": 0.175}) == 0.175
    assert (
        headline_f1({"f1": 0.9, "f1_4": None}) == headline_f1({"f1": 0.9, "f1_4": math.nan}) == 0.9
    )
    assert headline_f1({"f1": None, "f1_4": None}) is None
