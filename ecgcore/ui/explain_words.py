"""What is said of one explanation: its size, what it is compared with, what else had a part."""

import math

from ecgcore.explain.registry import ExplainerEntry
from ecgcore.schema import Explanation
from ecgcore.ui.text import number, signed

_SMALL = 0.005  # logits: parts below are not worth a word

_NAMED = 3  # parts named beside the waveform


def told(found: Explanation, entry: ExplainerEntry) -> str:
    """Return sentences on the figures behind a map; empty where the method has none."""
    said = []
    if found.reference:
        said.append(f"Compared with {found.reference}.")
    if found.parts:
        parts = (f"{name} {signed(amount, 2)}" for name, amount in _worth(found.parts))
        counted = f"The score is {number(found.score)} logits"
        counted += f", from {number(found.start)}" if found.start else ""
        said.append(f"{counted}: {', '.join(parts)}.")
    if not math.isnan(found.fit):
        said.append(f"Fit of the linear model: R² {number(found.fit)}.")
    if found.signed and found.largest > 0:
        said.append(f"The largest value is {found.largest:.2g} {entry.quantity}.")
    if entry.settings:
        said.append(f"Settings: {entry.settings}.")
    return " ".join(said)


def _worth(parts: tuple[tuple[str, float], ...]) -> list[tuple[str, float]]:
    """Return the parts to name: the waveform always, then the largest, the others together."""
    first, *more = parts
    more.sort(key=lambda part: -abs(part[1]))
    others = sum(amount for _, amount in more[_NAMED:])
    named = [part for part in more[:_NAMED] if abs(part[1]) >= _SMALL]
    return [first, *named, *([("all others", others)] if abs(others) >= _SMALL else [])]
