"""Drawn patients: of a record's own beats, in drawn rhythms, most of them supraventricular."""

from dataclasses import replace

import numpy as np
import pytest

from ecgcore.features.inputs import InputSpec, beat_inputs
from ecgcore.schema import Peaks, Record
from ecgcore.training import drawn_patients as module
from ecgcore.training.data import BeatSet
from ecgcore.training.drawn_patients import mostly_atrial_patients
from tests.make_record import make_record

SPEC = InputSpec(
    channels=("difference", "typical_deviation"), rr=("log_pre_global", "local_scatter"), points=64
)


@pytest.fixture
def two() -> tuple[Record, Peaks]:
    """A recording with two leads, of whose beats every third is supraventricular."""
    record, peaks = make_record(120)
    first = record.signal[:, 0]
    second = -0.4 * np.roll(first, 9) + 0.2 * np.gradient(first)
    header = replace(record.header, leads=("MLII", "V1"), units=("mV", "mV"))
    signal = np.stack((first, second), axis=1).astype(np.float32)
    aami = np.where(np.arange(len(peaks)) % 3 == 1, "S", "N")
    return replace(record, header=header, signal=signal), replace(peaks, aami=aami)


def _drawn(record: Record, peaks: Peaks, seed: int = 0):
    own = beat_inputs(record, peaks, SPEC)
    return own, mostly_atrial_patients(record, peaks, own, np.random.default_rng(seed))


def test_six_patients_whose_parts_belong_together(two) -> None:
    own, patients = _drawn(*two)
    assert len(patients) == 6
    for x, rr, said in patients:
        assert x.shape == (len(said), 2, 64)
        assert rr.shape == (len(said), 2)
        assert np.isfinite(x).all()
        assert np.isfinite(rr).all()
        assert set(said) == {"N", "S"}
        assert np.median(rr[said == "S", 0]) < np.median(rr[said == "N", 0])  # they come early
    shares = [np.mean(said == "S") for _, _, said in patients]
    assert max(shares) > 0.5
    assert own.stacked.shape[1:] == patients[0][0].shape[1:]


def test_the_same_seed_draws_the_same(two) -> None:
    first, again, other = (_drawn(*two, seed=seed)[1] for seed in (1, 1, 2))
    for one, same in zip(first, again, strict=True):
        for part, there in zip(one, same, strict=True):
            np.testing.assert_array_equal(part, there)
    for one, changed in zip(first, other, strict=True):
        assert not np.array_equal(one[1], changed[1])


def test_beats_come_from_their_own_class(two) -> None:
    """Supraventricular beats upside down in one lead differ from normal ones in the drawn."""
    record, peaks = two
    own = beat_inputs(record, peaks, SPEC)
    waveform = own.beats.waveform.copy()
    waveform[peaks.aami == "S"] *= -1
    own = replace(own, stack=replace(own.stack, beats=replace(own.beats, waveform=waveform)))
    apart = []
    for x, _, said in mostly_atrial_patients(record, peaks, own, np.random.default_rng(0)):
        size = np.abs(x[:, 0]).mean(axis=1)
        apart.append(abs(np.median(size[said == "S"]) - np.median(size[said == "N"])))
    assert np.median(apart) > 0.05  # in nearly the other lead alone it does not show


def test_none_where_there_is_too_little_to_draw_from(two) -> None:
    record, peaks = two
    few = np.where(np.cumsum(peaks.aami == "S") <= module._FEWEST - 1, peaks.aami, "N")
    assert _drawn(record, replace(peaks, aami=few))[1] == []
    assert _drawn(record, replace(peaks, aami=np.full(len(peaks), "S")))[1] == []
    header = replace(record.header, leads=("MLII",), units=("mV",))
    one = replace(record, header=header, signal=record.signal[:, :1])
    assert _drawn(one, peaks)[1] == []


def test_each_beat_comes_once_before_any_comes_again() -> None:
    drawn = module._drawn(np.array([3, 5, 8]), 7, np.random.default_rng(0))
    assert sorted(drawn[:3]) == sorted(drawn[3:6]) == [3, 5, 8]
    assert len(drawn) == 7


def _beats(record: str, count: int, seed: int, **more) -> BeatSet:
    x = np.random.default_rng(seed).normal(size=(count, 2, 8)).astype(np.float32)
    label = np.arange(count) % 2
    rr = np.ones((count, 1), np.float32)
    name = np.full(count, record)
    return BeatSet(x=x, rr=rr, label=label, record=name, classes=("N", "S"), **more)


def test_drawn_beats_train_with_their_record_and_stand_for_no_record() -> None:
    drawn = replace(_beats("1", 4, 1), record=np.array(["1", "1", "2", "2"]))
    versions = np.zeros((3, 6, 2, 8), np.float16)
    beats = _beats("1", 6, 0, drawn=drawn, versions=versions)
    beats = replace(beats, record=np.array(["1", "1", "1", "2", "2", "3"]))
    without = beats.subset(beats.record != "2")
    assert without.drawn is not None
    assert set(without.drawn.record) == {"1"}
    whole = without.with_drawn()
    assert len(whole) == 4 + 2
    assert whole.drawn is None
    assert list(whole.record[-2:]) == ["1 drawn"] * 2
    assert whole.versions is not None
    for version in whole.versions[:, -2:]:
        np.testing.assert_allclose(version, drawn.x[:2], atol=2e-3)
    assert beats.digest() == replace(beats, drawn=None).digest()
    assert len(_beats("1", 3, 0).with_drawn()) == 3
