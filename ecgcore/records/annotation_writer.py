"""Annotations written as a WFDB annotation file (MIT format), the other half of annotation_file.

Facts about the file itself are notes at the first sample: its resolution, as WFDB's own tools write
it, and where it comes from, each with ``ABOUT`` before it. Our reader takes them out again, as wfdb
does, so what was written is what is read.
"""

import re
from typing import Final

import numpy as np

from ecgcore.errors import RecordError
from ecgcore.records.annotation_file import ABOUT, SYMBOLS
from ecgcore.schema import Annotations, IntArray

MAX_NOTE_BYTES: Final = 255
_CODES: Final = {symbol: code for code, symbol in SYMBOLS.items() if code}
_NOTE, _SKIP, _NUM, _SUB, _CHAN, _AUX = 22, 59, 60, 61, 62, 63
_MAX_STEP: Final = 1023
_OWN_CODES: Final = range(42, 50)  # those that a file may define
_LAST_CODE: Final = 49
_OWN_SYMBOL: Final = re.compile(r"\S{1,8}")


def annotation_bytes(
    annotations: Annotations, *, fs: float | None = None, about: tuple[str, ...] = ()
) -> bytes:
    """Return the file. ``about``: sentences of the file itself, each in a note of its own.

    Samples are written as they are, with ``fs`` as the file's resolution in ticks a second. Notes
    beyond WFDB's 255 bytes are cut with an ellipsis. Raises RecordError where an annotation has a
    symbol without a code, stands before the first sample, or before the annotation before it.
    """
    front = [] if fs is None else [f"## time resolution: {fs:.9g}"]
    out = bytearray()
    codes = _codes(annotations)
    own = {
        code: symbol for symbol, code in codes.items() if code in _OWN_CODES and symbol[0] != "#"
    }
    if own:
        front.append("## annotation type definitions")
        front += [f"{code} {symbol} of this file" for code, symbol in own.items()]
        front.append("## end of definitions")
    front += [f"{ABOUT}{text}" for text in about]
    for text in front:
        out += _word(_NOTE, 0) + _note(text)
    _refuse(annotations.sample)
    fields = annotations.fields
    rows = np.zeros((annotations.sample.size, 3), dtype=np.int64) if fields is None else fields
    now, channel, num = 0, 0, 0
    marks = zip(
        annotations.sample.tolist(),
        annotations.symbol.tolist(),
        annotations.aux,
        rows.tolist(),
        strict=True,
    )
    for sample, symbol, aux, (subtype, its_channel, its_num) in marks:
        step = sample - now
        if step > _MAX_STEP:
            out += _word(_SKIP, 0) + _word(0, 0, step >> 16) + _word(0, 0, step & 0xFFFF)
            step = 0
        out += _word(codes[symbol], step)
        now = sample
        if subtype:
            out += _word(_SUB, subtype & 255)
        if its_channel != channel:
            out += _word(_CHAN, its_channel & 255)
        if its_num != num:
            out += _word(_NUM, its_num & 255)
        channel, num = its_channel, its_num
        if aux:
            out += _note(aux)
    return bytes(out + b"\0\0")


def _refuse(sample: IntArray) -> None:
    if sample.size and (int(sample[0]) < 0 or bool((np.diff(sample) < 0).any())):
        raise RecordError("Annotations must stand in order of time, from sample 0 on.")
    if sample.size and int(np.diff(sample, prepend=0).max()) >= 2**31:
        raise RecordError("Two annotations are more than 2³¹ samples apart: WFDB can't say that.")


def _codes(annotations: Annotations) -> dict[str, int]:
    """Return the code of each symbol there is; WFDB's own, else one it leaves to the file."""
    codes: dict[str, int] = {}
    others = []
    for symbol in dict.fromkeys(annotations.symbol.tolist()):
        number = symbol.removeprefix("#")
        if symbol in _CODES:
            codes[symbol] = _CODES[symbol]
        elif symbol.startswith("#") and number.isdecimal() and 0 < int(number) <= _LAST_CODE:
            codes[symbol] = int(number)  # what our reader calls a code that nobody defined
        else:
            others.append(symbol)
    free = [code for code in _OWN_CODES if code not in codes.values()]
    for symbol in others:
        if not free or not _OWN_SYMBOL.fullmatch(symbol):
            raise RecordError(f"WFDB has no code for the annotation symbol {symbol!r}.")
        codes[symbol] = free.pop(0)
    return codes


def _note(text: str) -> bytes:
    content = text.replace("\0", " ").encode()
    if len(content) > MAX_NOTE_BYTES:
        cut = content[: MAX_NOTE_BYTES - 3].decode("utf-8", "ignore")
        content = f"{cut}…".encode()
    return _word(_AUX, len(content)) + content + b"\0" * (len(content) % 2)


def _word(kind: int, value: int, whole: int | None = None) -> bytes:
    return (kind << 10 | value if whole is None else whole).to_bytes(2, "little")
