"""The envelope holds every extreme, however it was filled."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.dsp.envelope import bin_width, empty_envelope, fill


def _filled(x, width, cuts):
    envelope = empty_envelope(x.size, width)
    edges = [0, *sorted(cuts), x.size]
    for first, stop in pairwise(edges):
        fill(envelope, x[first:stop], first)
    return envelope


@given(st.integers(1, 500), st.integers(1, 60), st.lists(st.integers(0, 500), max_size=4))
def test_any_cut_gives_the_same(length, width, cuts):
    x = np.random.default_rng(length).standard_normal(length).astype(np.float32)
    x[length // 3 : length // 2] = np.nan
    cut = _filled(x, width, [min(c, length) for c in cuts])
    for k in range(cut.low.size):
        part = x[k * width : (k + 1) * width]
        there = part[np.isfinite(part)]
        if there.size:
            assert cut.low[k] == there.min()
            assert cut.high[k] == there.max()
        else:
            assert np.isnan(cut.low[k])
            assert np.isnan(cut.high[k])


def test_points_are_few_and_lose_no_spike():
    x = np.zeros(1_000_000, dtype=np.float32)
    x[777_777], x[123_456] = 5, -7
    at, value = _filled(x, bin_width(x.size, 128.0), []).points(2400)
    assert at.size <= 2400
    assert value.max() == 5
    assert value.min() == -7
    assert abs(at[value.argmax()] - 777_777) < 1000
    assert (np.diff(at) > 0).all()
    assert at[-1] < x.size


def test_a_short_recording_keeps_its_shape():
    x = np.sin(np.arange(3000) / 50).astype(np.float32)
    envelope = _filled(x, bin_width(x.size, 500.0), [])
    assert envelope.width == 1
    assert envelope.limits == (x.min(), x.max())
