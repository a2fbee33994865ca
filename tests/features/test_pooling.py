"""Cells pooled to what a screen shows: means of power, few enough, where they were."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgcore.features.pooling import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    in_parts,
    pooled,
    pooled_axis,
    steps,
)
from ecgcore.features.spectrogram import SpectrogramSpec, spectrogram
from ecgcore.features.stretch import stretch_spectrogram


@given(st.integers(1, 5000), st.integers(1, 10**6), st.integers(500, MOST_CELLS))
def test_never_more_cells_than_a_screen_shows(rows, columns, most) -> None:
    down, along = steps(rows, columns, most)
    kept = -(-rows // down), -(-columns // along)
    assert kept[0] <= MOST_ROWS
    assert kept[1] <= MOST_COLUMNS
    assert kept[0] * kept[1] <= most


@settings(max_examples=50)
@given(
    st.integers(1, 9), st.integers(1, 30), st.integers(1, 4), st.integers(1, 7),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_a_cell_is_the_mean_of_those_it_stands_for(rows, columns, down, along, random) -> None:
    rng = np.random.default_rng(random.randrange(2**32))
    power = rng.random((rows, columns)).astype(np.float32)
    power[:, rng.random(columns) < 0.2] = np.nan
    found = pooled(power, down, along)
    for i in range(found.shape[0]):
        for k in range(found.shape[1]):
            part = power[i * down : (i + 1) * down, k * along : (k + 1) * along]
            known = part[np.isfinite(part)]
            assert np.isnan(found[i, k]) == (not known.size)
            if known.size:
                assert found[i, k] == pytest.approx(float(known.mean()), rel=1e-5)
    again = in_parts(lambda a, b: power[:, a:b], rows, columns, down, along)
    np.testing.assert_array_equal(again, found)


def test_axes_point_to_the_middle_of_the_cells() -> None:
    axis = 2.0 + 0.5 * np.arange(10)
    np.testing.assert_allclose(pooled_axis(axis, 4), [2.75, 4.75, 6.75])
    np.testing.assert_array_equal(pooled_axis(axis, 1), axis)


@pytest.mark.parametrize("scale", ["linear", "db"])
def test_a_long_stretch_is_the_mean_power_of_its_windows(monkeypatch, scale) -> None:
    monkeypatch.setattr("ecgcore.features.pooling._HELD", 40_000)  # in several parts
    rng = np.random.default_rng(0)
    x = (rng.normal(size=60_000) * np.repeat(rng.random(60), 1000)).astype(np.float32)
    x[20_000:20_500] = np.nan
    spec = SpectrogramSpec(length=0.2, overlap=0.9, nfft=1024, scale="linear")
    found = stretch_spectrogram(x, 360.0, 0, x.size, replace(spec, scale=scale))
    whole = spectrogram(x, 360.0, spec)
    down, along = steps(*whole.power.shape)
    assert min(down, along) > 1
    expected = pooled(whole.power, down, along)
    if scale == "db":
        expected = 10 * np.log10(np.maximum(expected, 1e-10))
    np.testing.assert_allclose(found.power, expected, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(found.time, pooled_axis(whole.time, along))
    np.testing.assert_allclose(found.frequency, pooled_axis(whole.frequency, down))
