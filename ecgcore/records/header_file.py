r"""The text of a WFDB header file, read strictly.

The format is that of header(5) in the WFDB Applications Guide. We depart from the usual readers
in refusing what can't be meant: they read a rate of ``-360`` as 250 and one of ``1e300`` as 1,
and they believe any number of samples. Whatever the bytes, the outcome is a header within the
limits below or a RecordError.
"""

import math
import re
from dataclasses import dataclass, replace
from typing import Final, NoReturn

from ecgcore.errors import RecordError
from ecgcore.records.names import is_plain_name

FORMATS: Final = (
    "8",
    "16",
    "24",
    "32",
    "61",
    "80",
    "160",
    "212",
    "310",
    "311",
    "508",
    "516",
    "524",
)
DEFAULT_FS: Final = 250.0  # Hz, where the header gives none: header(5)
DEFAULT_GAIN: Final = 200.0  # adu/mV, where the header gives none or 0: header(5)
FS_RANGE: Final = (50.0, 2000.0)  # Hz
MAX_BYTES: Final = 2 * 2**20
MAX_SIGNALS: Final = 256
MAX_SEGMENTS: Final = 10_000
MAX_SAMPLES_PER_FRAME: Final = 100
MAX_SKEW_SECONDS: Final = 10.0
MAX_LENGTH: Final = 2**40  # samples; the file's size is the real bound, this one keeps sums exact
NO_SIGNAL: Final = "~"  # stands for a gap, as a segment's or a signal file's name

