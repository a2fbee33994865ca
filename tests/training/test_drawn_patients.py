"""Drawn patients: of a record's own beats, in drawn rhythms, most of them supraventricular."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ecgcore.features.inputs import InputSpec, beat_inputs
from ecgcore.features.rr import RR_IRREGULARITY
from ecgcore.models.registry import build_network
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.reader import read_record
from ecgcore.schema import Peaks, Record
from ecgcore.training import drawn_patients as module
from ecgcore.training import rhythms
from ecgcore.training.config import Optimisation
from ecgcore.training.data import BeatSet, load_beats
from ecgcore.training.drawn_patients import mostly_atrial_patients
from ecgcore.training.fit import epoch_size, fit
from tests.make_record import make_record

SPEC = InputSpec(
    channels=("difference", "typical_deviation"), rr=("log_pre_global", "local_scatter"), points=64
)

# Counts and means of what is drawn, in the order of ``found`` in the last test.
DRAWN = [
    *(146497, 0.0095, 0.1618, 0.5369, 0.1666, -3.0948),
    *(10816, -0.3337, 0.1045, 0.4051, 0.2070, -3.3911),
    *(1092, 0.0496, 0.0338, 0.1312, 0.1325, -3.6793, 0.1696),
]


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


def test_beats_of_drawn_patients_are_loaded_beside_their_records(mitdb) -> None:
    """Of two recordings one has 25 S beats to draw from."""
    plain, beats, again = (
        load_beats(mitdb, ("220", "234"), SPEC, ("N", "S"), drawn=count) for count in (0, 150, 150)
    )
    assert plain.drawn is None
    assert beats.digest() == plain.digest()
    assert beats.drawn is not None
    assert again.drawn is not None
    assert len(beats.drawn) == 150
    assert set(beats.drawn.record) == {"220", "234"}
    assert set(beats.drawn.label) == {0, 1}
    np.testing.assert_array_equal(beats.drawn.x, again.drawn.x)
    held = beats.subset(beats.record != "234")
    assert held.drawn is not None
    assert set(held.drawn.record) == {"220"}
    (one,) = {len(held.drawn) + int((beats.drawn.record == "234").sum())}
    assert one == 150


def test_a_network_trains_on_drawn_beats_as_well() -> None:
    x = np.random.default_rng(0).normal(size=(60, 1, 32)).astype(np.float32)
    label, rr = np.arange(60) % 3, np.zeros((60, 2), np.float32)
    name = np.full(60, "1")
    plain = BeatSet(x=x, rr=rr, label=label, record=name, classes=("N", "S", "V"))
    drawn = replace(plain.subset(label == 1), x=-x[label == 1])
    how = Optimisation(epochs=1, batch=16)
    seen = []
    for beats in (plain, replace(plain, drawn=drawn)):
        torch.manual_seed(0)
        sizes = {"channels": 8, "middle": 4, "heads": 2, "kernel": 3, "depths": [2, 1]}
        network = build_network("resunet-b2", {**sizes, "rr_features": 2, "classes": 3})
        fit(network, beats, how, 0)
        seen.append(network.classifier.weight.detach().clone())
    assert not torch.allclose(seen[0], seen[1])
    assert epoch_size(plain, how) == 60
    assert epoch_size(replace(plain, drawn=drawn), how) == 60 + 20


def test_what_is_drawn_is_what_trained_the_committed_networks(mitdb) -> None:
    """A run is not named by how its rhythms and patients are drawn.

    If this fails as they are drawn otherwise, states and results of runs with them are stale: add a
    word to ``training.setup.CHANGES`` and run them again, then write what is drawn here.
    """
    names = ("log_pre_global", *RR_IRREGULARITY, "local_scatter")
    kinds = ("wide_fibrillation", "bigeminy", "breathing")
    normal, ventricular = rhythms.drawn_features(names, kinds), rhythms.ventricular_features(names)
    spec = replace(SPEC, rr=names)
    record = read_record(mitdb, "220")
    peaks = annotated_peaks(record)
    own = beat_inputs(record, peaks, spec)
    patients = mostly_atrial_patients(record, peaks, own, np.random.default_rng(1))
    rr = np.concatenate([one[1] for one in patients])
    shown = np.concatenate([one[0] for one in patients])
    found = [
        len(normal), *normal.mean(axis=0), len(ventricular), *ventricular.mean(axis=0),
        len(rr), *rr.mean(axis=0), np.abs(shown).mean(),
    ]  # fmt: skip
    assert found == pytest.approx(DRAWN, abs=1e-3)
