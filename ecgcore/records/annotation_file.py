"""The bytes of a WFDB annotation file (MIT format): times, codes and notes.

The format is that of annot(5) in the WFDB Applications Guide. ``wfdb.rdann`` reads anything as
annotations (a file of random bytes as hundreds of thousands of beats) and gives undefined codes a
float NaN for a symbol; this reader checks the file's structure and keeps the codes.
"""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgcore.errors import RecordError
from ecgcore.schema import IntArray, StrArray

MAX_BYTES: Final = 64 * 2**20

# ecgcodes(3): code -> symbol. 15, 17 and 42 up are not defined; a file may define 42 to 49.
SYMBOLS: Final[dict[int, str]] = {
    code: symbol
    for code, symbol in enumerate(' NLRaVFJASEj/Q~ | sT*D"=pB^t+u?![]en@xf()r')
    if code == 0 or symbol != " "
}
# Begins our notes on a file. Not "##": wfdb 4.3.1 never ends reading one that it doesn't know.
ABOUT: Final = "# BeatLens "
_NOTE, _SKIP, _NUM, _SUB, _CHAN, _AUX = 22, 59, 60, 61, 62, 63
_RESOLUTION = re.compile(r"## time resolution: (\d{1,9}(?:\.\d{1,9})?)", re.ASCII)
_DEFINITION = re.compile(r"(\d{1,2}) (\S{1,8})( .*)?", re.ASCII)


@dataclass(frozen=True, kw_only=True, eq=False)
class RawAnnotations:
    """What the file says, in the file's order."""

    sample: IntArray  # (n,), in ticks of the file's own resolution
    symbol: StrArray  # (n,), "#45" where the code is not defined
    defined: tuple[bool, ...]  # n
    aux: tuple[str, ...]  # n
    fields: IntArray  # (n, 3): subtype, channel and num
    fs: float | None  # ticks a second, where the file says so
    about: tuple[str, ...] = ()  # our own notes on where the file comes from, without ABOUT


def parse_annotations(content: bytes, label: str) -> RawAnnotations:
    """Parse an annotation file; ``label`` names it in messages.

    Raises RecordError where the bytes are no annotation file: too many, an odd number of them,
    no end mark, or a note or a skip that reaches beyond the end.
    """
    if len(content) > MAX_BYTES:
        raise RecordError(f"{label}: {len(content)} bytes are too many for annotations.")
    if len(content) % 2 or content[-2:] != b"\0\0":
        raise RecordError(
            f"{label} is no annotation file, or it is cut short: it does not end with the end mark."
        )
    sample, code, aux, fields = _walk(content, label)
    fs, own_symbols, keep, about = _definitions(code, aux)
    symbols = own_symbols | SYMBOLS
    kept = [code[i] for i in keep]
    return RawAnnotations(
        sample=np.array([sample[i] for i in keep], dtype=np.int64),
        symbol=np.array([symbols.get(c, f"#{c}") for c in kept], dtype=np.str_),
        defined=tuple(c in symbols for c in kept),
        aux=tuple(aux[i] for i in keep),
        fields=np.array([fields[i] for i in keep], dtype=np.int64).reshape(-1, 3),
        fs=fs,
        about=about,
    )


def _walk(
    content: bytes, label: str
) -> tuple[list[int], list[int], list[str], list[tuple[int, int, int]]]:
    words = np.frombuffer(content, dtype="<u2").tolist()
    sample: list[int] = []
    code: list[int] = []
    aux: list[str] = []
    fields: list[tuple[int, int, int]] = []
    now, at = 0, 0
    while at < len(words):
        kind, value = words[at] >> 10, words[at] & 1023
        at += 1
        if kind == 0 and value == 0:
            break  # the end mark
        if kind == _SKIP:
            if at + 2 > len(words):
                raise RecordError(f"{label} is no annotation file: a skip reaches beyond its end.")
            ticks = words[at] << 16 | words[at + 1]
            now += ticks - 2**32 if ticks >= 2**31 else ticks
            at += 2
        elif kind == _AUX:
            size = value & 255
            if 2 * at + size > len(content):
                raise RecordError(f"{label} is no annotation file: a note reaches beyond its end.")
            if aux:
                note = content[2 * at : 2 * at + size]
                aux[-1] = note.decode("utf-8", "replace").partition("\0")[0]
            at += (size + 1) // 2
        elif kind in (_NUM, _SUB, _CHAN):
            if fields:
                subtype, channel, num = fields[-1]
                signed = (value & 255) - 2 * (value & 128)
                fields[-1] = (
                    signed if kind == _SUB else subtype,
                    value & 255 if kind == _CHAN else channel,
                    signed if kind == _NUM else num,
                )
        else:
            now += value
            sample.append(now)
            code.append(kind)
            aux.append("")
            # Channel and num hold until they change, a subtype is one annotation's own.
            fields.append((0, *fields[-1][1:]) if fields else (0, 0, 0))
    return sample, code, aux, fields


def _definitions(
    code: list[int], aux: list[str]
) -> tuple[float | None, dict[int, str], list[int], tuple[str, ...]]:
    """Take out the notes that speak of the file itself; return which others stay.

    They give the resolution in ticks a second, and symbols for codes that WFDB leaves free; what
    else they say is returned last.
    """
    fs: float | None = None
    symbols: dict[int, str] = {}
    keep: list[int] = []
    about: list[str] = []
    defining = False
    for index, (kind, note) in enumerate(zip(code, aux, strict=True)):
        definition = _DEFINITION.fullmatch(note) if defining and kind == _NOTE else None
        if definition:
            symbols[int(definition[1])] = definition[2]
        elif kind == _NOTE and note.startswith("## "):
            resolution = _RESOLUTION.match(note)
            if resolution and float(resolution[1]) > 0:
                fs = float(resolution[1])
            defining = note.startswith("## annotation type definitions")
        elif kind == _NOTE and note.startswith(ABOUT):
            about.append(note.removeprefix(ABOUT))
        elif kind != 0:  # code 0 marks no event: it only carries modifiers
            keep.append(index)
    return fs, symbols, keep, tuple(about)
