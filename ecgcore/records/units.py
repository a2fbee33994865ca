"""Units of signals: voltages become mV, everything else stays what it is."""

from typing import Final

UNCALIBRATED: Final = "uncalibrated"

_MILLIVOLTS: Final = {
    "mv": 1.0,
    "uv": 1e-3,
    "\N{MICRO SIGN}v": 1e-3,
    "\N{GREEK SMALL LETTER MU}v": 1e-3,
    "nv": 1e-6,
    "v": 1e3,
}


def to_millivolts(unit: str) -> tuple[float, str]:
    """Return what to multiply by, and the unit that results: ``mV`` for any voltage.

    A unit that is no voltage (``mmHg``, ``l/min``, …) keeps factor 1 and its name. Letter case
    is not looked at: an ECG in megavolts is a header in capitals.
    """
    factor = _MILLIVOLTS.get(unit.lower())
    return (1.0, unit) if factor is None else (factor, "mV")
