"""quality: each reason is found where it is, and nowhere else in real recordings."""

import numpy as np
import pytest

from ecgcore.dsp.quality import quality_notices, unusable, unusable_by_reason
from ecgcore.records.database import Database
from ecgcore.records.reader import read_record
from ecgcore.schema import Record, RecordHeader

# Where ECG begins after the calibration signal, by eye.
CALIBRATED = {"19088": 34.4, "19090": 32.6, "19093": 26.8, "19140": 30.2, "19830": 23.6}


def noise(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(n).astype(np.float32)


def test_noise_is_usable() -> None:
    assert not unusable(noise(3600), 360).any()


def test_missing_flat_and_saturated_stretches_are_marked_exactly() -> None:
    x = noise(3600)
    x[100:200] = np.nan
    x[1000:1400] = x[1000]
    x[2000:2050] = x.max(initial=0, where=~np.isnan(x)) + 1
    masks = unusable_by_reason(x, 360)
    assert np.flatnonzero(masks["missing"]).tolist() == list(range(100, 200))
    assert np.flatnonzero(masks["flat"]).tolist() == list(range(1000, 1400))
    assert np.flatnonzero(masks["saturated"]).tolist() == list(range(2000, 2050))
    assert not masks["calibration"].any()


def test_a_pause_shorter_than_a_second_is_usable() -> None:
    x = noise(3600)
    x[1000:1359] = 0
    assert not unusable(x, 360).any()


@pytest.mark.parametrize("fs", [128.0, 250.0, 500.0])
@pytest.mark.parametrize("half_period", [0.25, 0.5, 0.9])
def test_a_square_wave_is_found_at_any_offset_and_size(fs: float, half_period: float) -> None:
    t = np.arange(round(40 * fs)) / fs
    square = np.where((t // half_period) % 2 == 0, 1.0, -1.0) * np.exp(-(t % half_period) / 2)
    x = (0.1 * noise(t.size)).astype(np.float32)
    on = (t >= 10) & (t < 30)
    x[on] = square[on]
    for scale, offset in ((1.0, 0.0), (0.01, 5.0), (-3.0, -2.0)):
        mask = unusable_by_reason((scale * x + offset).astype(np.float32), fs)["calibration"]
        assert mask[(t >= 10 + half_period) & (t < 30 - half_period)].all()
        assert not mask[(t < 10 - 1.2 * half_period) | (t >= 30 + 1.2 * half_period)].any()


def test_a_sine_of_the_same_rhythm_is_no_square_wave() -> None:
    t = np.arange(40 * 250) / 250
    assert not unusable(np.sin(2 * np.pi * t).astype(np.float32), 250).any()


def test_empty_and_all_missing_traces() -> None:
    assert unusable(np.empty(0, np.float32), 360).size == 0
    assert unusable(np.full(5, np.nan, np.float32), 360).all()


def record(signal: np.ndarray) -> Record:
    header = RecordHeader(
        database="d", name="r", fs=100.0, length=len(signal), leads=("I", "II"),
        units=("mV", "mV"), comments=(), annotators=(), digest="",
    )  # fmt: skip
    return Record(header=header, signal=signal)


def test_notices_name_the_lead_and_say_when_nothing_is_left() -> None:
    signal = np.stack([np.zeros(1000, np.float32), noise(1000)], axis=1)
    signal[:150, 1] = np.nan
    dead, gaps = quality_notices(record(signal), "I"), quality_notices(record(signal), "II")
    assert [n.code for n in dead] == ["no-signal"]
    assert [n.code for n in gaps] == ["gaps"]
    assert "II" in gaps[0].text
    assert "1.5 s missing" in gaps[0].text
    assert quality_notices(record(signal[:0]), "I") == ()


@pytest.mark.real
def test_calibration_signals_of_nsrdb_are_found_up_to_the_first_beat(nsrdb: Database) -> None:
    found = {}
    for name in nsrdb.records:
        x = read_record(nsrdb, name, stop=60 * 128)
        for lead in x.header.leads:
            mask = unusable_by_reason(x.lead(lead), x.fs)["calibration"]
            if mask.any():
                assert mask[: mask.sum()].all()  # one stretch, from the first sample on
                found[name] = mask.sum() / x.fs
    assert found.keys() == CALIBRATED.keys()
    for name, seconds in found.items():
        assert CALIBRATED[name] - 2 < seconds <= CALIBRATED[name], name


@pytest.mark.real
def test_fill_values_of_ecgid_are_found(ecgid: Database) -> None:
    for name, samples in (("Person_13/rec_2", 2048), ("Person_15/rec_1", 1024)):
        x = read_record(ecgid, name)
        for lead in x.header.leads:
            flat = unusable_by_reason(x.lead(lead), x.fs)["flat"]
            assert flat[:samples].all()
            assert flat.sum() < samples + x.fs


@pytest.mark.real
def test_mitdb_keeps_its_signal(mitdb: Database) -> None:
    for name in mitdb.records:
        x = read_record(mitdb, name)
        for lead in x.header.leads:
            masks = unusable_by_reason(x.lead(lead), x.fs)
            assert not masks["calibration"].any(), name
            assert not masks["flat"].any(), name
            assert masks["saturated"].sum() < 3 * x.fs, name
