"""Where a trace has signal: the stretches between its gaps."""

import numpy as np
from numpy.typing import NDArray


def finite_stretches(x: NDArray[np.floating]) -> list[tuple[int, int]]:
    """Return (first, stop) of each longest run of finite samples of ``x`` (n,), in order."""
    return runs(np.isfinite(x))


def runs(mask: NDArray[np.bool_], least: int = 1) -> list[tuple[int, int]]:
    """Return (first, stop) of each longest run of True in ``mask`` (n,), in order.

    Runs shorter than ``least`` samples are left out.
    """
    padded = np.concatenate(([False], mask, [False]))
    edges = np.flatnonzero(padded[1:] != padded[:-1]).reshape(-1, 2)
    long = edges[edges[:, 1] - edges[:, 0] >= least]
    return [(int(first), int(stop)) for first, stop in long]
