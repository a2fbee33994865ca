"""Predictions in context: beats alike agree, lone ones keep what was said, fusions need V beats."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgcore.errors import EcgError
from ecgcore.features.inputs import beat_inputs
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.reader import read_record
from ecgcore.training.context import (
    CONTEXT,
    FLAG,
    by_itself,
    in_context,
    spread,
    without_early_beats_in_fibrillation,
    without_lone_fusions,
)
from ecgcore.training.evaluate import evaluate
from ecgcore.training.predict import predict, predict_alone, predict_in_context
from tests.training.conftest import FOUR


def test_two_beats_alike_come_to_the_fixed_point_of_the_formula() -> None:
    """Of two beats with one neighbour each, at the usual distance: l = (l⁰ + a m) / (1 + a)."""
    p = np.array([[0.9, 0.1], [0.2, 0.8]], dtype=np.float32)
    alike, far = np.array([[1], [0]]), np.full((2, 1), 0.3, dtype=np.float32)
    found = spread(p, alike, far, np.ones(2, bool), replace(CONTEXT, rounds=200))
    a = CONTEXT.share * np.exp(-1 / (2 * CONTEXT.width**2))
    odds = np.log(p[:, 0] / p[:, 1])
    wanted = ((1 + a) * odds + a * odds[::-1]) / (1 + 2 * a)
    np.testing.assert_allclose(np.log(found[:, 0] / found[:, 1]), wanted, rtol=1e-4)


def test_a_beat_that_is_like_no_other_keeps_what_was_said_of_it() -> None:
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(4), 20).astype(np.float32)
    alike = np.stack([np.delete(np.arange(20), k)[:8] for k in range(20)])
    far = np.full((20, 8), 0.1, dtype=np.float32)
    far[19] = 1e3
    found = spread(p, alike, far, np.ones(20, bool))
    np.testing.assert_allclose(found[19], p[19], rtol=1e-4)
    assert np.abs(found[:19] - p[:19]).max() > 0.05


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), beats=st.integers(2, 40))
def test_rows_stay_probabilities_and_beats_without_signal_stay(seed: int, beats: int) -> None:
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(4, 0.2), beats).astype(np.float32)
    usable = rng.random(beats) < 0.7
    alike = rng.integers(0, beats, (beats, 3))
    far = rng.random((beats, 3)).astype(np.float32)
    found = spread(p, alike, far, usable)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-4)
    assert np.array_equal(found[~usable], p[~usable])
    assert np.array_equal(spread(p, alike[:, :0], far[:, :0], usable), p)


def test_where_hardly_a_beat_is_ventricular_there_is_no_fusion() -> None:
    p = np.tile(np.array([0.3, 0.05, 0.05, 0.6], np.float32), (1000, 1))
    usable = np.ones(1000, bool)
    few = without_lone_fusions(p, usable, FOUR)
    assert (few[:, 3] == 0).all()
    np.testing.assert_allclose(few[:, 0], 0.9, rtol=1e-6)
    np.testing.assert_array_equal(few[:, 1:3], p[:, 1:3])
    p[: int(1000 * CONTEXT.ventricular)] = (0, 0, 1, 0)
    assert np.array_equal(without_lone_fusions(p, usable, FOUR), p)
    assert np.array_equal(without_lone_fusions(few[:, :3], usable, FOUR[:3]), few[:, :3])


def test_in_fibrillation_no_beat_is_early() -> None:
    p = np.array([[0.1, 0.6, 0.2, 0.1], [0.1, 0.3, 0.6, 0.0], [0.2, 0.7, 0.1, 0.0]], np.float32)
    rhythm = np.array([0.9, 0.9, 0.3])
    found = without_early_beats_in_fibrillation(p, rhythm, FOUR)
    np.testing.assert_allclose(found, [[0.7, 0, 0.2, 0.1], [0.4, 0, 0.6, 0], p[2]], atol=1e-6)
    assert np.array_equal(without_early_beats_in_fibrillation(p, np.zeros(3), FOUR), p)
    never = replace(CONTEXT, fibrillation=1.0)
    assert np.array_equal(without_early_beats_in_fibrillation(p, rhythm, FOUR, never), p)
    assert np.array_equal(without_early_beats_in_fibrillation(p, rhythm, ("N", "V", "F", "Q")), p)


def test_a_beat_without_signal_keeps_what_was_said_of_it(mitdb, untrained):
    record = read_record(mitdb, "203", stop=360 * 120)
    peaks = annotated_peaks(record)
    inputs = beat_inputs(record, peaks, untrained.meta.input)
    said = predict_alone(untrained, record, peaks)
    usable = said.usable & (np.arange(len(peaks)) % 5 > 0)
    found = in_context(replace(said, usable=usable), inputs)
    assert np.array_equal(found.probability[~usable], said.probability[~usable])
    early = said.classes.index("S")
    assert (found.probability[usable, early] == 0).mean() > 0.9


def test_a_recording_in_fibrillation_has_no_early_beats_in_context(mitdb, untrained):
    record = read_record(mitdb, "203")  # in fibrillation from end to end
    found = predict_in_context(untrained, record, annotated_peaks(record))
    assert found.alone is not None
    early = found.classes.index("S")
    assert found.alone[:, early].min() > 0
    assert (found.probability[:, early] == 0).mean() > 0.95
    np.testing.assert_allclose(found.probability.sum(axis=1), 1, rtol=1e-4)


def test_no_label_is_read_and_the_protocol_tells(mitdb, untrained):
    record = read_record(mitdb, "119")
    peaks = annotated_peaks(record)
    found = predict_in_context(untrained, record, peaks)
    other = predict_in_context(untrained, record, replace(peaks, aami=None, symbol=None))
    assert np.array_equal(found.probability, other.probability)
    plain = predict(untrained, record, peaks)
    assert np.array_equal(found.embedding, plain.embedding)
    assert not np.array_equal(found.probability, plain.probability)
    scored = evaluate(untrained, mitdb, ("119",), predictor=predict_in_context)
    assert FLAG in scored.protocol.flags
    assert scored.total.n_beats == len(peaks)
    assert FLAG not in evaluate(untrained, mitdb, ("119",)).protocol.flags


def test_a_checkpoint_says_whether_its_predictions_are_in_context(mitdb, untrained):
    """The network's own word stays beside, and either way can be asked for."""
    record = read_record(mitdb, "119")
    peaks = annotated_peaks(record)
    alone, together = (way(untrained, record, peaks) for way in (predict_alone, predict_in_context))
    assert alone.alone is None
    so = replace(untrained, meta=replace(untrained.meta, context=True))
    found = predict(so, record, peaks)
    assert np.array_equal(found.probability, together.probability)
    assert found.alone is not None
    assert np.array_equal(found.alone, alone.probability)
    assert found.notes == (FLAG, *alone.notes)
    own = by_itself(found)
    assert np.array_equal(own.probability, alone.probability)
    assert (own.alone, own.notes) == (None, alone.notes)
    assert by_itself(alone) is alone
    assert np.array_equal(predict_alone(so, record, peaks).probability, alone.probability)
    own_way, wanted = (
        evaluate(one, mitdb, ("119",), predictor=way)
        for one, way in ((so, predict), (untrained, predict_in_context))
    )
    assert own_way.total.to_json() == wanted.total.to_json()
    assert own_way.protocol == wanted.protocol


