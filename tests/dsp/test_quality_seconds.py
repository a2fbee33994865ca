import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.dsp.quality import unusable_by_reason
from ecgcore.dsp.quality_seconds import (
    GOOD,
    NOISY,
    bad_stretches,
    noisy_stretches,
    quality_at,
    quality_seconds,
)
from ecgcore.dsp.stress import motion_noise, stressed
from ecgcore.dsp.stretches import runs
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.database import Database
from ecgcore.records.reader import read_record
from tests.dsp.qrs.made_ecg import made_ecg

FS = 250.0
NOTHING = np.zeros((0, 2), dtype=np.int64)


def of(trace: np.ndarray, fs: float = FS) -> np.ndarray:
    masks = unusable_by_reason(trace, fs)
    no_ecg = {
        reason: np.array(runs(mask), dtype=np.int64).reshape(-1, 2)
        for reason, mask in masks.items()
    }
    return quality_seconds(trace, fs, no_ecg)


def test_every_reason_is_told_in_its_seconds() -> None:
    trace, _ = made_ecg()
    trace[2500:3000] = np.nan
    trace[5000:5500] = 0.1
    quality = of(trace)
    assert quality.size == 40
    assert (quality[10:12] == "missing").all()
    assert (quality[20:22] == "flat").all()
    assert (quality[np.r_[0:10, 13:19, 23:40]] == GOOD).all()


def test_hiss_is_noisy_and_beats_are_not() -> None:
    trace, _ = made_ecg(seconds=90.0)
    spoilt = trace.copy()
    spoilt[30 * 250 : 60 * 250] += 3 * motion_noise(7500, FS, np.random.default_rng(3)).astype("f4")
    assert (of(trace) == GOOD).all()
    quality = of(spoilt)
    assert (quality[35:55] == NOISY).mean() > 0.5
    assert (quality[np.r_[0:22, 68:90]] == GOOD).all()


@given(st.lists(st.sampled_from((GOOD, NOISY, "flat")), max_size=30))
def test_stretches_and_seconds_say_the_same(seconds: list[str]) -> None:
    quality = np.array(seconds, dtype="<U16")
    again = np.full(quality.size, GOOD, dtype="<U16")
    for first, stop, reason in bad_stretches(quality):
        again[first:stop] = reason
    np.testing.assert_array_equal(again, quality)
    sample = (np.arange(quality.size) * FS + 10).astype(np.int64)
    np.testing.assert_array_equal(quality_at(sample, quality, FS), quality)


@pytest.mark.parametrize("n", [0, 1, 100, 260])
def test_tiny_traces_have_a_quality(n: int) -> None:
    quality = quality_seconds(np.zeros(n, dtype=np.float32), FS, {"flat": NOTHING})
    assert quality.size == -(-n // 250)


@pytest.mark.real
def test_added_noise_is_noticed_where_it_is(mitdb: Database) -> None:
    record = read_record(mitdb, "202", stop=324_000)  # 15 min: noisy from 5 to 7, 9 to 11, …
    noise = motion_noise(record.signal.shape[0], record.fs, np.random.default_rng(4))
    beats = annotated_peaks(record).sample
    clean = of(record.lead(), record.fs) == NOISY
    spoilt = of(stressed(record.lead(), beats, noise, record.fs, -6.0), record.fs) == NOISY
    assert clean.mean() < 0.05
    assert spoilt[310:410].mean() > 0.4
    assert spoilt[:290].mean() < 0.05


def test_noisy_stretches_are_the_noisy_seconds_in_samples() -> None:
    quality = np.array([GOOD, NOISY, NOISY, "flat", NOISY, GOOD], dtype="<U16")
    found = noisy_stretches(quality, FS, start=1000)
    assert found.tolist() == [[1250, 1750], [2000, 2250]]
    assert noisy_stretches(quality[:0], FS).shape == (0, 2)
    every = np.arange(0, 1500)
    inside = ((every + 1000 >= found[:, :1]) & (every + 1000 < found[:, 1:])).any(axis=0)
    assert (inside == (quality_at(every, quality, FS) == NOISY)).all()
