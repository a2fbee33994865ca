"""Of events that crowd, the strongest: non-maximum suppression without a loop over events."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ecgcore.schema import BoolArray, IntArray


def strongest(position: IntArray, strength: NDArray[np.floating], distance: int) -> IntArray:
    """Return which events (indices, ascending) stay when none may lie closer than ``distance``.

    ``position`` (n,) ascending samples, ``strength`` (n,). The strongest event stays and removes
    its neighbours, then the strongest of those left, and so on (the earlier of equal ones). Each
    pass settles every event that none of its neighbours beats.
    """
    left = np.arange(position.size, dtype=np.int64)
    while left.size > 1:
        at, size = position[left], strength[left]
        beaten = np.zeros(left.size, dtype=np.bool_)
        for shift, close in _close_pairs(at, distance):
            second_is_stronger = size[shift:] > size[:-shift]
            beaten[:-shift] |= close & second_is_stronger
            beaten[shift:] |= close & ~second_is_stronger
        if not beaten.any():
            break
        beside_winner = np.zeros(left.size, dtype=np.bool_)
        for shift, close in _close_pairs(at, distance):
            beside_winner[:-shift] |= close & ~beaten[shift:]
            beside_winner[shift:] |= close & ~beaten[:-shift]
        left = left[~(beaten & beside_winner)]
    return left


def _close_pairs(at: IntArray, distance: int) -> Iterator[tuple[int, BoolArray]]:
    """Yield k and which events lie closer than ``distance`` to the k-th one after them."""
    for shift in range(1, at.size):
        close = at[shift:] - at[:-shift] < distance
        if not close.any():
            return
        yield shift, close
