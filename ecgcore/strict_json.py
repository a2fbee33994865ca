"""JSON that every reader takes: NaN and infinities, which it has no words for, become null."""

import json
import math
import re
from typing import Any, Final

import numpy as np

# A list without lists or objects in it; a line break after the bracket is never within a text.
_FLAT: Final = re.compile(r"\[\n([^\[\]{}]*)\n\s*\]")


def to_json(document: Any, *, indent: int | None = None) -> str:
    """Return ``document`` as strict JSON: NumPy values as plain ones, no finite number as null."""
    return json.dumps(_plain(document), allow_nan=False, ensure_ascii=indent is None, indent=indent)


def readable_json(document: Any) -> str:
    """Return ``document`` as strict JSON that a person reads and git compares, with its last line.

    Indented; a list of plain values, such as a curve, takes one line.
    """
    return _FLAT.sub(_in_a_line, to_json(document, indent=1)) + "\n"


def _in_a_line(found: re.Match[str]) -> str:
    return "[" + " ".join(line.strip() for line in found[1].split("\n")) + "]"


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case np.ndarray() | np.generic():
            return _plain(value.tolist())
        case float() if not math.isfinite(value):
            return None
        case _:
            return value