def test_people_are_not_put_in_the_context_of_their_own_beats(mitdb, untrained):
    person = replace(untrained, meta=replace(untrained.meta, task="identity"))
    with pytest.raises(EcgError, match="tells people apart"):
        evaluate(person, mitdb, ("119",), predictor=predict_in_context)


def test_beats_of_one_kind_agree_more(mitdb, untrained):
    """Noise on each beat's log odds goes where its kind has many beats."""
    record = read_record(mitdb, "119")
    peaks = annotated_peaks(record)
    plain = predict(untrained, record, peaks)
    rng = np.random.default_rng(0)
    kind = np.where(peaks.aami == "V", 2, 0)
    odds = np.eye(4)[kind] * 2 + rng.normal(0, 1.2, (len(peaks), 4))
    noisy = (np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)).astype(np.float32)
    inputs = beat_inputs(record, peaks, untrained.meta.input)
    found = in_context(replace(plain, probability=noisy), inputs)
    wrong = [(p.argmax(axis=1) != kind).mean() for p in (noisy, found.probability)]
    assert wrong[1] < wrong[0] / 4


def test_fewer_than_two_usable_beats_are_left_alone(mitdb, untrained):
    record = read_record(mitdb, "119")
    peaks = annotated_peaks(record)
    plain = predict(untrained, record, peaks)
    lone = replace(plain, usable=np.arange(len(peaks)) == 5)
    found = in_context(lone, beat_inputs(record, peaks, untrained.meta.input))
    assert found.alone is not None
    assert np.array_equal(found.probability, plain.probability)
    assert np.array_equal(found.alone, plain.probability)
