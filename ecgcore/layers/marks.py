"""The marks of a layer that can be edited, and what can become of one.

What can be edited are beats, one a sample, and what says something of a stretch: changes of rhythm
(``+`` with the rhythm in its note) and ventricular flutter, ``[`` to ``]``, one of a kind a sample.
Other marks (signal quality, comments, waves) stay as the layer began with them.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from ecgcore.aami import SYMBOL_CLASS

BEAT_SYMBOLS: Final = tuple(SYMBOL_CLASS)

RHYTHM: Final = "+"
FLUTTER: Final = {"[": "ventricular flutter begins", "]": "ventricular flutter ends"}
STRETCH_SYMBOLS: Final = (RHYTHM, *FLUTTER)
# The notes of changes of rhythm, as MIT-BIH's annotators wrote them.
RHYTHMS: Final = {
    "(N": "normal sinus rhythm",
    "(AFIB": "atrial fibrillation",
    "(AFL": "atrial flutter",
    "(AB": "atrial bigeminy",
    "(SVTA": "supraventricular tachyarrhythmia",
    "(SBR": "sinus bradycardia",
    "(BII": "2nd degree heart block",
    "(NOD": "nodal rhythm",
    "(PREX": "pre-excitation",
    "(B": "ventricular bigeminy",
    "(T": "ventricular trigeminy",
    "(IVR": "idioventricular rhythm",
    "(VT": "ventricular tachycardia",
    "(VFL": "ventricular flutter",
    "(P": "paced rhythm",
}

Place = tuple[int, str]  # sample, "" for a beat or the symbol of what says something of a stretch


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One beat or change of rhythm, with all that its annotation file says of it."""

    sample: int  # absolute
    symbol: str
    aux: str = ""
    fields: tuple[int, int, int] = (0, 0, 0)  # subtype, channel, num

    @property
    def kind(self) -> str:
        """Its symbol, empty for a beat."""
        return self.symbol if self.symbol in STRETCH_SYMBOLS else ""

    @property
    def place(self) -> Place:
        """Where it stands, and among what: there is one beat, and one of each kind, a sample."""
        return self.sample, self.kind

    @property
    def words(self) -> str:
        """What it is called: a beat's symbol, or the rhythm."""
        return f"rhythm {self.aux}" if self.symbol == RHYTHM else self.symbol

    def to_json(self) -> list[Any]:
        """Return plain values; what is as it always is, is left out."""
        rest = [self.aux, *self.fields] if self.aux or any(self.fields) else []
        return [self.sample, self.symbol, *rest]

    @classmethod
    def from_json(cls, values: list[Any]) -> "Mark":
        """Return the mark that ``to_json`` wrote."""
        sample, symbol, *rest = values
        if not rest:
            return cls(sample=sample, symbol=symbol)
        aux, subtype, channel, num = rest
        return cls(sample=sample, symbol=symbol, aux=aux, fields=(subtype, channel, num))


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became of one mark."""

    before: Mark | None
    after: Mark | None

    def inverse(self) -> "Change":
        """Return the change back."""
        return Change(before=self.after, after=self.before)


def aami_class(mark: Mark) -> str:
    """Return a mark's AAMI class, "" where it is no beat; Q for a code that nobody defined."""
    return "" if mark.kind else SYMBOL_CLASS.get(mark.symbol, "Q")


def added(sample: int, symbol: str) -> Change:
    """Return the change that adds a beat, or a mark of flutter."""
    return Change(before=None, after=Mark(sample=sample, symbol=symbol))


def rhythm_added(sample: int, rhythm: str) -> Change:
    """Return the change that lets a rhythm, such as "(AFIB", begin at a sample."""
    return Change(before=None, after=Mark(sample=sample, symbol=RHYTHM, aux=rhythm))


def rhythm_changed(mark: Mark, rhythm: str) -> Change:
    """Return the change that makes a change of rhythm one to another rhythm."""
    return Change(before=mark, after=replace(mark, aux=rhythm))


def deleted(mark: Mark) -> Change:
    """Return the change that deletes a mark."""
    return Change(before=mark, after=None)


def moved(mark: Mark, sample: int) -> Change:
    """Return the change that moves a mark; what is said of it stays."""
    return Change(before=mark, after=replace(mark, sample=sample))


def relabelled(mark: Mark, symbol: str) -> Change:
    """Return the change that gives a beat another symbol; a subtype was the old one's own."""
    after = replace(mark, symbol=symbol, fields=(0, *mark.fields[1:]))
    return Change(before=mark, after=after)


def told(change: Change, fs: float) -> str:
    """Say a change: "N at 12.345 s added"."""

    def place(mark: Mark) -> str:
        return f"{mark.words} at {mark.sample / fs:.3f} s"

    match change.before, change.after:
        case None, Mark() as after:
            return f"{place(after)} added"
        case Mark() as before, None:
            return f"{place(before)} deleted"
        case Mark() as before, Mark() as after if before.sample != after.sample:
            return f"{place(before)} moved to {after.sample / fs:.3f} s"
        case Mark() as before, Mark() as after:
            return f"{place(before)} relabelled {after.aux if after.kind else after.symbol}"
        case _:
            return ""
