"""Edits of a layer's beats, and the annotations that a sequence of them comes to.

An edit is one or more changes; a change has a mark before, after, or both: nothing before is a beat
added, nothing after one deleted. So an edit's inverse is the same with its sides swapped, and a
layer's state is what it began as with all its edits applied in order, undos and redos among them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np

from ecgcore.aami import SYMBOL_CLASS, aami_classes
from ecgcore.errors import LayerError
from ecgcore.schema import Annotations, IntArray

BEAT_SYMBOLS: Final = tuple(SYMBOL_CLASS)

EditKind = Literal["add", "move", "delete", "relabel", "undo", "redo"]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One beat, with all that its annotation file says of it."""

    sample: int  # absolute
    symbol: str
    aux: str = ""
    fields: tuple[int, int, int] = (0, 0, 0)  # subtype, channel, num

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
    """What became of one beat."""

    before: Mark | None
    after: Mark | None

    def inverse(self) -> "Change":
        """Return the change back."""
        return Change(before=self.after, after=self.before)


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One step of a layer's history."""

    number: int  # 1, 2, …: also the layer's version after it
    kind: EditKind
    changes: tuple[Change, ...]
    author: str
    at: float  # s since 1970, the database's clock
    of: int | None = None  # the edit that an undo or a redo is of


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerState:
    """A layer at one of its versions: what it began as, and the beats that are other now."""

    base: Annotations  # its beats on distinct samples
    touched: dict[int, Mark | None]  # by sample; None: the base's beat there is gone

    @cached_property
    def _beats(self) -> tuple[IntArray, IntArray]:
        """Samples of the base's beats, ascending, and their indices in it."""
        index = np.flatnonzero(self.base.aami != "").astype(np.int64)
        return self.base.sample[index], index

    @property
    def count(self) -> int:
        """How many beats there are."""
        samples, _ = self._beats
        gone = int(np.isin(np.array(list(self.touched), dtype=np.int64), samples).sum())
        return samples.size - gone + sum(mark is not None for mark in self.touched.values())

    def mark_at(self, sample: int) -> Mark | None:
        """Return the beat at a sample, None where there is none."""
        if sample in self.touched:
            return self.touched[sample]
        samples, index = self._beats
        place = int(np.searchsorted(samples, sample))
        if place == samples.size or int(samples[place]) != sample:
            return None
        row = int(index[place])
        fields = (0, 0, 0) if self.base.fields is None else self.base.fields[row].tolist()
        return Mark(
            sample=sample,
            symbol=str(self.base.symbol[row]),
            aux=self.base.aux[row],
            fields=tuple(fields),
        )

    def after(self, *steps: Iterable[Change]) -> "LayerState":
        """Return the state with edits' changes made, one edit after the other.

        Raises LayerError where one does not fit: the beat that it changes is not there, or a beat
        is already where it puts one.
        """
        now = LayerState(base=self.base, touched=dict(self.touched))
        now.__dict__["_beats"] = self._beats
        for changes in steps:
            now._make(tuple(changes))
        return now

    def _make(self, changes: tuple[Change, ...]) -> None:
        for before in (c.before for c in changes if c.before is not None):
            if self.mark_at(before.sample) != before:
                raise LayerError(
                    f"There is no beat {before.symbol} at sample {before.sample} any more."
                )
            self.touched[before.sample] = None
        for after in (c.after for c in changes if c.after is not None):
            there = self.mark_at(after.sample)
            if there is not None:
                raise LayerError(
                    f"At sample {after.sample} there is a beat already ({there.symbol})."
                )
            self.touched[after.sample] = after

    def annotations(self, annotator: str) -> Annotations:
        """Return everything in order of time, marks that are no beats as they began."""
        base, count = self.base, self.base.sample.size
        rows = np.zeros((count, 3), np.int64) if base.fields is None else base.fields
        samples, index = self._beats
        place = dict(zip(samples.tolist(), index.tolist(), strict=True))
        keep = np.ones(count, dtype=np.bool_)
        keep[[place[sample] for sample in self.touched if sample in place]] = False
        new = [mark for mark in self.touched.values() if mark is not None]
        sample = np.concatenate([base.sample[keep], np.array([m.sample for m in new], np.int64)])
        symbol = [*base.symbol[keep].tolist(), *(m.symbol for m in new)]
        aami = [*base.aami[keep].tolist(), *(_aami(m.symbol) for m in new)]
        aux = [*(base.aux[i] for i in np.flatnonzero(keep)), *(m.aux for m in new)]
        fields = np.concatenate(
            [rows[keep], np.array([m.fields for m in new], np.int64).reshape(-1, 3)]
        )
        # A beat on a sample of the base's own beats stands where that stood among its neighbours.
        turn = [*np.flatnonzero(keep).tolist(), *(place.get(m.sample, count) for m in new)]
        order = np.lexsort((np.array(turn, dtype=np.int64), sample))
        return Annotations(
            sample=sample[order],
            symbol=np.array(symbol, dtype=np.str_)[order],
            aami=np.array(aami, dtype="<U1")[order],
            aux=tuple(aux[i] for i in order),
            fields=fields[order],
            annotator=annotator,
        )


