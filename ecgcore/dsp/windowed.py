"""Traces that are filtered or resampled where they are looked at, as if all of them had been.

Each stands for the whole filtered or resampled trace (n,), of which slices are taken. Linear
filters never forget, but soon next to everything: a slice is given a margin on either side over
which the slowest part of the filter dies away to 10⁻¹⁰ of itself, less than a float32 can hold. Up
to the recording's own ends there is no margin and nothing differs. Resampling sees as far as its
low-pass is long; only the line through the ends that is taken off before (against ringing there)
is another in each slice, and the low-pass is even to about 10⁻⁴, so that a baseline of 1 mV
may differ by 0.1 µV or so.
"""

from fractions import Fraction

import numpy as np

from ecgcore.dsp.filters import BaselineMedians, FilterSpec, apply_filters
from ecgcore.dsp.resample import reach, resample, resampling_ratio
from ecgcore.schema import FloatArray, Sliceable

_FORGOTTEN = 1e-10


class Filtered:
    """``trace``, at ``fs`` Hz, through ``specs`` in turn; see ``apply_filters``.

    The slice taken last is remembered, which is all of a recording of one block.
    """

    def __init__(self, trace: Sliceable, fs: float, specs: tuple[FilterSpec, ...]) -> None:
        """Raise nothing; slices raise SignalError where a spec can't be had at ``fs`` Hz."""
        self._trace, self._fs, self._specs = trace, fs, specs
        self._last: tuple[int, int, FloatArray] | None = None

    def __len__(self) -> int:
        return len(self._trace)

    def __getitem__(self, some: slice) -> FloatArray:
        first, stop, _ = some.indices(len(self))
        if self._last is None or self._last[:2] != (first, stop):
            found = filtered_window(self._trace, self._fs, first, stop, self._specs)
            self._last = (first, stop, found)
        return self._last[2]


class Resampled:
    """``trace``, at ``fs_from`` Hz, at ``fs_to`` Hz; see ``resample``."""

    def __init__(self, trace: Sliceable, fs_from: float, fs_to: float) -> None:
        """Raise SignalError as ``resampling_ratio``."""
        self._trace, self._rates = trace, (fs_from, fs_to)
        self.ratio: Fraction = resampling_ratio(fs_from, fs_to)

    def __len__(self) -> int:
        return -(-len(self._trace) * self.ratio.numerator // self.ratio.denominator)

    def __getitem__(self, some: slice) -> FloatArray:
        first, stop, _ = some.indices(len(self))
        up, down = self.ratio.numerator, self.ratio.denominator
        margin = reach(self.ratio)
        # From a sample of the trace on which one of the result lies.
        begin = max(first * down // up - margin, 0) // down * down
        end = min(-(-stop * down // up) + margin, len(self._trace))
        if stop == len(self):
            end = len(self._trace)
        offset = first - begin * up // down
        return resample(self._trace[begin:end], *self._rates)[offset : offset + stop - first]


def filtered_window(
    trace: Sliceable, fs: float, first: int, stop: int, specs: tuple[FilterSpec, ...]
) -> FloatArray:
    """Return ``trace[first:stop]`` through ``specs``, (stop − first,).

    The filters are given a margin of their own memory on either side, so that the window's edges
    look as they would within the whole recording and paging does not move the trace.
    Raises SignalError where a spec can't be had at ``fs`` Hz.
    """
    margin = sum(memory(spec, fs) for spec in specs)
    begin, end = max(0, first - margin), min(len(trace), stop + margin)
    filtered = apply_filters(trace[begin:end], fs, specs)
    return filtered[first - begin : first - begin + (stop - first)]


def memory(spec: FilterSpec, fs: float) -> int:
    """Return over how many samples a filter forgets what was before, or will come after."""
    if isinstance(spec, BaselineMedians):
        return sum(spec.widths(fs))
    poles = np.concatenate([np.roots(section[3:]) for section in spec.sections(fs)])
    slowest = min(float(np.abs(poles).max()), 1 - 1e-9)
    forgets = np.log(_FORGOTTEN) / np.log(max(slowest, 1e-9))
    return int(np.ceil(max(spec.settling * fs, forgets)))
