"""A filtered window of a long trace, as if the whole trace had been filtered."""

import numpy as np

from ecgcore.dsp.blocks import Sliceable
from ecgcore.dsp.filters import BaselineMedians, FilterSpec, apply_filters
from ecgcore.schema import FloatArray


def filtered_window(
    trace: Sliceable, fs: float, first: int, stop: int, specs: tuple[FilterSpec, ...]
) -> FloatArray:
    """Return ``trace[first:stop]`` through ``specs``, (stop − first,).

    The filters are given a margin of their own memory on either side, so that the window's edges
    look as they would within the whole recording and paging does not move the trace.
    Raises SignalError where a spec can't be had at ``fs`` Hz.
    """
    margin = sum(_memory(spec, fs) for spec in specs)
    begin, end = max(0, first - margin), min(len(trace), stop + margin)
    filtered = apply_filters(trace[begin:end], fs, specs)
    return filtered[first - begin : first - begin + (stop - first)]


def _memory(spec: FilterSpec, fs: float) -> int:
    if isinstance(spec, BaselineMedians):
        return sum(spec.widths(fs))
    return int(np.ceil(spec.settling * fs))