# ASCII: \d would take the digits of any script, and int() would read them.
_RATE = re.compile(r"(\d+\.?\d*|\.\d+)(/-?[\d.]+(\(-?[\d.]+\))?)?", re.ASCII)
_FORMAT = re.compile(r"(\d{1,6})(?:x(\d{1,12}))?(?::(\d{1,12}))?(?:\+(\d{1,15}))?", re.ASCII)
_GAIN = re.compile(
    r"(-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?)(?:\((-?\d{1,12})\))?(?:/(\S+))?", re.ASCII | re.I
)
_WHOLE = re.compile(r"-?\d{1,15}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class SignalSpec:
    """One signal line."""

    file: str  # "~" where there is none
    format: str
    samples_per_frame: int
    skew: int  # frames
    byte_offset: int
    gain: float  # adu per unit; DEFAULT_GAIN where not calibrated
    baseline: int  # adu at 0 units
    unit: str
    calibrated: bool
    initial: int  # adu; what the differences of format 8 start from
    checksum: int | None  # 16-bit sum of all samples; None where not given
    name: str


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One segment line."""

    name: str  # "~" for a gap
    length: int  # samples


@dataclass(frozen=True, kw_only=True)
class HeaderFile:
    """A header: of signals, or (``segments`` not empty) of segments that have headers."""

    fs: float  # Hz
    length: int | None  # samples (frames); None where the file leaves it open
    signal_count: int
    signals: tuple[SignalSpec, ...]
    segments: tuple[Segment, ...]
    comments: tuple[str, ...]


def parse_header(content: bytes, label: str) -> HeaderFile:
    """Parse the bytes of a header file; ``label`` names the record in messages.

    Raises RecordError for whatever is not a header within the limits of this module.
    """
    if len(content) > MAX_BYTES:
        _refuse(label, f"the header has {len(content)} bytes; at most {MAX_BYTES} are read")
    if b"\0" in content:
        _refuse(label, "not a WFDB header (it holds binary data)")
    lines, comments = _split(_decode(content))
    if not lines:
        _refuse(label, "not a WFDB header (it has no record line)")
    name, count, fs, length = _record_line(lines[0], label)
    if "/" in name:
        segments = _segments(lines[1:], name.partition("/")[2], length, label)
        return HeaderFile(
            fs=fs,
            length=sum(s.length for s in segments),
            signal_count=count,
            signals=(),
            segments=segments,
            comments=comments,
        )
    if len(lines) - 1 < count:
        _refuse(label, f"the header announces {count} signals and describes {len(lines) - 1}")
    signals = tuple(_signal_line(line, fs, label) for line in lines[1 : count + 1])
    return HeaderFile(
        fs=fs,
        length=length,
        signal_count=count,
        signals=_with_unique_names(signals),
        segments=(),
        comments=comments,
    )


def _refuse(label: str, reason: str) -> NoReturn:
    raise RecordError(f"{label}: {reason}.")


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")  # older files: µV and people's names


def _split(text: str) -> tuple[list[str], tuple[str, ...]]:
    # Only line ends of text files: str.splitlines would also break at form feeds and the like.
    lines = [line.strip() for line in re.split(r"\r\n|\n|\r", text)]
    comments = tuple(line.lstrip("#").strip() for line in lines if line.startswith("#"))
    return [line for line in lines if line and not line.startswith("#")], comments


def _record_line(line: str, label: str) -> tuple[str, int, float, int | None]:
    fields = line.split()
    if len(fields) < 2 or not _WHOLE.fullmatch(fields[1]):
        _refuse(label, "not a WFDB header (its first line is no record line)")
    count = int(fields[1])
    if count < 1:
        _refuse(label, f"the header announces {count} signals; there is nothing to read")
    if count > MAX_SIGNALS:
        _refuse(label, f"the header announces {count} signals; at most {MAX_SIGNALS} are read")
    fs = _rate(fields[2], label) if len(fields) > 2 else DEFAULT_FS
    length = _whole(fields[3], "number of samples", label) if len(fields) > 3 else 0
    if not 0 <= length <= MAX_LENGTH:
        _refuse(label, f"a recording can't have {length} samples")
    return fields[0], count, fs, length or None  # 0 means "not given" in header(5)


def _rate(text: str, label: str) -> float:
    match = _RATE.fullmatch(text)
    low, high = FS_RANGE
    fs = float(match[1]) if match else math.nan
    if not low <= fs <= high:
        _refuse(
            label,
            f"the sampling rate is given as {_shown(text)}; "
            f"rates from {low:g} to {high:g} Hz can be read",
        )
    return fs


def _segments(lines: list[str], count: str, length: int | None, label: str) -> tuple[Segment, ...]:
    if not count.isascii() or not count.isdigit() or not 1 <= len(count) <= 9:
        _refuse(label, f"the number of segments is given as {_shown(count)}")
    if not 1 <= int(count) <= MAX_SEGMENTS:
        _refuse(label, f"the header announces {int(count)} segments; 1 to {MAX_SEGMENTS} are read")
    if len(lines) < int(count):
        _refuse(label, f"the header announces {int(count)} segments and lists {len(lines)}")
    segments = tuple(_segment_line(line, label) for line in lines[: int(count)])
    total = sum(segment.length for segment in segments)
    if length is not None and total != length:
        _refuse(label, f"the segments hold {total} samples together; the header says {length}")
    if not 0 < total <= MAX_LENGTH:
        _refuse(label, f"the segments hold {total} samples together")
    return segments


def _segment_line(line: str, label: str) -> Segment:
    fields = line.split()
    if len(fields) < 2:
        _refuse(label, f"{_shown(line)} describes no segment")
    length = _whole(fields[1], f"length of segment {_shown(fields[0])}", label)
    if length < 0:
        _refuse(label, f"segment {_shown(fields[0])} has {length} samples")
    _check_file_name(fields[0], label)
    return Segment(name=fields[0], length=length)


def _signal_line(line: str, fs: float, label: str) -> SignalSpec:
    fields = line.split(None, 8)
    storage = _FORMAT.fullmatch(fields[1]) if len(fields) > 1 else None
    if storage is None:
        _refuse(label, f"{_shown(line)} describes no signal")
    _check_file_name(fields[0], label)
    missing = fields[0] == NO_SIGNAL
    if storage[1] not in FORMATS and not (missing and storage[1] == "0"):
        _refuse(
            label,
            f"storage format {storage[1]} is unknown; these can be read: {', '.join(FORMATS)}",
        )
    per_frame, skew, offset = (
        int(storage[i] or default) for i, default in ((2, 1), (3, 0), (4, 0))
    )
    if not 1 <= per_frame <= MAX_SAMPLES_PER_FRAME:
        _refuse(label, f"{per_frame} samples a frame; 1 to {MAX_SAMPLES_PER_FRAME} can be read")
    if skew > MAX_SKEW_SECONDS * fs:
        _refuse(label, f"a skew of {skew} samples; at most {MAX_SKEW_SECONDS:g} s can be read")
    gain, baseline, unit = _gain(fields[2], label) if len(fields) > 2 else (0.0, None, "mV")
    whole = ("ADC resolution", "ADC zero", "first value", "checksum", "block size")
    numbers = [_whole(text, what, label) for text, what in zip(fields[3:8], whole, strict=False)]
    zero = numbers[1] if len(numbers) > 1 else 0
    return SignalSpec(
        file=fields[0],
        format=storage[1],
        samples_per_frame=per_frame,
        skew=skew,
        byte_offset=offset,
        gain=gain or DEFAULT_GAIN,
        baseline=zero if baseline is None else baseline,
        unit=unit,
        calibrated=gain != 0,
        initial=numbers[2] if len(numbers) > 2 else zero,
        checksum=numbers[3] if len(numbers) > 3 else None,
        name=_printable(fields[8]) if len(fields) > 8 else "",
    )


def _gain(text: str, label: str) -> tuple[float, int | None, str]:
    match = _GAIN.fullmatch(text)
    gain = float(match[1]) if match else math.nan
    if match is None or not (gain == 0 or 1e-9 <= abs(gain) <= 1e12):
        _refuse(label, f"the gain is given as {_shown(text)}; a number of adu a unit is needed")
    return gain, int(match[2]) if match[2] else None, _printable(match[3] or "mV")


def _check_file_name(name: str, label: str) -> None:
    if name != NO_SIGNAL and not is_plain_name(name):
        _refuse(label, f"the header names the file {_shown(name)}; only plain names are followed")


def _whole(text: str, what: str, label: str) -> int:
    if not _WHOLE.fullmatch(text):
        _refuse(label, f"the {what} is given as {_shown(text)}; a whole number is needed")
    return int(text)


def _with_unique_names(signals: tuple[SignalSpec, ...]) -> tuple[SignalSpec, ...]:
    """Give each signal a name of its own: leads are chosen by name."""
    taken: set[str] = set()
    named = []
    for number, signal in enumerate(signals, 1):
        base = signal.name or f"signal {number}"
        name, copy = base, 2
        while name in taken:
            name, copy = f"{base} ({copy})", copy + 1
        taken.add(name)
        named.append(replace(signal, name=name))
    return tuple(named)


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()[:80]


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")
