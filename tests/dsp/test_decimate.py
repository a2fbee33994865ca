import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ecgcore.dsp.decimate import min_max

TRACES = arrays(np.float32, st.integers(1, 600), elements=st.floats(-5, 5, width=32))


@given(TRACES, st.integers(2, 80))
def test_extremes_ends_order_and_values(x: np.ndarray, points: int) -> None:
    index, value = min_max(x, points)
    assert (np.diff(index) > 0).all()
    assert index[0] == 0
    assert index[-1] == x.size - 1
    np.testing.assert_array_equal(value, x[index])
    assert value.min() == x.min()
    assert value.max() == x.max()


@given(TRACES, st.integers(2, 80), st.data())
def test_gaps_stay_visible_and_hide_nothing(
    x: np.ndarray, points: int, data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, x.size - 1))
    stop = data.draw(st.integers(first + 1, x.size))
    x = x.copy()
    x[first:stop] = np.nan
    index, value = min_max(x, points)
    assert ((index >= first) & (index < stop)).any()
    if not np.isnan(x).all():
        assert np.nanmin(value) == np.nanmin(x)
        assert np.nanmax(value) == np.nanmax(x)


def test_a_gap_at_the_beginning_of_the_last_bin_is_kept() -> None:
    x = np.zeros(225, dtype=np.float32)
    x[221] = np.nan
    index, value = min_max(x, 28)
    assert 221 in index
    assert np.isnan(value).sum() == 1


@pytest.mark.parametrize("n", [1_000, 9_999, 650_000])
def test_no_more_points_than_asked_for_by_much(n: int) -> None:
    x = np.random.default_rng(0).normal(size=n).astype(np.float32)
    assert min_max(x, 500)[0].size <= 500 + 5


def test_a_short_trace_comes_back_whole() -> None:
    x = np.arange(50, dtype=np.float32)
    index, value = min_max(x, 50)
    np.testing.assert_array_equal(index, np.arange(50))
    np.testing.assert_array_equal(value, x)
    assert min_max(x[:0], 50)[0].size == 0
