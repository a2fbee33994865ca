"""Virtual leads: mixtures of two leads at angles, of beats that both show; else the beat's own."""

from dataclasses import replace

import numpy as np
import pytest

from ecgcore.features.inputs import BeatInputs, InputSpec, beat_inputs
from ecgcore.features.stack import stack_channels
from ecgcore.features.templates import median_beat
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.reader import read_record
from ecgcore.schema import Peaks, Record
from ecgcore.training import virtual_leads as module
from ecgcore.training.virtual_leads import virtual_leads
from tests.make_record import make_record

LINEAR = InputSpec(channels=("raw",), scale="record", points=64)
SPEC = replace(LINEAR, channels=("difference", "deviation", "previous_deviation"))


@pytest.fixture
def two() -> tuple[Record, Peaks]:
    """A recording whose second lead has another shape of each beat, and some beats of their own."""
    record, peaks = make_record(60)
    first = record.signal[:, 0]
    rng = np.random.default_rng(2)
    second = -0.4 * np.roll(first, 9) + 0.2 * np.gradient(first) + rng.normal(0, 0.01, first.size)
    second[peaks.sample[30] - 20 : peaks.sample[30] + 20] += 0.8
    header = replace(record.header, leads=("MLII", "V1"), units=("mV", "mV"))
    signal = np.stack((first, second), axis=1).astype(np.float32)
    return replace(record, header=header, signal=signal), peaks


def _versions(record: Record, peaks: Peaks, spec: InputSpec, count: int = 5, seed: int = 0):
    own = beat_inputs(record, peaks, spec)
    return own, virtual_leads(record, peaks, own, count, np.random.default_rng(seed))


def _sized(inputs: BeatInputs) -> np.ndarray:
    return inputs.beats.waveform / np.ptp(median_beat(inputs.beats))


def test_shape_and_first_version_is_the_other_lead_s_own_input(two) -> None:
    record, peaks = two
    own, versions = _versions(record, peaks, SPEC)
    assert versions.shape == (5, *own.stacked.shape)
    assert versions.dtype == np.float16
    assert np.isfinite(versions).all()
    other = beat_inputs(record, peaks, SPEC, "V1")
    both = own.beats.usable & other.beats.usable
    assert both.sum() > 50
    np.testing.assert_allclose(versions[0, both], other.stacked[both], atol=4e-3)


def test_every_version_is_a_sum_of_both_leads_on_the_unit_circle(two) -> None:
    record, peaks = two
    own, versions = _versions(record, peaks, LINEAR)
    first, second = _sized(own), _sized(beat_inputs(record, peaks, LINEAR, "V1"))
    use = own.beats.usable
    axes = np.stack((first[use].ravel(), second[use].ravel()), axis=1).astype(np.float64)
    angles = []
    for version in versions[:, use, 0].astype(np.float64):
        weights, *_ = np.linalg.lstsq(axes, version.ravel(), rcond=None)
        np.testing.assert_allclose(axes @ weights, version.ravel(), atol=5e-3)
        # Scaled anew by the mixture's own size: on the circle is (c, s) times that size.
        mixed = weights[0] * first + weights[1] * second
        assert np.ptp(median_beat(replace(own.beats, waveform=mixed))) == pytest.approx(1, abs=5e-3)
        angles.append(np.arctan2(weights[1], weights[0]))
    assert angles[0] == pytest.approx(np.pi / 2, abs=5e-3)
    assert np.ptp(angles) > 1
    assert len({round(angle, 3) for angle in angles}) == len(angles)


def test_the_leads_gain_does_not_show(two) -> None:
    record, peaks = two
    _, plain = _versions(record, peaks, SPEC)
    louder = replace(record, signal=record.signal * np.array([3.0, 0.2], np.float32))
    _, changed = _versions(louder, peaks, SPEC)
    np.testing.assert_allclose(changed.astype("f4"), plain.astype("f4"), atol=8e-3)


def test_a_seed_gives_the_same_and_another_does_not(two) -> None:
    record, peaks = two
    _, one = _versions(record, peaks, SPEC)
    _, same = _versions(record, peaks, SPEC)
    _, other = _versions(record, peaks, SPEC, seed=1)
    np.testing.assert_array_equal(one, same)
    np.testing.assert_array_equal(one[0], other[0])  # the other lead, whatever is drawn
    assert not np.allclose(one[1], other[1], atol=0.05)


def test_one_lead_gives_the_own_one() -> None:
    record, peaks = make_record(20)
    own, versions = _versions(record, peaks, SPEC)
    for version in versions:
        np.testing.assert_array_equal(version, own.stacked.astype(np.float16))


def test_beats_that_the_other_lead_does_not_show_stay(two) -> None:
    record, peaks = two
    torn = record.signal.copy()
    torn[peaks.sample[10] - 50 : peaks.sample[14] + 50, 1] = np.nan
    record = replace(record, signal=torn)
    own, versions = _versions(record, peaks, SPEC)
    usable = beat_inputs(record, peaks, SPEC, "V1").beats.usable
    assert not usable[10:15].any()
    assert own.beats.usable[10:15].all()
    for version in versions:
        np.testing.assert_array_equal(version[~usable], own.stacked[~usable].astype(np.float16))
    assert not np.allclose(versions[1, 40], own.stacked[40], atol=0.05)


def test_leads_that_nearly_cancel_are_mixed_at_other_angles(two) -> None:
    record, peaks = two
    alike = record.signal.copy()
    alike[:, 1] = -alike[:, 0]
    own, versions = _versions(replace(record, signal=alike), peaks, LINEAR, 8)
    size = np.abs(own.stacked[own.beats.usable]).max()
    assert np.abs(versions.astype("f4")).max() == pytest.approx(size, abs=5e-3)


def test_leads_without_a_beat_end_and_stay_finite(two) -> None:
    record, peaks = two
    rng = np.random.default_rng(5)
    hum = rng.normal(0, 1e-5, record.signal.shape).astype(np.float32)
    hum[peaks.sample[::7]] += 20.0
    own, versions = _versions(replace(record, signal=hum), peaks, SPEC, 3)
    assert own.beats.usable.any()
    assert np.isfinite(versions).all()


def test_real_leads(mitdb) -> None:
    record = read_record(mitdb, "208", stop=360 * 120)
    peaks = annotated_peaks(record)
    own, versions = _versions(record, peaks, SPEC, 4)
    assert np.isfinite(versions).all()
    other = beat_inputs(record, peaks, SPEC, record.header.leads[1])
    both = own.beats.usable & other.beats.usable
    assert both.mean() > 0.9
    np.testing.assert_allclose(versions[0, both], other.stacked[both], atol=1e-2)
    # A difference from the median beat has none, in whatever lead.
    medians = np.median(versions[:, both, 0].astype("f4"), axis=1)
    np.testing.assert_allclose(medians, 0, atol=1e-3)


def test_channels_of_a_version_are_those_of_itsmixture(two) -> None:
    """What is compared with the median beat is compared with the mixture's own."""
    record, peaks = two
    own = beat_inputs(record, peaks, SPEC)
    drawn = np.random.default_rng(3)
    versions = virtual_leads(record, peaks, own, 2, np.random.default_rng(3))
    first, second = _sized(own), _sized(beat_inputs(record, peaks, SPEC, "V1"))
    usable = own.beats.usable & beat_inputs(record, peaks, SPEC, "V1").beats.usable
    found = module.mixture(replace(own.beats, usable=usable), first, second, drawn)
    wanted = stack_channels(found, SPEC.channels, SPEC.scale)
    np.testing.assert_allclose(versions[1, usable], wanted[usable], atol=8e-3)
