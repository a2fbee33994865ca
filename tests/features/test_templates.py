"""The median beat: robust to ectopy, equivariant to gain."""

import numpy as np
import pytest

from ecgcore.errors import RecordError
from ecgcore.features.templates import MOST_BEATS, median_beat, ordinary
from ecgcore.schema import Beats, Peaks

POINTS = 64
AXIS = np.linspace(-0.4, 0.4, POINTS)
NORMAL = np.exp(-((AXIS / 0.03) ** 2))
WIDE = -1.5 * np.exp(-((AXIS / 0.12) ** 2))


def beats_of(waveform: np.ndarray, usable: np.ndarray | None = None) -> Beats:
    count = len(waveform)
    sample = np.arange(count, dtype=np.int64) * 300
    return Beats(
        waveform=waveform.astype(np.float32),
        peaks=Peaks(sample=sample, source="test", fs=360.0),
        start=sample - 144.0,
        stop=sample + 144.0,
        lead="MLII",
        padded=np.zeros(count, dtype=bool),
        usable=np.ones(count, dtype=bool) if usable is None else usable,
    )


@pytest.fixture
def mixed() -> Beats:
    """Nine normal beats for every wide one, with noise."""
    generator = np.random.default_rng(3)
    wide = np.arange(200) % 10 == 0
    waveform = np.where(wide[:, None], WIDE, NORMAL) + generator.normal(0, 0.02, (200, POINTS))
    return beats_of(waveform)


def test_ectopic_beats_do_not_show(mixed: Beats) -> None:
    assert np.abs(median_beat(mixed) - NORMAL).max() < 0.02


def test_gain_and_offset_pass_through(mixed: Beats) -> None:
    changed = beats_of(2.5 * mixed.waveform - 0.3)
    np.testing.assert_allclose(median_beat(changed), 2.5 * median_beat(mixed) - 0.3, atol=1e-5)


def test_unusable_beats_are_left_out(mixed: Beats) -> None:
    waveform = mixed.waveform.copy()
    usable = np.arange(200) % 3 > 0
    waveform[~usable] = np.nan
    assert np.array_equal(
        median_beat(beats_of(waveform, usable)), median_beat(beats_of(waveform[usable]))
    )


def test_ordinary_rejects_the_wide_beats(mixed: Beats) -> None:
    assert np.array_equal(ordinary(mixed), np.arange(200) % 10 != 0)
    only = median_beat(mixed, keep=ordinary(mixed))
    assert np.array_equal(only, median_beat(beats_of(mixed.waveform[np.arange(200) % 10 != 0])))


def test_a_long_recording_is_sampled_evenly() -> None:
    generator = np.random.default_rng(7)
    drift = np.linspace(-1, 1, 3 * MOST_BEATS)[:, None]  # a slow change over the day
    beats = beats_of(NORMAL + drift + generator.normal(0, 0.01, (3 * MOST_BEATS, POINTS)))
    assert np.abs(median_beat(beats) - NORMAL).max() < 0.01


def test_nothing_usable_is_said() -> None:
    with pytest.raises(RecordError, match="MLII has no usable beat"):
        median_beat(beats_of(np.zeros((3, POINTS)), np.zeros(3, dtype=bool)))


def test_a_flat_lead_has_no_ordinary_beats() -> None:
    assert not ordinary(beats_of(np.zeros((3, POINTS)))).any()
