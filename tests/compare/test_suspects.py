"""Labels that out-of-sample predictions contradict: planted errors are found, no learnt ones."""

from dataclasses import replace

import numpy as np
import pytest

from ecgcore.compare.suspects import suspects, thresholds
from ecgcore.features.inputs import InputSpec
from ecgcore.schema import Protocol
from ecgcore.training.held_out import HeldOut
from tests.make_predictions import make_predictions
from tests.make_record import make_checkpoint
from tests.tiny_networks import Convolutional

CLASSES = ("N", "S", "V")


def meta(train="made 900"):
    told = Protocol(name="inter-patient", train=train, test="made 100")
    return replace(make_checkpoint(Convolutional(), InputSpec(), CLASSES).meta, protocol=told)


def noisy(record, seed, count=600, wrong=0.03):
    """A network that is right of the heart, and annotations of which some are wrong."""
    rng = np.random.default_rng(seed)
    heart = rng.choice(3, count, p=[0.8, 0.1, 0.1])
    logit = rng.normal(0, 1, (count, 3))
    logit[np.arange(count), heart] += 5
    probability = np.exp(logit) / np.exp(logit).sum(1, keepdims=True)
    label = heart.copy()
    planted = rng.random(count) < wrong
    label[planted] = (heart[planted] + 1) % 3
    names = np.array(CLASSES)
    part = make_predictions(names[label], names[heart], record=record)
    return replace(part, probability=probability.astype(np.float32)), planted, names[heart]


def test_planted_errors_are_found_and_named():
    part, planted, heart = noisy("100", 0)
    found = suspects(meta(), "made", {"100": part})
    assert found.judged == 600
    listed = found.table["beat"].to_numpy()
    assert planted[listed].mean() > 0.9  # precision
    assert planted[listed].sum() > 0.75 * planted.sum()  # recall: about half reach the mean
    assert (found.table["likely"] == heart[listed]).all()
    assert (found.table["doubt"].diff().dropna() <= 0).all()
    assert set(found.threshold) == set(CLASSES)


def test_recordings_that_trained_are_left_out_and_named():
    parts = {name: noisy(name, k)[0] for k, name in enumerate(("100", "900"))}
    found = suspects(meta(), "made", parts)
    assert found.trained == ("900",)
    assert found.judged == 600
    assert set(found.table["record"]) == {"100"}
    # They move no threshold either.
    alone = suspects(meta(), "made", {"100": parts["100"]})
    assert alone.threshold == found.threshold
    nothing = suspects(meta("made 100,900"), "made", parts)
    assert (nothing.judged, len(nothing.table)) == (0, 0)


def test_a_label_of_a_class_that_is_given_little_is_not_suspect_by_that_alone():
    """S beats get 0.4 for S, 0.45 for N: below what N beats are given, so nothing is wrong."""
    part = make_predictions(["N"] * 20 + ["S"] * 5, ["N"] * 25)
    probability = np.tile(np.array([0.95, 0.03, 0.02], np.float32), (25, 1))
    probability[20:] = [0.45, 0.4, 0.15]
    found = suspects(meta(), "made", {"100": replace(part, probability=probability)})
    assert found.table.empty
    assert found.threshold == pytest.approx({"N": 0.95, "S": 0.4})


def test_unusable_beats_and_strange_classes_are_not_judged():
    part = make_predictions(["N", "X", "", "V"], ["V"] * 4, usable=[True, True, True, False])
    assert suspects(meta(), "made", {"100": part}).judged == 1


def test_a_threshold_is_the_mean_over_beats_annotated_so():
    probability = np.array([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9]], np.float32)
    np.testing.assert_allclose(thresholds(np.array([0, 0, 0]), probability)[0], 0.5)
    assert thresholds(np.array([0, 0, 0]), probability)[1] == np.inf


def test_recordings_that_trained_are_judged_by_what_others_said_of_them():
    (seen, _, _), (fair, planted, heart) = noisy("900", 1), noisy("900", 1)
    # The network itself has learnt the labels, right or wrong; beat 0 was not held out.
    learnt = np.array([[name == c for c in CLASSES] for name in seen.truth], np.float32)
    seen = replace(seen, probability=learnt)
    kept = HeldOut(
        record=np.full(599, "900"),
        sample=fair.peaks.sample[:0:-1],
        probability=fair.probability[:0:-1],
        about={},
    )
    found = suspects(meta(), "made", {"900": seen}, kept)
    assert (found.trained, found.held_out, found.judged) == ((), ("900",), 599)
    listed = found.table["beat"].to_numpy()
    assert planted[listed].mean() > 0.9
    assert (found.table["likely"] == heart[listed]).all()
    # What is kept of a recording that did not train changes nothing.
    plain = suspects(meta(), "made", {"100": fair}, kept)
    assert plain.held_out == ()
    assert plain.judged == 600


def test_peaks_that_stand_a_little_beside_are_the_same_beats():
    seen, _, _ = noisy("900", 1)
    beside = replace(seen.peaks, sample=seen.peaks.sample + np.where(np.arange(600) % 2, 20, -20))
    kept = HeldOut(
        record=np.full(600, "900"),
        sample=seen.peaks.sample,
        probability=seen.probability,
        about={},
    )
    exact = suspects(meta(), "made", {"900": seen}, kept)
    found = suspects(meta(), "made", {"900": replace(seen, peaks=beside)}, kept)
    assert found.table.equals(exact.table)
    assert (found.judged, found.unmatched) == (600, 0)
    away = replace(seen.peaks, sample=seen.peaks.sample + 10**7)
    none = suspects(meta(), "made", {"900": replace(seen, peaks=away)}, kept)
    assert (none.judged, none.unmatched, none.held_out) == (0, 600, ("900",))
