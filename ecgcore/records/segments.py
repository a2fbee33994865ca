"""Records made of segments, in the fixed and in the variable layout of header(5).

In the fixed layout each segment has the same signals in the same order. In the variable layout
the first segment has no samples: its header names all the signals that occur, and each of the
others has some of them, found by name. A segment ``~`` is a gap.

Segments can't have segments, so a record can neither contain itself nor unfold without end.
"""

from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np

from ecgcore.errors import RecordError
from ecgcore.records.header_file import NO_SIGNAL, HeaderFile
from ecgcore.records.source import (
    Single,
    Window,
    open_single,
    read_header_file,
    shown_unit,
)


@dataclass(frozen=True, kw_only=True)
class Segmented:
    """A header that describes segments."""

    label: str
    root: Path
    folder: Path
    header: HeaderFile
    leads: tuple[str, ...]
    units: tuple[str, ...]
    variable: bool  # layout: signals are found by name
    allow_partial: bool = False

    @property
    def claimed(self) -> int:
        """Samples of all segments together."""
        return sum(segment.length for segment in self.header.segments)

    @property
    def held(self) -> int:
        """The same: which segments are cut short shows when they are read."""
        return self.claimed

    @property
    def length(self) -> int:
        """Samples that can be read; those of gaps are NaN."""
        return self.claimed

    @property
    def file_names(self) -> tuple[str, ...]:
        """None of its own."""
        return ()

    def read(self, start: int, stop: int) -> Window:
        """Read samples ``start`` to ``stop``, both within ``length``; gaps are NaN."""
        signal = np.full((stop - start, len(self.leads)), np.nan, dtype=np.float32)
        faults: list[str] = []
        ends = accumulate(segment.length for segment in self.header.segments)
        for segment, end in zip(self.header.segments, ends, strict=True):
            begin = end - segment.length
            if segment.name == NO_SIGNAL or max(start, begin) >= min(stop, end):
                continue
            source = self._open(segment.name, segment.length)
            first = max(start, begin)
            last = min(stop, end, begin + source.length)  # the last only where partial is allowed
            if first >= last:
                continue
            window = source.read(first - begin, last - begin)
            signal[first - start : last - start, self._columns(source)] = window.signal
            faults += [f"{name} ({segment.name})" for name in window.checksum_faults]
        return Window(signal=signal, checksum_faults=tuple(faults))

    def cuts(self, samples: int) -> list[tuple[int, int]]:
        """Return stretches of about ``samples`` that cover all there is, in order.

        None crosses a segment's end, and a segment of up to four times ``samples`` is one: the
        checksum of a segment can be told only of the whole of it.
        """
        found: list[tuple[int, int]] = []
        ends = accumulate(segment.length for segment in self.header.segments)
        for segment, end in zip(self.header.segments, ends, strict=True):
            begin = end - segment.length
            step = segment.length if segment.length <= 4 * samples else samples
            found += [(k, min(k + step, end)) for k in range(begin, end, max(step, 1))]
        return found

    def _columns(self, source: Single) -> list[int]:
        """Return where each signal of a segment belongs, -1 where it belongs nowhere."""
        if self.variable:
            return [self.leads.index(n) if n in self.leads else -1 for n in source.leads]
        return list(range(len(source.leads)))

    def _open(self, name: str, length: int) -> Single:
        source = open_single(self.root, self.folder / name, f"{self.label}, segment {name}")
        if source.header.fs != self.header.fs:
            raise RecordError(
                f"{source.label}: sampled at {source.header.fs:g} Hz, the recording at "
                f"{self.header.fs:g} Hz."
            )
        if source.length < length and not self.allow_partial:
            raise RecordError(f"{source.label}: {source.length} of {length} samples are there.")
        columns = self._columns(source)
        same = -1 not in columns and (self.variable or len(columns) == len(self.leads))
        if not same or tuple(self.units[column] for column in columns) != source.units:
            raise RecordError(
                f"{source.label}: its signals or their units are not those of the recording."
            )
        return source


def open_segmented(
    root: Path, path: Path, label: str, header: HeaderFile, *, allow_partial: bool
) -> Segmented:
    """Open the record of segments at ``path`` (without extension). Raises RecordError."""
    names = [segment.name for segment in header.segments if segment.name != NO_SIGNAL]
    if not [s for s in header.segments if s.length and s.name != NO_SIGNAL]:
        raise RecordError(f"{label}: all of its segments are gaps.")
    if path.name in names:
        raise RecordError(f"{label}: it names itself as one of its segments.")
    layout = _segment_header(root, path, names[0], label)
    if len(layout.signals) != header.signal_count:
        raise RecordError(
            f"{label}: the header announces {header.signal_count} signals, its first segment has "
            f"{len(layout.signals)}."
        )
    # A layout has no samples, so its gains are often left open: the first real segment has them.
    variable = header.segments[0].length == 0 and header.segments[0].name != NO_SIGNAL
    known = dict(_units(_segment_header(root, path, names[1], label))) if variable else {}
    return Segmented(
        label=label,
        root=root,
        folder=path.parent,
        header=header,
        leads=tuple(signal.name for signal in layout.signals),
        units=tuple(known.get(name, unit) for name, unit in _units(layout)),
        variable=variable,
        allow_partial=allow_partial,
    )


def _units(header: HeaderFile) -> list[tuple[str, str]]:
    return [(signal.name, shown_unit(signal)) for signal in header.signals]


def _segment_header(root: Path, path: Path, name: str, label: str) -> HeaderFile:
    header = read_header_file(root, path.with_name(name), f"{label}, segment {name}")
    if header.segments:
        raise RecordError(f"{label}, segment {name}: a segment can't have segments of its own.")
    return header
