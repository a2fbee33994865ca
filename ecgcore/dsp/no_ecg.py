"""Where a lead of any length carries no ECG, found block by block (``quality`` has the rules).

A recording of one block is judged as a whole; in a longer one a square wave or a flat second may be
judged a little differently where it crosses a seam.
"""

from collections.abc import Callable

import numpy as np

from ecgcore.dsp.blocks import blocks
from ecgcore.dsp.quality import unusable_by_reason
from ecgcore.dsp.stretches import merged, runs
from ecgcore.schema import IntArray, Sliceable


def no_ecg(
    trace: Sliceable,
    fs: float,
    limits: tuple[float, float] | None = None,
    progress: Callable[[float], None] | None = None,
) -> dict[str, IntArray]:
    """Return reason -> stretches (k, 2) of samples [start, stop), in order.

    ``limits``: the trace's lowest and highest value, where they are known. ``progress`` is told
    the share that is done; what it raises ends the search.
    """
    every = blocks(len(trace), fs)
    if limits is None and len(every) > 1:
        limits = _limits(trace, fs)
    found: dict[str, list[IntArray]] = {}
    for k, block in enumerate(every):
        own = slice(block.first - block.begin, block.stop - block.begin)
        part = np.asarray(trace[block.begin : block.end], dtype=np.float32)
        for reason, mask in unusable_by_reason(part, fs, limits).items():
            stretches = np.array(runs(mask[own]), dtype=np.int64).reshape(-1, 2) + block.first
            found.setdefault(reason, []).append(stretches)
        if progress is not None:
            progress((k + 1) / len(every))
    return {reason: merged(np.concatenate(parts)) for reason, parts in found.items()}


def together(by_reason: dict[str, IntArray]) -> IntArray:
    """Return the stretches (k, 2) without ECG for any of the reasons, in order."""
    return merged(np.concatenate(list(by_reason.values())).reshape(-1, 2))


def _limits(trace: Sliceable, fs: float) -> tuple[float, float]:
    low, high = np.inf, -np.inf
    for block in blocks(len(trace), fs):
        part = trace[block.first : block.stop]
        known = part[np.isfinite(part)]
        if known.size:
            low, high = min(low, float(known.min())), max(high, float(known.max()))
    return low, high
