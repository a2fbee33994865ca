import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.ui.pager import clamp, neighbour


@given(
    st.floats(-1e5, 1e5), st.sampled_from([5.0, 10.0, 60.0]), st.floats(0.1, 1e5, allow_nan=False)
)
def test_a_window_never_leaves_the_recording(time, span, duration):
    left = clamp(time, span, duration)
    assert left >= 0
    assert left == 0 or left + span <= duration + 1e-3


def test_neighbours_are_strictly_before_and_after():
    samples = np.array([100, 200, 300])
    assert neighbour(samples, 100, 2.0, +1) == 3.0
    assert neighbour(samples, 100, 2.0, -1) == 1.0
    assert neighbour(samples, 100, 3.0, +1) is None
    assert neighbour(samples, 100, 1.0, -1) is None
