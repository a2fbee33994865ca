"""What is said of one explanation: its size, what it is compared with, what else had a part."""

import math

from ecgcore.explain.reference import OWN
from ecgcore.explain.registry import ExplainerEntry
from ecgcore.features.channels import RR_CHANNELS
from ecgcore.features.inputs import InputSpec
from ecgcore.schema import Explanation
from ecgcore.ui.text import number, signed

_SMALL = 0.005  # logits: parts below are not worth a word

_NAMED = 3  # parts named beside the waveform
_POOR_FIT = 0.5  # R²: below it a linear model says less than half of what the score does
_MUCH = 0.6  # of the score that no input gets


def caveats(entry: ExplainerEntry, spec: InputSpec | None = None) -> str:
    """Return what must not be concluded from a method's maps; of RR features if ``spec`` has some.

    Without a ``spec`` what holds of any network.
    """
    deaf = spec is not None and not spec.rr
    return entry.beware if deaf or not entry.silent else f"{entry.beware}; {entry.silent}"


def kept(spec: InputSpec) -> str:
    """Return what of an input stays while pieces of the beat are deleted, "" where that is all."""
    stays = ["RR features"] if spec.rr else []
    words = [name for name in spec.channels if name not in OWN]
    if any(name not in RR_CHANNELS for name in words):
        stays.append("neighbouring beats")
    if any(name in RR_CHANNELS for name in words):
        stays.append("rows of RR intervals")
    if not stays:
        return ""
    *first, last = stays
    return f"{', '.join(first)} and {last} stay" if first else f"{last} stay"


def picture_words(spec: InputSpec) -> str:
    """Return what is drawn of the picture that a network sees, "" for one that sees waveforms."""
    if spec.kind == "spectrogram":
        return (
            "Third row: the spectrogram as the network sees it, power in dB in standard deviations "
            "of this beat's own picture; its outline at 1 stands on the map below."
        )
    if spec.kind == "image":
        return (
            "Third row: the beat drawn as the network sees it; the line's outline stands on the "
            "map below."
        )
    return ""


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
        said.append(f"1 on the scale is {found.largest:.2g} {entry.quantity}.")
    if entry.settings:
        said.append(f"Settings: {entry.settings}.")
    return " ".join(said)


def doubts(found: Explanation, entry: ExplainerEntry) -> str:
    """Return why this one map says little, by its own figures; empty where nothing speaks against.

    Of a surrogate model that hardly follows the score, and of a method that shares out the score
    and hands most of it to what no input holds (biases, or what an integral missed).
    """
    if found.fit < _POOR_FIT:
        return (
            f"The linear model hardly follows the network around this beat (R² "
            f"{number(found.fit)}): the pieces act together, and their weights one by one say "
            "little."
        )
    rest = dict(found.parts).get(entry.rest, 0.0) if entry.rest else 0.0
    whole = sum(abs(amount) for _, amount in found.parts)
    if whole > 0 and abs(rest) > _MUCH * whole:
        return (
            f"Most of the score went elsewhere ({entry.rest}: {signed(rest, 2)} logits); the map "
            f"shares out only {signed(found.parts[0][1], 2)}."
        )
    return ""


def _worth(parts: tuple[tuple[str, float], ...]) -> list[tuple[str, float]]:
    """Return the parts to name: the waveform always, then the largest, the others together."""
    first, *more = parts
    more.sort(key=lambda part: -abs(part[1]))
    others = sum(amount for _, amount in more[_NAMED:])
    named = [part for part in more[:_NAMED] if abs(part[1]) >= _SMALL]
    return [first, *named, *([("all others", others)] if abs(others) >= _SMALL else [])]
