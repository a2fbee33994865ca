"""Traces filtered and resampled slice by slice are as if all of them had been."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgcore.dsp.filters import BandPass, BaselineMedians, Notch, apply_filters
from ecgcore.dsp.resample import resample
from ecgcore.dsp.windowed import Filtered, Resampled

SPECS = {
    "monitoring": (BandPass(low=0.5, high=40.0),),
    "slow": (BandPass(low=0.2, high=40.0, order=3),),
    "medians, notch": (BaselineMedians(), Notch(freq=50.0)),
}


def trace(seed: int, n: int, gaps: int) -> np.ndarray:
    """Return noise, steps and drift of some mV with gaps here and there."""
    rng = np.random.default_rng(seed)
    x = (
        rng.normal(0, 0.2, n)
        + np.cumsum(rng.normal(0, 0.01, n))
        + rng.choice([0, 2.0], n, p=[0.99, 0.01])
    )
    for _ in range(gaps):
        first = int(rng.integers(0, n))
        x[first : first + int(rng.integers(1, n // 10))] = np.nan
    return x.astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6), st.integers(3_000, 20_000), st.integers(0, 4),
    st.sampled_from(sorted(SPECS)), st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_a_slice_is_that_of_the_whole_filtered_trace(seed, n, gaps, name, one, other) -> None:
    x = trace(seed, n, gaps)
    whole = apply_filters(x, 128.0, SPECS[name])
    first, stop = sorted((round(one * n), round(other * n)))
    part = Filtered(x, 128.0, SPECS[name])[first:stop]
    np.testing.assert_array_equal(np.isnan(part), np.isnan(whole[first:stop]))
    np.testing.assert_allclose(part, whole[first:stop], atol=1e-5)  # mV; a converter's step is 5e-3


def test_of_the_whole_a_slice_is_the_very_same() -> None:
    x = trace(1, 9_000, 3)
    for specs in SPECS.values():
        np.testing.assert_array_equal(
            Filtered(x, 128.0, specs)[0:9_000], apply_filters(x, 128.0, specs)
        )
    np.testing.assert_array_equal(Resampled(x, 128.0, 360.0)[:], resample(x, 128.0, 360.0))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6), st.integers(3_000, 20_000), st.integers(0, 4),
    st.sampled_from([(128.0, 360.0), (360.0, 128.0), (250.0, 128.0), (360.0, 250.0)]),
    st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_a_slice_is_that_of_the_whole_resampled_trace(seed, n, gaps, rates, one, other) -> None:
    x = trace(seed, n, gaps)
    whole = resample(x, *rates)
    there = Resampled(x, *rates)
    assert len(there) == whole.size
    first, stop = sorted((round(one * whole.size), round(other * whole.size)))
    part = there[first:stop]
    np.testing.assert_array_equal(np.isnan(part), np.isnan(whole[first:stop]))
    known = np.isfinite(part)
    span = float(np.nanmax(x) - np.nanmin(x)) if np.isfinite(x).any() else 0.0
    np.testing.assert_allclose(part[known], whole[first:stop][known], atol=1e-4 * span + 1e-6)


@pytest.mark.parametrize("name", sorted(SPECS))
def test_filters_know_how_far_they_remember(name) -> None:
    """Without the margin the edges would show: the test above can fail."""
    x = trace(0, 20_000, 0)
    whole = apply_filters(x, 128.0, SPECS[name])
    bare = apply_filters(x[8_000:12_000], 128.0, SPECS[name])
    assert np.abs(bare - whole[8_000:12_000]).max() > 1e-3
