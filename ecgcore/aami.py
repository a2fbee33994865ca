"""AAMI EC57 beat classes and the MIT-BIH symbols that they gather.

Source: ANSI/AAMI EC57:2012 and the WFDB annotation code table. Symbols that name no beat
(``+ ~ | ! [ ] x " ( )`` and so on) have no class. ``B n r ?`` are beat symbols outside EC57's
own list: the PhysioNet convention puts bundle branch block (``B``) with N, supraventricular
escape (``n``) with S, R-on-T (``r``) with V and a beat not classified (``?``) with Q. None of
the four occurs in mitdb, so the DS1/DS2 counts do not depend on it.
"""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

AamiClass = Literal["N", "S", "V", "F", "Q"]

AAMI_CLASSES: Final[tuple[AamiClass, ...]] = ("N", "S", "V", "F", "Q")

AAMI_NAMES: Final[dict[str, str]] = {
    "N": "normal or bundle branch block",
    "S": "supraventricular ectopic",
    "V": "ventricular ectopic",
    "F": "fusion of ventricular and normal",
    "Q": "paced, fused with paced, or unclassifiable",
}

_SYMBOLS: Final[dict[AamiClass, str]] = {
    "N": "NLRejB",
    "S": "AaJSn",
    "V": "VEr",
    "F": "F",
    "Q": "/fQ?",
}

SYMBOL_CLASS: Final[dict[str, AamiClass]] = {
    symbol: aami for aami, symbols in _SYMBOLS.items() for symbol in symbols
}


def aami_classes(symbols: NDArray[np.str_]) -> NDArray[np.str_]:
    """Return the AAMI class of each symbol, ``""`` where the symbol is no beat.

    Parameters: ``symbols`` of shape (n,). Returns shape (n,), dtype ``<U1``.
    """
    known, where = np.unique(symbols, return_inverse=True)
    table = np.array([SYMBOL_CLASS.get(str(symbol), "") for symbol in known], dtype="<U1")
    return table[where] if known.size else np.empty(0, dtype="<U1")
