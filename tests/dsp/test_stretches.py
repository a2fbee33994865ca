"""Stretches of samples: which samples lie in none of them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.dsp.stretches import outside

pairs = st.tuples(st.integers(-5, 40), st.integers(0, 12))


@given(samples=st.lists(st.integers(-10, 60), max_size=30), lengths=st.lists(pairs, max_size=6))
def test_a_sample_is_outside_where_no_stretch_has_it(samples, lengths) -> None:
    """Empty, touching and overlapping stretches among them, in any order."""
    stretches = np.array([(a, a + n) for a, n in lengths], dtype=np.int64).reshape(-1, 2)
    found = outside(np.array(samples, dtype=np.int64), stretches)
    assert found.tolist() == [not any(a <= s < b for a, b in stretches) for s in samples]