def _aami(symbol: str) -> str:
    return SYMBOL_CLASS.get(symbol, "Q")  # a code that nobody defined is a beat of class Q


def started(annotations: Annotations) -> LayerState:
    """Return the state of a layer without edits. Of beats on one sample the first stays."""
    beat = annotations.aami != ""
    first = np.zeros(beat.size, dtype=np.bool_)
    where = np.flatnonzero(beat)
    first[where[np.unique(annotations.sample[where], return_index=True)[1]]] = True
    keep = ~beat | first
    fields = annotations.fields
    base = Annotations(
        sample=annotations.sample[keep],
        symbol=annotations.symbol[keep],
        aami=annotations.aami[keep],
        aux=tuple(aux for aux, stays in zip(annotations.aux, keep, strict=True) if stays),
        fields=None if fields is None else fields[keep],
        annotator=annotations.annotator,
    )
    return LayerState(base=base, touched={})


def replayed(state: LayerState, edits: Iterable[Edit]) -> LayerState:
    """Return the state after ``edits``, one after the other."""
    return state.after(*(edit.changes for edit in edits))


def open_ends(edits: Iterable[Edit]) -> tuple[Edit | None, Edit | None]:
    """Return the edit that an undo would take back now, and the one that a redo would make again.

    Whatever is edited after an undo ends what could be made again, as everywhere.
    """
    done: list[Edit] = []
    undone: list[Edit] = []
    for edit in edits:
        if edit.kind == "undo":
            undone.append(done.pop())
        elif edit.kind == "redo":
            done.append(undone.pop())
        else:
            done.append(edit)
            undone.clear()
    return (done[-1] if done else None), (undone[-1] if undone else None)


def beat_annotations(sample: IntArray, symbols: Iterable[str], annotator: str) -> Annotations:
    """Return beats (n,) as annotations: what a layer of detections or predictions begins as."""
    symbol = np.array(list(symbols), dtype="<U8")
    return Annotations(
        sample=sample.astype(np.int64),
        symbol=symbol,
        aami=aami_classes(symbol),
        aux=("",) * sample.size,
        annotator=annotator,
    )


def added(sample: int, symbol: str) -> Change:
    """Return the change that adds a beat."""
    return Change(before=None, after=Mark(sample=sample, symbol=symbol))


def deleted(mark: Mark) -> Change:
    """Return the change that deletes a beat."""
    return Change(before=mark, after=None)


def moved(mark: Mark, sample: int) -> Change:
    """Return the change that moves a beat; what is said of it stays."""
    return Change(before=mark, after=replace(mark, sample=sample))


def relabelled(mark: Mark, symbol: str) -> Change:
    """Return the change that gives a beat another symbol; a subtype was the old one's own."""
    after = replace(mark, symbol=symbol, fields=(0, *mark.fields[1:]))
    return Change(before=mark, after=after)


def told(change: Change, fs: float) -> str:
    """Say a change: "N at 12.345 s added"."""

    def place(mark: Mark) -> str:
        return f"{mark.symbol} at {mark.sample / fs:.3f} s"

    match change.before, change.after:
        case None, Mark() as after:
            return f"{place(after)} added"
        case Mark() as before, None:
            return f"{place(before)} deleted"
        case Mark() as before, Mark() as after if before.sample != after.sample:
            return f"{place(before)} moved to {after.sample / fs:.3f} s"
        case Mark() as before, Mark() as after:
            return f"{place(before)} relabelled {after.symbol}"
        case _:
            return ""
