"""The median beat: robust to ectopy, equivariant to gain."""

import numpy as np
import pytest

from ecgcore.errors import RecordError
from ecgcore.features.templates import MOST_BEATS, median_beat, ordinary, usual_spread
from ecgcore.schema import Beats
from tests.make_beats import beats_of

POINTS = 64
AXIS = np.linspace(-0.4, 0.4, POINTS)
NORMAL = np.exp(-((AXIS / 0.03) ** 2))
WIDE = -1.5 * np.exp(-((AXIS / 0.12) ** 2))


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


def test_a_known_noise_is_the_usual_spread() -> None:
    generator = np.random.default_rng(5)
    for noise in (0.01, 0.05):
        waveform = NORMAL + generator.normal(0, noise, (2000, POINTS))
        np.testing.assert_allclose(usual_spread(beats_of(waveform)), noise, rtol=0.1)


def test_spread_follows_the_point_of_the_beat() -> None:
    generator = np.random.default_rng(6)
    noise = np.where(AXIS < 0, 0.01, 0.04)
    spread = usual_spread(beats_of(NORMAL + noise * generator.normal(0, 1, (2000, POINTS))))
    away = np.abs(AXIS) > 0.1  # from the step, which is smoothed over nine points
    np.testing.assert_allclose(spread[away], noise[away], rtol=0.1)


def test_a_minority_of_ectopic_beats_does_not_show_in_the_spread(mixed: Beats) -> None:
    wide = np.arange(200) % 10 == 0
    alone = usual_spread(beats_of(mixed.waveform[~wide]))
    np.testing.assert_allclose(usual_spread(mixed), alone, rtol=0.25)
    assert mixed.waveform.std(axis=0).max() > 5 * usual_spread(mixed).max()


def test_spread_goes_with_gain_and_not_with_offset(mixed: Beats) -> None:
    changed = beats_of(2.5 * mixed.waveform - 0.3)
    np.testing.assert_allclose(usual_spread(changed), 2.5 * usual_spread(mixed), rtol=1e-4)


def test_unusable_beats_are_left_out_of_the_spread(mixed: Beats) -> None:
    waveform = mixed.waveform.copy()
    usable = np.arange(200) % 3 > 0
    waveform[~usable] = np.nan
    found = usual_spread(beats_of(waveform, usable))
    assert np.array_equal(found, usual_spread(beats_of(waveform[usable])))


def test_a_short_window_has_a_spread_at_every_point() -> None:
    waveform = np.random.default_rng(8).normal(0, 1, (50, 4))
    assert usual_spread(beats_of(waveform)).shape == (4,)


def test_nothing_usable_has_no_spread() -> None:
    with pytest.raises(RecordError, match="no usable beat"):
        usual_spread(beats_of(np.zeros((3, POINTS)), np.zeros(3, dtype=bool)))
