"""Channels: scales and images."""

from dataclasses import replace

import numpy as np
import pytest

from ecgcore.features.channels import scaling, spectrogram_images
from ecgcore.features.rr import rr_features
from ecgcore.features.spectrogram import SpectrogramSpec
from ecgcore.features.stack import stack_channels
from ecgcore.features.templates import usual_spread
from ecgcore.schema import Beats
from tests.make_beats import beats_of


@pytest.fixture
def beats() -> Beats:
    generator = np.random.default_rng(0)
    waveform = generator.normal(0.5, 1, (40, 100))
    return beats_of(waveform, np.arange(40) != 7, around=(100.0, 200.0))


def test_a_z_scored_beat_has_no_mean_and_unit_spread(beats: Beats) -> None:
    x = stack_channels(beats, ("raw",), "beat")[beats.usable, 0]
    np.testing.assert_allclose(x.mean(axis=1), 0, atol=1e-5)
    np.testing.assert_allclose(x.std(axis=1), 1, rtol=1e-4)


def test_a_ranged_beat_spans_one(beats: Beats) -> None:
    x = stack_channels(beats, ("raw",), "range")[beats.usable, 0]
    np.testing.assert_allclose(np.ptp(x, axis=1), 1, rtol=1e-5)


def test_the_record_scale_keeps_the_beats_relative_sizes(beats: Beats) -> None:
    x = stack_channels(beats, ("raw",), "record")[beats.usable, 0]
    ratio = x / beats.waveform[beats.usable]
    np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-4)


def test_differences_have_no_median(beats: Beats) -> None:
    x = stack_channels(beats, ("difference",), "none")[beats.usable, 0]
    np.testing.assert_allclose(np.median(x, axis=0), 0, atol=1e-6)


def test_channels_stand_in_the_order_asked_for(beats: Beats) -> None:
    both = stack_channels(beats, ("difference", "raw"), "none")
    np.testing.assert_array_equal(both[:, 1:], stack_channels(beats, ("raw",), "none"))
    assert not both[7].any()


DEVIATIONS = ("deviation", "previous_deviation", "next_deviation")


def test_deviations_are_the_differences_in_units_of_the_usual_spread(beats: Beats) -> None:
    x = stack_channels(beats, ("difference", "deviation"), "none")[beats.usable]
    spread = usual_spread(beats)
    np.testing.assert_allclose(np.sinh(2 * x[:, 1]), x[:, 0] / spread, rtol=1e-3, atol=1e-4)
    # Of noise alone nearly half of a normal distribution is within 0.67 of its spread.
    within = np.abs(np.sinh(2 * x[:, 1])) < 0.6745
    assert within.mean() == pytest.approx(0.5, abs=0.03)


def test_neighbours_deviations_are_theirs(beats: Beats) -> None:
    x = stack_channels(beats, DEVIATIONS, "record")
    np.testing.assert_array_equal(x[1:, 1], x[:-1, 0])
    np.testing.assert_array_equal(x[:-1, 2], x[1:, 0])
    assert not x[0, 1].any()
    assert not x[-1, 2].any()
    assert not x[7, 0].any()  # not usable


def test_deviations_are_blind_to_gain(beats: Beats) -> None:
    louder = replace(beats, waveform=7 * beats.waveform)
    x = stack_channels(beats, DEVIATIONS, "record")
    np.testing.assert_allclose(stack_channels(louder, DEVIATIONS, "record"), x, atol=1e-4)


def test_deviations_of_a_noiseless_recording_are_small_and_finite(beats: Beats) -> None:
    wave = np.sin(np.linspace(0, 6, 100), dtype=np.float32)
    same = np.tile(wave, (40, 1)) + np.float32(1e-6) * beats.waveform
    x = stack_channels(replace(beats, waveform=same), DEVIATIONS, "record")
    assert np.isfinite(x).all()
    assert np.abs(x).max() < 0.01
    for flat in (0.0, 0.2):
        still = replace(beats, waveform=np.full_like(same, flat))
        assert not stack_channels(still, DEVIATIONS, "record").any()


def test_a_quiet_part_s_change_weighs_more_than_a_noisy_one_s(beats: Beats) -> None:
    noise = np.where(np.arange(100) < 50, 0.01, 0.3).astype(np.float32)
    waveform = np.sin(np.linspace(0, 6, 100), dtype=np.float32) + noise * beats.waveform
    waveform[20, 20:30] += 0.3
    waveform[20, 70:80] += 0.3
    changed = replace(beats, waveform=waveform)
    difference, deviation = stack_channels(changed, ("difference", "deviation"), "record")[20]
    quiet, noisy = slice(20, 30), slice(70, 80)
    assert np.median(deviation[quiet]) > 3 * np.median(np.abs(deviation[noisy]))
    assert np.median(difference[quiet]) < 3 * np.median(np.abs(difference[noisy]))


def test_a_flat_beat_stays_finite(beats: Beats) -> None:
    beats.waveform[3] = 0.2
    for scale in ("none", "record", "beat", "range"):
        assert np.isfinite(stack_channels(beats, ("raw", "difference"), scale)).all()


@pytest.mark.parametrize("scale", ["none", "record", "beat", "range"])
def test_level_and_span_undo_the_scale(beats: Beats, scale: str) -> None:
    x = stack_channels(beats, ("raw",), scale)[:, 0]
    level, span = scaling(beats, scale)
    back = (level + span * x)[beats.usable]
    np.testing.assert_allclose(back, beats.waveform[beats.usable], atol=1e-4)


def test_rr_rows_repeat_the_ratio_along_the_beat(beats: Beats) -> None:
    irregular = beats.peaks.sample + np.arange(40) ** 2 % 70
    beats = replace(beats, peaks=replace(beats.peaks, sample=irregular))
    wanted = rr_features(beats.peaks, ("pre_over_global", "pre_over_local")).values
    for scale in ("none", "beat", "range"):
        x = stack_channels(beats, ("raw", "rr_pre_global", "rr_pre_local"), scale)
        rows = x[beats.usable, 1:]
        assert (rows == rows[:, :, :1]).all()
        np.testing.assert_array_equal(rows[:, :, 0], wanted[beats.usable])
        np.testing.assert_array_equal(x[:, :1], stack_channels(beats, ("raw",), scale))
        assert not x[7].any()
    assert np.ptp(wanted, axis=0).min() > 0.05  # or nothing was compared


def test_images_are_standardised_and_blind_to_gain(beats: Beats) -> None:
    spec = SpectrogramSpec(length=0.1, overlap=0.5)
    x = stack_channels(beats, ("raw",), "none")[beats.usable]
    image = spectrogram_images(x, 120.0, spec)
    np.testing.assert_allclose(image.std(axis=(1, 2, 3)), 1, rtol=1e-3)
    np.testing.assert_allclose(spectrogram_images(4 * x, 120.0, spec), image, atol=1e-3)
