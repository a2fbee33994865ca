"""The course of a recording."""

import numpy as np
import pytest

from ecgcore.features.course import MOST_BINS, course
from tests.features.hrv.peaks import peaks_at

NONE = np.empty((0, 2), dtype=np.int64)


def test_rate_classes_and_quality_stand_where_they_happen() -> None:
    fs, seconds = 100.0, 1200
    slow, fast = np.arange(0, 60_000, 100), np.arange(60_000, 120_000, 50)
    sample = np.concatenate((slow, fast))
    symbol = np.full(sample.size, "N")
    symbol[700:710] = "V"
    found = course(
        peaks_at(sample, fs, symbol), np.array([[30_000, 33_000]]), round(seconds * fs), fs
    )
    assert found.width == 10
    assert found.rate.size == 120
    assert found.rate[5] == pytest.approx(60)
    assert found.rate[100] == pytest.approx(120)
    assert np.isnan(found.rate[31])
    assert found.no_ecg[30:33].tolist() == [1, 1, 1]
    assert found.no_ecg.sum() == 3
    assert {name: int(count.sum()) for name, count in found.counts.items()} == {
        "N": sample.size - 10,
        "V": 10,
    }
    assert found.counts["V"][65] == 10


def test_a_day_has_a_value_a_minute_and_nothing_is_lost() -> None:
    fs, length = 128.0, 24 * 3600 * 128
    sample = np.arange(50, length, 97)
    found = course(peaks_at(sample, fs), NONE, length, fs)
    assert found.rate.size == MOST_BINS
    assert found.width == 60
    assert found.counts["N"].sum() == sample.size
    assert np.ptp(found.rate) < 0.01


def test_without_beats_there_is_quality_only() -> None:
    found = course(None, np.array([[0, 500]]), 1000, 50.0)
    assert np.isnan(found.rate).all()
    assert found.counts == {}
    assert found.no_ecg.tolist() == [1, 0]
    assert course(peaks_at([10], 50.0), NONE, 100, 50.0).rate.size == 1


def test_in_noise_there_is_no_heart_rate_and_it_is_counted() -> None:
    fs, length = 100.0, 60_000
    found = course(
        peaks_at(np.arange(0, length, 100), fs), NONE, length, fs, np.array([[20_000, 25_000]])
    )
    assert found.noisy[20:25].tolist() == [1] * 5
    assert found.noisy.sum() == pytest.approx(5)
    assert np.isnan(found.rate[21:24]).all()
    assert found.rate[10] == pytest.approx(60)
    assert found.counts["N"].sum() == 600  # the beats are there all the same
