"""JSON that every reader takes: NaN and infinities, which it has no words for, become null."""

import json
import math
from typing import Any

import numpy as np


def to_json(document: Any, *, indent: int | None = None) -> str:
    """Return ``document`` as strict JSON: NumPy values as plain ones, no finite number as null."""
    return json.dumps(_plain(document), allow_nan=False, ensure_ascii=indent is None, indent=indent)


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
