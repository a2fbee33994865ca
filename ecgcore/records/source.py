"""What stands behind a record's name: one header with its signal files, or a row of segments.

Either can tell its length and read any window of itself into mV, in memory bounded by the window.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ecgcore.errors import RecordError
from ecgcore.records.header_file import HeaderFile, SignalSpec, parse_header
from ecgcore.records.names import inside
from ecgcore.records.signal_file import (
    SignalFile,
    invalid_value,
    open_signal_files,
    read_chunks,
)
from ecgcore.records.units import UNCALIBRATED, to_millivolts
from ecgcore.schema import FloatArray

MAX_VALUES: Final = 2**27  # samples of all leads in one read: 0.5 GiB as float32


@dataclass(frozen=True, kw_only=True)
class Window:
    """What was read: samples (n, leads), and the leads whose whole sum was not the header's.

    ``sums``: of each signal with a checksum that can be told by adding up what was read (stored
    values; none of a signal that is shifted against the others), by its place.
    """

    signal: FloatArray
    checksum_faults: tuple[str, ...] = ()
    sums: tuple[tuple[int, int], ...] = ()  # (place among the signals, sum)


@dataclass(frozen=True, kw_only=True)
class Single:
    """A header that describes signals, with their files."""

    label: str
    folder: Path
    header: HeaderFile
    files: tuple[SignalFile | None, ...]

    @property
    def leads(self) -> tuple[str, ...]:
        """Names of the signals."""
        return tuple(signal.name for signal in self.header.signals)

    @property
    def units(self) -> tuple[str, ...]:
        """Units in which ``read`` returns the signals."""
        return tuple(shown_unit(signal) for signal in self.header.signals)

    @cached_property
    def held(self) -> int:
        """Samples that the files hold, whatever the header claims."""
        frames = [file.frames for file in self.files if file is not None]
        return min(frames) if frames else self.header.length or 0

    @property
    def claimed(self) -> int:
        """Samples that the header claims; what the files hold where it leaves that open."""
        return self.held if self.header.length is None else self.header.length

    @property
    def length(self) -> int:
        """Samples that can be read."""
        return min(self.claimed, self.held)

    @property
    def file_names(self) -> tuple[str, ...]:
        """Names of the signal files."""
        return tuple(file.path.name for file in self.files if file is not None)

    def read(self, start: int, stop: int) -> Window:
        """Read samples ``start`` to ``stop``, both within ``length``; missing ones are NaN."""
        signal = np.full((stop - start, len(self.header.signals)), np.nan, dtype=np.float32)
        # Sums can't be told of signals that are shifted against one another.
        steady = not any(s.skew for s in self.header.signals)
        told: list[tuple[int, int]] = []
        column = 0
        for file in self.files:
            if file is None:
                column += 1
                continue
            columns = signal[:, column : column + len(file.signals)]
            sums = _read_file(file, columns, start, stop, self.label)
            told += [
                (column + k, total)
                for k, (spec, total) in enumerate(zip(file.signals, sums, strict=True))
                if spec.checksum is not None and steady
            ]
            column += len(file.signals)
        whole = start == 0 and stop == self.claimed
        return Window(
            signal=signal,
            checksum_faults=self.faults(dict(told)) if whole else (),
            sums=tuple(told),
        )

    def cuts(self, samples: int) -> list[tuple[int, int]]:
        """Return stretches of about ``samples`` that cover all there is, in order."""
        return [(k, min(k + samples, self.length)) for k in range(0, self.length, samples)]

    def faults(self, sums: Mapping[int, int]) -> tuple[str, ...]:
        """Return the signals whose sum over all samples, by place, is not the header's."""
        signals = self.header.signals
        return tuple(
            signals[place].name
            for place, total in sums.items()
            if (total - (signals[place].checksum or 0)) % 2**16
        )


def open_single(root: Path, path: Path, label: str, header: HeaderFile | None = None) -> Single:
    """Open the record at ``path`` (without extension). Raises RecordError."""
    header = header or read_header_file(root, path, label)
    if header.segments:
        raise RecordError(f"{label}: a segment can't have segments of its own.")
    files = open_signal_files(path.parent, header.signals, root, label)
    return Single(label=label, folder=path.parent, header=header, files=files)


def read_header_file(root: Path, path: Path, label: str) -> HeaderFile:
    """Read and check the header of the record at ``path`` (without extension)."""
    file = inside(root, path.with_name(path.name + ".hea"))
    try:
        content = file.read_bytes()
    except OSError as error:
        raise RecordError(f"{label}: its header can't be read ({error.strerror}).") from error
    return parse_header(content, label)


def shown_unit(signal: SignalSpec) -> str:
    """Return the unit in which a signal is read: mV, another one, or "uncalibrated"."""
    return to_millivolts(signal.unit)[1] if signal.calibrated else UNCALIBRATED


def check_window(label: str, start: int, stop: int, length: int, leads: int) -> None:
    """Raise RecordError unless ``start`` to ``stop`` is a stretch that can be read at once."""
    if not 0 <= start <= stop <= length:
        raise RecordError(f"{label}: samples {start} to {stop} are not within 0 to {length}.")
    if (stop - start) * leads > MAX_VALUES:
        raise RecordError(
            f"{label}: {stop - start} samples of {leads} leads are too many to read at once; "
            "read it window by window."
        )


def _read_file(
    file: SignalFile, out: NDArray[np.float32], start: int, stop: int, label: str
) -> list[int]:
    """Fill ``out`` (n, signals) with physical values; return each signal's sum of samples."""
    sums = [0] * len(file.signals)
    # A skewed signal stands so many frames later in the file than the others.
    last = min(stop + max(signal.skew for signal in file.signals), file.frames)
    for first, digital in read_chunks(file, start, last, label):
        for column, (spec, values) in enumerate(zip(file.signals, digital, strict=True)):
            sums[column] += int(values.sum(dtype=np.int64))
            physical = _physical(spec, values)
            into = first - spec.skew - start
            keep = slice(max(-into, 0), max(stop - start - into, 0))
            physical = physical[keep]
            at = max(into, 0)
            out[at : at + len(physical), column] = physical
    return sums


def _physical(spec: SignalSpec, digital: NDArray[Any]) -> NDArray[np.float64]:
    """Return values in mV (or the signal's unit), one a frame, NaN where missing.

    A signal with several samples a frame is averaged over the frame, as ``wfdb.rdrecord`` does.
    """
    factor = to_millivolts(spec.unit)[0] if spec.calibrated else 1.0
    values = (digital.astype(np.float64) - spec.baseline) * (factor / spec.gain)
    invalid = invalid_value(spec.format)
    if invalid is not None:
        values[digital == invalid] = np.nan
    if spec.samples_per_frame > 1:
        values = values.reshape(-1, spec.samples_per_frame).mean(axis=1)
    return values
