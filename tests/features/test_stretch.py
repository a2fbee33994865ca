"""Spectrograms of a stretch, and means by class."""

from dataclasses import replace

import numpy as np
import pytest

from ecgcore.features.mean_spectrogram import class_spectrograms
from ecgcore.features.spectrogram import SpectrogramSpec, spectrogram
from ecgcore.features.stretch import stretch_spectrogram
from tests.make_record import make_record

FS = 360.0
SPEC = SpectrogramSpec(length=0.2, overlap=0.9, scale="linear")


def test_columns_reach_both_edges() -> None:
    x = np.random.default_rng(0).normal(size=3600).astype(np.float32)
    found = stretch_spectrogram(x, FS, 1000, 2000, SPEC, start=5.0)
    step = SPEC.hop(FS) / FS
    assert found.time[0] == pytest.approx(5 + 1000 / FS, abs=step)
    assert found.time[-1] == pytest.approx(5 + 2000 / FS, abs=step)


def test_values_are_those_of_the_whole_trace() -> None:
    x = np.random.default_rng(0).normal(size=3600).astype(np.float32)
    hop, half = SPEC.hop(FS), SPEC.samples(FS) // 2
    first = half + 40 * hop
    part = stretch_spectrogram(x, FS, first, first + 1000, SPEC)
    whole = spectrogram(x, FS, SPEC)
    at = np.searchsorted(whole.time, part.time[0] - 1e-9)
    np.testing.assert_allclose(part.time, whole.time[at : at + part.time.size])
    np.testing.assert_allclose(
        part.power, whole.power[:, at : at + part.time.size], rtol=1e-3, atol=1e-6
    )


def test_at_the_start_of_a_recording_nothing_is_invented() -> None:
    x = np.random.default_rng(0).normal(size=3600).astype(np.float32)
    found = stretch_spectrogram(x, FS, 0, 720, SPEC)
    assert found.time[0] == pytest.approx(SPEC.length / 2, abs=1 / FS)


def test_a_class_mean_is_the_mean_of_its_beats() -> None:
    record, peaks = make_record(20)
    named = replace(
        peaks,
        aami=np.array(["N", "V"])[np.arange(20) % 2],
        symbol=np.array(["N", "V"])[np.arange(20) % 2],
    )
    trace = record.lead()
    both = class_spectrograms(record, named, trace, SPEC, 0.3, 0.4)
    (every,) = class_spectrograms(record, peaks, trace, SPEC, 0.3, 0.4)
    assert [part.name for part in both] == ["N", "V"]
    assert every.count == sum(part.count for part in both) == 20
    weighted = sum(part.count * part.spectrogram.power for part in both) / 20
    np.testing.assert_allclose(every.spectrogram.power, weighted, rtol=1e-4, atol=1e-9)
    assert every.spectrogram.time[0] == pytest.approx(-0.3, abs=2 / FS)
    assert every.spectrogram.time[-1] == pytest.approx(0.4, abs=SPEC.hop(FS) / FS + 2 / FS)


def test_power_is_averaged_before_the_logarithm() -> None:
    record, peaks = make_record(20)
    linear, db = (
        class_spectrograms(record, peaks, record.lead(), replace(SPEC, scale=scale), 0.3, 0.4)[0]
        for scale in ("linear", "db")
    )
    expected = 10 * np.log10(np.maximum(linear.spectrogram.power, 1e-10))
    np.testing.assert_allclose(db.spectrogram.power, expected, atol=1e-3)
    assert db.spectrogram.unit.startswith("dB")
