"""Where a trace has signal: the stretches between its gaps."""

import numpy as np
from numpy.typing import NDArray


def finite_stretches(x: NDArray[np.floating]) -> list[tuple[int, int]]:
    """Return (first, stop) of each longest run of finite samples of ``x`` (n,), in order."""
    finite = np.concatenate(([False], np.isfinite(x), [False]))
    edges = np.flatnonzero(finite[1:] != finite[:-1])
    return [(int(first), int(stop)) for first, stop in edges.reshape(-1, 2)]
