"""Noise of single kinds: each is what its name says."""

import numpy as np
import pytest
from scipy import signal

from ecgcore.dsp.stress_kinds import BURST_HZ, DECAY_S, MUSCLE_HZ, NOISES, steps_noise

FS = 360.0


@pytest.mark.parametrize("kind", list(NOISES))
def test_each_is_as_long_as_asked_for_and_fixed_by_its_seed(kind: str) -> None:
    first, again, other = (NOISES[kind](7200, FS, np.random.default_rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert first.shape == (7200,)
    assert np.isfinite(first).all()
    assert first.std() > 0
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(("kind", "band"), [("bursts of 1–10 Hz", BURST_HZ), ("muscle", MUSCLE_HZ)])
def test_power_is_where_it_should_be(kind: str, band: tuple[float, float]) -> None:
    noise = NOISES[kind](round(300 * FS), FS, np.random.default_rng(0))
    frequency, density = signal.welch(noise, FS, nperseg=4096)
    inside = (frequency > 0.8 * band[0]) & (frequency < 1.2 * band[1])
    assert density[inside].sum() > 0.9 * density.sum()


def test_steps_die_away() -> None:
    noise = steps_noise(round(60 * FS), FS, np.random.default_rng(0))
    at = int(np.abs(np.diff(noise)).argmax()) + 1
    later = at + round(0.2 * FS)
    between = np.abs(np.diff(noise))[at:later].max()
    jump = noise[at] - noise[at - 1]
    assert between < 0.1 * abs(jump)
    assert noise[later] == pytest.approx(noise[at] * np.exp(-0.2 / DECAY_S), rel=0.01)
