"""Spectrograms: SciPy's values, Parseval's identity, batching, padding, gaps."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgcore.errors import EcgError
from ecgcore.features.spectrogram import WINDOWS, SpectrogramSpec, power_unit, spectrogram
from ecgcore.records.database import Database
from ecgcore.records.reader import read_record

FS = 360.0


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


specs = st.builds(
    SpectrogramSpec,
    window=st.sampled_from(WINDOWS),
    length=st.floats(0.05, 0.5),
    overlap=st.floats(0, 0.95),
    nfft=st.sampled_from([None, 256, 300, 511]),
    scale=st.just("linear"),
    detrend=st.booleans(),
)


@given(specs, st.integers(0, 100))
@settings(deadline=None)
def test_equals_scipy(spec: SpectrogramSpec, seed: int) -> None:
    x = noise(600, seed=seed)
    found = spectrogram(x, FS, spec)
    length = spec.samples(FS)
    frequency, time, power = scipy.signal.spectrogram(
        x.astype(float),
        FS,
        window=spec.window,
        nperseg=length,
        noverlap=length - spec.hop(FS),
        nfft=spec.size(FS),
        detrend="constant" if spec.detrend else False,
        scaling="density",
    )
    np.testing.assert_allclose(found.frequency, frequency)
    np.testing.assert_allclose(found.time, time)
    np.testing.assert_allclose(found.power, power, rtol=1e-4, atol=1e-5 * power.max())


@given(specs)
@settings(deadline=None)
def test_energy_is_kept(spec: SpectrogramSpec) -> None:
    """Parseval: Σ P Δf is the taper-weighted mean square of each window."""
    x = noise(600, seed=2)
    found = spectrogram(x, FS, spec)
    length = spec.samples(FS)
    taper = scipy.signal.get_window(spec.window, length)
    frames = np.lib.stride_tricks.sliding_window_view(x.astype(float), length)[:: spec.hop(FS)]
    if spec.detrend:
        frames = frames - frames.mean(axis=1, keepdims=True)
    expected = ((frames * taper) ** 2).sum(axis=1) / (taper**2).sum()
    np.testing.assert_allclose(
        found.power.sum(axis=0, dtype=float) * found.frequency[1], expected, rtol=1e-4
    )


def test_batches_are_the_same_as_one_by_one() -> None:
    x = noise(3, 5, 400)
    spec = SpectrogramSpec(padding="zero")
    found = spectrogram(x, FS, spec)
    assert found.power.shape == (3, 5, found.frequency.size, found.time.size)
    for i, j in np.ndindex(3, 5):
        np.testing.assert_allclose(
            found.power[i, j], spectrogram(x[i, j], FS, spec).power, atol=1e-3
        )


def test_many_beats_cross_the_chunks_unharmed() -> None:
    x = noise(700, 256)
    spec = SpectrogramSpec(length=0.1, overlap=0.9, scale="linear")
    every = spectrogram(x, FS, spec).power
    np.testing.assert_allclose(every[-1], spectrogram(x[-1], FS, spec).power, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(
        every[350], spectrogram(x[350], FS, spec).power, rtol=1e-4, atol=1e-7
    )


@given(st.floats(0.01, 100))
def test_gain_is_squared(gain: float) -> None:
    x = noise(400)
    linear = SpectrogramSpec(scale="linear")
    np.testing.assert_allclose(
        spectrogram((gain * x).astype(np.float32), FS, linear).power,
        np.float32(gain) ** 2 * spectrogram(x, FS, linear).power,
        rtol=1e-3,
        atol=1e-6 * gain**2,
    )


def test_decibels_are_those_of_the_linear_power() -> None:
    x = noise(400)
    linear = spectrogram(x, FS, SpectrogramSpec(scale="linear"))
    db = spectrogram(x, FS, SpectrogramSpec(scale="db"))
    np.testing.assert_allclose(10 ** (db.power / 10), np.maximum(linear.power, 1e-10), rtol=1e-4)
    assert (linear.unit, db.unit) == ("mV²/Hz", "dB re 1 mV²/Hz")


@pytest.mark.parametrize("scale", ["db", "linear"])
def test_an_uncalibrated_signal_claims_no_millivolts(scale: str) -> None:
    unit = power_unit(scale, "uncalibrated")
    assert "mV" not in unit
    assert "uncalibrated" in unit
    assert unit.startswith("dB") == (scale == "db")


def test_silence_lies_on_the_floor() -> None:
    found = spectrogram(np.zeros(400, np.float32), FS, SpectrogramSpec(floor_db=-90.0))
    assert (found.power == -90).all()


@pytest.mark.parametrize("frequency", [5.0, 17.5, 60.0])
def test_a_tone_stands_at_its_frequency(frequency: float) -> None:
    x = np.sin(2 * np.pi * frequency * np.arange(3600) / FS).astype(np.float32)
    found = spectrogram(x, FS, SpectrogramSpec(length=1.0, scale="linear"))
    peak = found.frequency[found.power.argmax(axis=0)]
    assert np.abs(peak - frequency).max() <= found.frequency[1]


@pytest.mark.parametrize("padding", ["zero", "reflect"])
def test_padding_starts_at_the_first_sample(padding: str) -> None:
    x = noise(400)
    spec = SpectrogramSpec(padding=padding, overlap=0.5)
    found = spectrogram(x, FS, spec)
    assert found.time[0] == pytest.approx(0, abs=1 / FS)
    assert found.time[-1] <= 400 / FS
    assert found.time.size > spectrogram(x, FS, SpectrogramSpec(overlap=0.5)).time.size


def test_a_shift_by_one_hop_moves_one_column() -> None:
    x = noise(720)
    spec = SpectrogramSpec(scale="linear")
    hop = spec.hop(FS)
    whole = spectrogram(x, FS, spec).power
    later = spectrogram(x[hop:], FS, spec).power
    np.testing.assert_allclose(later, whole[:, 1 : 1 + later.shape[1]], rtol=1e-3, atol=1e-7)


def test_gaps_stay_gaps_and_harm_nothing_else() -> None:
    x = noise(720)
    gap = x.copy()
    gap[300:320] = np.nan
    spec = SpectrogramSpec()
    whole, torn = spectrogram(x, FS, spec), spectrogram(gap, FS, spec)
    length = spec.samples(FS) / FS
    touched = (whole.time + length / 2 > 300 / FS) & (whole.time - length / 2 < 320 / FS)
    assert np.isnan(torn.power[:, touched]).all()
    np.testing.assert_allclose(torn.power[:, ~touched], whole.power[:, ~touched], atol=1e-3)


def test_rows_above_the_limit_are_dropped() -> None:
    found = spectrogram(noise(720), FS, SpectrogramSpec(max_frequency=40.0))
    whole = spectrogram(noise(720), FS, SpectrogramSpec())
    assert found.frequency.max() <= 40 < whole.frequency[found.frequency.size]
    np.testing.assert_array_equal(found.power, whole.power[: found.frequency.size])


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (SpectrogramSpec(length=0.001), "choose a longer one"),
        (SpectrogramSpec(length=5.0), "longer than the signal"),
        (SpectrogramSpec(nfft=32), "shorter than the window"),
        (SpectrogramSpec(overlap=1.0), "from 0 to below 1"),
    ],
)
def test_impossible_windows_are_said(spec: SpectrogramSpec, said: str) -> None:
    with pytest.raises(EcgError, match=said):
        spectrogram(noise(720), FS, spec)


def test_an_ecg_has_its_power_below_40_hz(mitdb: Database) -> None:
    record = read_record(mitdb, "100", start=0, stop=36_000)
    found = spectrogram(record.lead(), FS, SpectrogramSpec(scale="linear"))
    share = found.power[found.frequency <= 40].sum() / found.power.sum()
    assert share > 0.9
