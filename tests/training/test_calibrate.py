"""Calibration to one patient: what it reads, what it leaves alone, and what it gives."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ecgcore.dsp.matching import match_peaks
from ecgcore.errors import EcgError
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.reader import read_record
from ecgcore.schema import Peaks
from ecgcore.training.calibrate import (
    CALIBRATION,
    calibrated,
    calibrating,
    evaluate_calibrated,
    fitted_layer,
    with_unseen_kept,
)
from ecgcore.training.context import FLAG
from ecgcore.training.evaluate import evaluate
from ecgcore.training.predict import predict, predict_in_context
from tests.training.conftest import FOUR


@pytest.fixture(scope="module")
def bigeminy(mitdb):
    """Return record 119: N and V from its first minute on."""
    record = read_record(mitdb, "119")
    return record, annotated_peaks(record)


def weights(checkpoint):
    return {name: value.clone() for name, value in checkpoint.network.state_dict().items()}


def test_the_given_checkpoint_stays_as_it_was_and_the_copy_differs_in_its_last_layer(
    untrained, bigeminy
):
    before = weights(untrained)
    adapted = calibrated(untrained, *bigeminy)
    assert all(torch.equal(value, before[name]) for name, value in weights(untrained).items())
    inside = adapted.network.base.state_dict()
    assert all(torch.equal(value, before[name]) for name, value in inside.items())
    last, width = adapted.network.classifier, untrained.network.classifier.in_features
    labelled = (bigeminy[1].sample < 60 * bigeminy[0].fs).sum()
    # One RR feature, sixteen directions, the likeness to each labelled beat.
    assert last.in_features == width + 1 + 16 + labelled
    assert not torch.equal(last.weight[:, :width], before["classifier.weight"])
    assert last.weight[:, width:].abs().sum() > 0
    assert adapted.digest != untrained.digest
    assert not adapted.network.training
    assert not any(value.requires_grad for value in adapted.network.parameters())


def test_it_tells_what_was_done(untrained, bigeminy):
    adapted = calibrated(untrained, *bigeminy)
    record, peaks = bigeminy
    seen = peaks.aami[peaks.sample < 60 * record.fs]
    for words in (adapted.card, adapted.meta.protocol.flags[-1]):
        assert f"{(seen == 'N').sum()} N, {(seen == 'V').sum()} V" in words
    assert len(adapted.meta.protocol.flags) == len(untrained.meta.protocol.flags) + 1


def test_labels_after_the_first_seconds_are_never_read(untrained, bigeminy):
    record, peaks = bigeminy
    later = peaks.sample >= 60 * record.fs
    turned = peaks.aami.copy()
    turned[later] = np.where(turned[later] == "N", "V", "N")
    found, other = (
        predict(calibrated(untrained, record, given), record, peaks)
        for given in (peaks, replace(peaks, aami=turned))
    )
    assert np.array_equal(found.probability, other.probability)
    turned = np.where(later, peaks.aami, turned[::-1])
    within = calibrated(untrained, record, replace(peaks, aami=turned))
    assert not np.array_equal(predict(within, record, peaks).probability, found.probability)


def test_the_same_labels_give_the_same_network(untrained, bigeminy):
    one, other = (calibrated(untrained, *bigeminy) for _ in range(2))
    assert one.digest == other.digest
    assert all(value.equal(weights(other)[name]) for name, value in weights(one).items())


def test_without_a_labelled_beat_in_the_beginning_nothing_moves(untrained, bigeminy):
    record, peaks = bigeminy
    late = peaks.sample >= 60 * record.fs
    none = Peaks(
        sample=peaks.sample[late],
        source="atr",
        fs=peaks.fs,
        symbol=peaks.symbol[late],
        aami=peaks.aami[late],
    )
    unknown = replace(peaks, aami=np.where(late, peaks.aami, "Q"))
    for given in (none, unknown):
        adapted = calibrated(untrained, record, given)
        found, wanted = (predict(one, record, peaks) for one in (adapted, untrained))
        assert np.allclose(found.probability, wanted.probability, atol=1e-6)
        assert "no labelled beat" in adapted.card


def test_fusions_may_be_said_less_readily_where_the_beginning_shows_none(untrained, bigeminy):
    record, peaks = bigeminy
    bold, shy = (replace(CALIBRATION, unseen_fusion=by) for by in (0.0, 2.0))
    shown = replace(peaks, aami=np.where(np.arange(len(peaks)) == 3, "F", peaks.aami))
    for given, less in ((peaks, 2.0), (shown, 0.0)):
        found, other = (
            calibrated(untrained, record, given, how=how).network.classifier for how in (shy, bold)
        )
        gap = (other.bias - found.bias).numpy()
        assert np.allclose(gap, [0, 0, 0, less], atol=1e-5)
        assert torch.equal(found.weight, other.weight)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_odds_of_a_class_that_was_not_seen_stay_by_their_share(share: float) -> None:
    rng = np.random.default_rng(0)
    before, layer, x = (rng.normal(size=shape) for shape in ((4, 7), (4, 7), (7, 50)))
    place = {name: k for k, name in enumerate(FOUR)}
    found = with_unseen_kept(layer, before, np.array([0, 2, 0]), place, share)
    assert np.array_equal(found[[0, 2]], layer[[0, 2]])
    for unseen in (1, 3):
        odds, adapted, kept = ((one[unseen] - one[0]) @ x for one in (found, layer, before))
        np.testing.assert_allclose(odds, (1 - share) * adapted + share * kept, atol=1e-9)
    assert with_unseen_kept(layer, before, np.array([2, 3]), place, share) is layer  # no N beat


def test_the_beginning_is_out_of_the_score(mitdb, untrained, bigeminy):
    record, peaks = bigeminy
    rest = peaks.aami[peaks.sample >= 60 * record.fs]
    found = evaluate_calibrated(untrained, mitdb, ("119",))
    assert found.total.n_beats == rest.size < len(peaks)
    assert found.total.per_class["V"].beats == (rest == "V").sum()
    asked = "Uses the labels of each test patient's first 60 s, which are not scored."
    assert found.protocol.flags.count(asked) == found.protocol.flags.count(FLAG) == 1
    plain = evaluate(untrained, mitdb, ("119",), skip=60)
    assert plain.total.n_beats == rest.size
    assert "The first 60 s of each recording are not scored." in plain.protocol.flags


def test_on_detected_peaks_the_beginning_is_out_of_hits_misses_and_extras(mitdb, untrained):
    record = read_record(mitdb, "203")
    reference = annotated_peaks(record)
    detected = Peaks(sample=reference.sample[::2], source="half", fs=record.fs)
    found = predict(untrained, record, detected)
    total = evaluate(
        untrained, mitdb, ("203",), "detected", predictor=lambda *_: found, skip=60
    ).total
    met = match_peaks(reference.sample, detected.sample, record.fs)
    late = reference.sample >= 60 * record.fs
    assert total.missed.sum() == late[met.missed].sum() > 0
    assert total.confusion.sum() == late[met.pairs[:, 0]].sum()
    assert total.extra.sum() == 0


def test_a_labelled_minute_helps_on_the_rest(mitdb):
    """The person never trained the checkpoint, and has many ectopic beats from the first on."""
    shipped = load_checkpoint("resunet-b2")
    plain = evaluate(shipped, mitdb, ("233",), skip=60).total
    better = evaluate_calibrated(shipped, mitdb, ("233",)).total
    assert better.n_beats == plain.n_beats
    assert better.accuracy > plain.accuracy


def test_the_layer_is_the_minimum_and_a_strong_pull_holds_it():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 5)).astype(np.float32)
    label = rng.integers(0, 3, 40)
    weight, bias = rng.normal(size=(3, 5)).astype("f4"), rng.normal(size=3).astype("f4")

    def loss(w, b, pull):
        z = torch.from_numpy(x.astype("f8")) @ torch.from_numpy(w.astype("f8")).T
        z = z + torch.from_numpy(b.astype("f8"))
        count = np.bincount(label, minlength=3)
        share = count[label] ** -0.5
        share *= len(label) / share.sum()
        each = torch.nn.functional.cross_entropy(z, torch.from_numpy(label), reduction="none")
        moved = ((w - weight) ** 2).sum() + ((b - bias) ** 2).sum()
        return float((each.numpy() * share).sum() + pull / 2 * moved)

    w, b = fitted_layer(x, label, weight, bias, 1.0)
    least = loss(w, b, 1.0)
    assert least < loss(weight, bias, 1.0)
    for _ in range(20):
        nearby = w + rng.normal(size=w.shape).astype("f4") * 0.05
        assert loss(nearby, b, 1.0) > least
    held, held_bias = fitted_layer(x, label, weight, bias, 1e9)
    assert np.allclose(held, weight, atol=1e-4)
    assert np.allclose(held_bias, bias, atol=1e-4)


def test_what_can_not_be_calibrated_is_said(untrained, bigeminy):
    record, peaks = bigeminy
    person = replace(untrained, meta=replace(untrained.meta, task="identity"))
    with pytest.raises(EcgError, match="tells people apart"):
        calibrated(person, record, peaks)
    with pytest.raises(EcgError, match="no labels"):
        calibrated(untrained, record, replace(peaks, aami=None))
    with pytest.raises(EcgError, match="more seconds"):
        calibrated(untrained, record, peaks, seconds=0)


def test_the_predictor_calibrates_by_the_annotations_whatever_peaks_are_classified(
    untrained, bigeminy
):
    record, peaks = bigeminy
    detected = Peaks(sample=peaks.sample[1:-1] + 2, source="detector", fs=record.fs)
    found = calibrating(60)(untrained, record, detected)
    wanted = predict_in_context(calibrated(untrained, record, peaks), record, detected)
    assert np.array_equal(found.probability, wanted.probability)
    assert found.notes == wanted.notes
