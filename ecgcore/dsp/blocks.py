"""A long recording block by block, so that nothing of its length ever stands in memory.

Blocks are about an hour. What is looked for in one is shown a minute before it and ten seconds
after it too: a detector's thresholds then have settled when the block begins, and a beat on a
seam is seen whole by both sides. A recording of up to an hour and a half is one block, and what
is found in it is what would be found without blocks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ecgcore.schema import IntArray, Sliceable

BLOCK_S: Final = 3600.0
BEFORE_S, AFTER_S = 60.0, 10.0
# Two beats of one heart are never so close; on a seam they are one beat, seen from either side.
SAME_BEAT_S: Final = 0.2


@dataclass(frozen=True, kw_only=True)
class Block:
    """One block: [first, stop) is its own, [begin, end) what is read for it."""

    first: int
    stop: int
    begin: int
    end: int


def blocks(length: int, fs: float) -> tuple[Block, ...]:
    """Return blocks of nearly one size that cover ``length`` samples at ``fs`` Hz."""
    count = max(1, round(length / (BLOCK_S * fs)))
    edges = [length * k // count for k in range(count + 1)]
    before, after = round(BEFORE_S * fs), round(AFTER_S * fs)
    return tuple(
        Block(first=a, stop=b, begin=max(a - before, 0), end=min(b + after, length))
        for a, b in pairwise(edges)
    )


def by_block(sample: IntArray, length: int, fs: float) -> list[IntArray]:
    """Return which of the samples (n,) lie in each block that has any: their places, in order.

    Those before the first sample belong to the first block, those beyond the last to the last.
    """
    inner = [block.first for block in blocks(length, fs)[1:]]
    owner = np.searchsorted(inner, sample, side="right")
    places = [np.flatnonzero(owner == k) for k in range(len(inner) + 1)]
    return [rows.astype(np.int64) for rows in places if rows.size]


def find_in_blocks(
    find: Callable[[NDArray[np.floating], float], IntArray],
    trace: Sliceable,
    fs: float,
    progress: Callable[[float], None] | None = None,
) -> IntArray:
    """Return the R-peaks (b,) that ``find`` finds in a trace, block by block.

    ``progress`` is told the share that is done; what it raises ends the search.
    """
    parts, owner = [], []
    reach = round(SAME_BEAT_S * fs)
    every = blocks(len(trace), fs)
    for k, block in enumerate(every):
        found = find(trace[block.begin : block.end], fs) + block.begin
        kept = found[(found >= block.first - reach) & (found < block.stop + reach)]
        parts.append(kept)
        owner.append(np.full(kept.size, k))
        if progress is not None:
            progress((k + 1) / len(every))
    if len(parts) == 1:
        return parts[0]
    return _joined(np.concatenate(parts), np.concatenate(owner), reach)


def _joined(sample: IntArray, owner: IntArray, reach: int) -> IntArray:
    """Return the peaks in order, those that two blocks saw once: where the earlier one saw them."""
    order = np.lexsort((owner, sample))
    sample, owner = sample[order], owner[order]
    kept = np.ones(sample.size, dtype=np.bool_)
    for k in np.flatnonzero((np.diff(sample) < reach) & (np.diff(owner) != 0)).tolist():
        if kept[k]:
            kept[k + 1 if owner[k] < owner[k + 1] else k] = False
    return sample[kept]
