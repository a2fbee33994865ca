"""A signal file: how many samples it really holds, and its samples as stored.

Sizes are taken from the file, never from the header, and before anything is allocated. Decoding
is wfdb's; its decoder is called below ``wfdb.rdrecord``, which would read the header once more by
laxer rules of its own and as ASCII, so that a file with a Korean name could not be opened.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from numpy.typing import NDArray
from wfdb.io import _signal as wfdb_signal

from ecgcore.errors import RecordError
from ecgcore.records.header_file import NO_SIGNAL, SignalSpec
from ecgcore.records.names import inside

FLAC_FORMATS: Final = ("508", "516", "524")
CHUNK_VALUES: Final = 2**20  # samples decoded at once: bounds what a read needs beside its result
_BYTES: Final = {"8": 1, "80": 1, "16": 2, "61": 2, "160": 2, "24": 3, "32": 4}
# A FLAC stream states its own length. Even a constant signal is not packed tighter than this.
_MAX_FLAC_FRAMES_PER_BYTE: Final = 2**14


@dataclass(frozen=True, kw_only=True)
class SignalFile:
    """One signal file and the signals interleaved in it."""

    path: Path
    signals: tuple[SignalSpec, ...]
    frames: int  # that the file holds: one sample of each signal, or several

    @property
    def values_per_frame(self) -> int:
        """Samples that one frame takes."""
        return sum(signal.samples_per_frame for signal in self.signals)


def open_signal_files(
    folder: Path, signals: tuple[SignalSpec, ...], root: Path, label: str
) -> tuple[SignalFile | None, ...]:
    """Find the files of consecutive signals; None stands for signals that have none (``~``).

    Raises RecordError where a file is missing, leads out of ``root``, or mixes storage formats.
    """
    files: list[SignalFile | None] = []
    seen: set[str] = set()
    for name, group in groupby(signals, key=lambda signal: signal.file):
        specs = tuple(group)
        if name == NO_SIGNAL:
            files.extend(None for _ in specs)
            continue
        layouts = {(spec.format, spec.byte_offset) for spec in specs}
        if name in seen or len(layouts) > 1:
            raise RecordError(f"{label}: the header describes {name} in two ways.")
        seen.add(name)
        path = inside(root, folder / name)
        if not path.is_file():
            raise RecordError(f"{label}: its signal file {name} is not there; put it beside.")
        files.append(SignalFile(path=path, signals=specs, frames=_frames(path, specs, label)))
    return tuple(files)


def read_chunks(
    file: SignalFile, start: int, stop: int, label: str
) -> Iterator[tuple[int, list[NDArray[Any]]]]:
    """Yield (first frame, digital samples of each signal) over the frames ``start`` to ``stop``.

    Each array holds ``samples_per_frame`` samples a frame. Raises RecordError where the file
    can't be decoded. Format 8 stores differences, so it is read from its first frame on.
    """
    step = max(1, CHUNK_VALUES // file.values_per_frame)
    differences = file.signals[0].format == "8"
    initial = [signal.initial for signal in file.signals]
    for first in range(0 if differences else start, stop, step):
        last = min(first + step, stop)
        try:
            samples = _decode(file, first, last, initial)
        except Exception as error:  # whatever a decoder makes of foreign bytes
            raise RecordError(
                f"{label}: {file.path.name} can't be decoded as format {file.signals[0].format}."
            ) from error
        if differences:
            initial = [int(values[-1]) for values in samples]
        if last > start:
            skip = max(start - first, 0)
            yield (
                first + skip,
                [
                    values[skip * signal.samples_per_frame :]
                    for values, signal in zip(samples, file.signals, strict=True)
                ],
            )


def invalid_value(storage: str) -> int | None:
    """Return the digital value that stands for a missing sample; None where there is none."""
    value = wfdb_signal.INVALID_SAMPLE_VALUE[storage]
    return None if value is None else int(value)


def _decode(file: SignalFile, first: int, last: int, initial: list[int]) -> list[NDArray[Any]]:
    signals = file.signals
    decoded: list[NDArray[Any]] = wfdb_signal._rd_dat_signals(
        file_name=file.path.name,
        dir_name=str(file.path.parent),
        pn_dir=None,
        fmt=signals[0].format,
        n_sig=len(signals),
        sig_len=file.frames,
        byte_offset=signals[0].byte_offset,
        samps_per_frame=[signal.samples_per_frame for signal in signals],
        skew=[0] * len(signals),
        init_value=initial,
        sampfrom=first,
        sampto=last,
    )
    return decoded


def _frames(path: Path, signals: tuple[SignalSpec, ...], label: str) -> int:
    storage, offset = signals[0].format, signals[0].byte_offset
    per_frame = sum(signal.samples_per_frame for signal in signals)
    size = path.stat().st_size
    if storage in FLAC_FORMATS:
        return (_flac_samples(path, size, signals, label) - offset) // signals[0].samples_per_frame
    return _samples(max(size - offset, 0), storage) // per_frame


def _samples(size: int, storage: str) -> int:
    """Return how many whole samples ``size`` bytes of a format hold: signal(5)."""
    if storage == "212":  # two in three bytes
        return size * 2 // 3
    if storage in ("310", "311"):  # three in four bytes; the two differ in a broken last block
        blocks, rest = divmod(size, 4)
        return 3 * blocks + (0, 0, 1, 1 if storage == "310" else 2)[rest]
    return size // _BYTES[storage]


def _flac_samples(path: Path, size: int, signals: tuple[SignalSpec, ...], label: str) -> int:
    import soundfile

    try:
        info = soundfile.info(str(path))
    except Exception as error:
        raise RecordError(
            f"{label}: {path.name} is not a FLAC file, as its header says."
        ) from error
    if info.channels != len(signals) or len({s.samples_per_frame for s in signals}) > 1:
        raise RecordError(
            f"{label}: {path.name} holds {info.channels} signals and is described with "
            f"{len(signals)}, or with different samples a frame."
        )
    if not 0 <= info.frames <= size * _MAX_FLAC_FRAMES_PER_BYTE:
        raise RecordError(
            f"{label}: {path.name} claims {info.frames} samples in {size} bytes; it is broken."
        )
    return int(info.frames)
