"""Fibrillation by irregularity: weights of drawn rhythms alone, true of experts' marks in DS1."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ecgcore.errors import RecordError
from ecgcore.features.fibrillation import CONSTANT, WEIGHTS, fibrillation, measures
from ecgcore.features.intervals import intervals
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.reader import read_record
from ecgcore.schema import Peaks
from ecgcore.training import rhythms

OTHERS = (
    rhythms.ectopy,
    rhythms.block,
    rhythms.bigeminy,
    rhythms.breathing,
    lambda rng, beats: rhythms.mostly_atrial(rng, beats, rng.uniform(0.3, 0.85)),
    rhythms.bigeminy,
    lambda rng, beats: _regular(rng, beats),
)


def _regular(rng: np.random.Generator, beats: int) -> tuple[np.ndarray, np.ndarray]:
    jitter = rng.normal(0, rng.uniform(0, 0.01), beats)
    return rng.uniform(0.5, 1.2) * np.exp(jitter), np.ones(beats, dtype=np.bool_)


def _drawn(count: int, seed: int) -> list[tuple[Peaks, bool]]:
    """Return drawn rhythms, every second one a fibrillation."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        draw = rhythms.wide_fibrillation if number % 2 else OTHERS[number // 2 % len(OTHERS)]
        found.append((rhythms.drawn_peaks(draw(rng, 500)[0]), bool(number % 2)))
    return found


def test_the_weights_are_those_of_drawn_rhythms() -> None:
    drawn = _drawn(560, 0)
    x = np.concatenate([measures(intervals(peaks)) for peaks, _ in drawn])
    truth = np.concatenate([np.full(len(peaks), says) for peaks, says in drawn])
    fitted = LogisticRegression(max_iter=2000).fit(x, truth)
    np.testing.assert_allclose(fitted.coef_[0], WEIGHTS, atol=0.1)
    assert fitted.intercept_[0] == pytest.approx(CONSTANT, abs=0.1)


def test_it_tells_drawn_rhythms_apart_that_the_weights_have_not_met() -> None:
    right = [np.mean((fibrillation(peaks) > 0.5) == says) for peaks, says in _drawn(140, 7)]
    assert np.mean(right) > 0.95
    assert np.min([np.mean(right[k::14]) for k in range(14)]) > 0.8  # of every kind


@pytest.mark.parametrize(
    ("name", "most"), [("201", 0.1), ("209", 0.02), ("106", 0.03), ("119", 0.02), ("118", 0.02)]
)
def test_experts_marks_in_ds1(mitdb, name: str, most: float) -> None:
    """What is marked as fibrillation is found; sinus rhythm, bigeminy and atrial beats are not."""
    record = read_record(mitdb, name)
    marked = _marked(record)
    found = fibrillation(annotated_peaks(record)) > 0.5
    assert found[~marked].mean() < most
    assert marked.any() == (name == "201")
    if name == "201":
        assert found[marked].mean() > 0.95


def _marked(record) -> np.ndarray:
    """Return which of a recording's beats stand in fibrillation by its rhythm annotations."""
    marks = record.annotations
    change = np.flatnonzero(marks.symbol == "+")
    last = np.searchsorted(marks.sample[change], annotated_peaks(record).sample, side="right") - 1
    names = np.array([marks.aux[k].strip(chr(0)) for k in change])
    return np.where(last >= 0, names[np.maximum(last, 0)], "") == "(AFIB"


def test_a_regular_rhythm_a_short_one_and_its_scale(mitdb) -> None:
    beat = np.arange(400)
    regular = Peaks(sample=beat * 300, source="made", fs=360.0)
    assert (fibrillation(regular) < 0.05).all()
    peaks = annotated_peaks(read_record(mitdb, "201"))
    slower = Peaks(sample=peaks.sample * 2, source="made", fs=peaks.fs)
    np.testing.assert_allclose(fibrillation(slower), fibrillation(peaks), atol=1e-9)
    few = rhythms.drawn_peaks(rhythms.wide_fibrillation(np.random.default_rng(0), 12)[0])
    assert (fibrillation(few) < 0.5).all()  # too few to tell
    with pytest.raises(RecordError, match="two beats"):
        fibrillation(Peaks(sample=np.array([5]), source="made", fs=360.0))
