"""Edits of a layer's marks, and the annotations that a sequence of them comes to.

An edit is one or more changes; a change has a mark before, after, or both: nothing before is a mark
added, nothing after one deleted. So an edit's inverse is the same with its sides swapped, and a
layer's state is what it began as with all its edits applied in order, undos and redos among them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from ecgcore.aami import aami_classes
from ecgcore.errors import LayerError
from ecgcore.layers.marks import STRETCH_SYMBOLS, Change, Mark, Place, aami_class
from ecgcore.schema import Annotations, IntArray

EditKind = Literal["add", "move", "delete", "relabel", "undo", "redo"]


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
    """A layer at one of its versions: what it began as, and the marks that are other now."""

    base: Annotations  # its beats on distinct samples
    touched: dict[Place, Mark | None]  # None: what the base has there is gone

    @cached_property
    def _beats(self) -> tuple[IntArray, IntArray]:
        """Samples of the base's beats, ascending, and their indices in it."""
        index = np.flatnonzero(self.base.aami != "").astype(np.int64)
        return self.base.sample[index], index

    @cached_property
    def _stretches(self) -> dict[Place, int]:
        """Index in the base of each change of rhythm and mark of flutter."""
        index = np.flatnonzero(np.isin(self.base.symbol, STRETCH_SYMBOLS) & (self.base.aami == ""))
        rows = reversed(index.tolist())  # of two on one sample the first counts
        return {(int(self.base.sample[row]), str(self.base.symbol[row])): row for row in rows}

    def _row(self, place: Place) -> int | None:
        """Return the index in the base of what stood at a place, None where nothing did."""
        sample, kind = place
        if kind:
            return self._stretches.get(place)
        samples, index = self._beats
        at = int(np.searchsorted(samples, sample))
        there = at < samples.size and int(samples[at]) == sample
        return int(index[at]) if there else None

    @property
    def count(self) -> int:
        """How many beats there are."""
        beats = {place: mark for place, mark in self.touched.items() if not place[1]}
        gone = sum(self._row(place) is not None for place in beats)
        return self._beats[0].size - gone + sum(mark is not None for mark in beats.values())

    @property
    def stretch_marks(self) -> tuple[Mark, ...]:
        """The changes of rhythm and marks of flutter there are, by sample."""
        places = sorted({*self._stretches, *(place for place in self.touched if place[1])})
        there = (self.mark_at(*place) for place in places)
        return tuple(mark for mark in there if mark is not None)

    def mark_at(self, sample: int, kind: str = "") -> Mark | None:
        """Return the beat at a sample, or the mark of a ``kind`` there; None without one."""
        if (sample, kind) in self.touched:
            return self.touched[sample, kind]
        row = self._row((sample, kind))
        if row is None:
            return None
        fields = (0, 0, 0) if self.base.fields is None else self.base.fields[row].tolist()
        return Mark(
            sample=sample,
            symbol=str(self.base.symbol[row]),
            aux=self.base.aux[row],
            fields=tuple(fields),
        )

    def after(self, *steps: Iterable[Change]) -> "LayerState":
        """Return the state with edits' changes made, one edit after the other.

        Raises LayerError where one does not fit: the mark that it changes is not there, or one is
        already where it puts one.
        """
        now = LayerState(base=self.base, touched=dict(self.touched))
        now.__dict__.update(_beats=self._beats, _stretches=self._stretches)
        for changes in steps:
            now._make(tuple(changes))
        return now

    def _make(self, changes: tuple[Change, ...]) -> None:
        for before in (c.before for c in changes if c.before is not None):
            if self.mark_at(*before.place) != before:
                raise LayerError(f"There is no {before.words} at sample {before.sample} any more.")
            self.touched[before.place] = None
        for after in (c.after for c in changes if c.after is not None):
            there = self.mark_at(*after.place)
            if there is not None:
                what = "a mark" if there.kind else "a beat"
                raise LayerError(
                    f"At sample {after.sample} there is {what} already ({there.words})."
                )
            self.touched[after.place] = after

    def annotations(self, annotator: str) -> Annotations:
        """Return everything in order of time, marks that can't be edited as they began."""
        base, count = self.base, self.base.sample.size
        rows = np.zeros((count, 3), np.int64) if base.fields is None else base.fields
        keep = np.ones(count, dtype=np.bool_)
        keep[[row for row in map(self._row, self.touched) if row is not None]] = False
        new = [mark for mark in self.touched.values() if mark is not None]
        sample = np.concatenate([base.sample[keep], np.array([m.sample for m in new], np.int64)])
        symbol = [*base.symbol[keep].tolist(), *(m.symbol for m in new)]
        aami = [*base.aami[keep].tolist(), *(aami_class(m) for m in new)]
        aux = [*(base.aux[i] for i in np.flatnonzero(keep)), *(m.aux for m in new)]
        fields = np.concatenate(
            [rows[keep], np.array([m.fields for m in new], np.int64).reshape(-1, 3)]
        )
        # What took the place of a mark of the base stands where that stood among its neighbours.
        own = (self._row(mark.place) for mark in new)
        turn = [*np.flatnonzero(keep).tolist(), *(count if row is None else row for row in own)]
        order = np.lexsort((np.array(turn, dtype=np.int64), sample))
        return Annotations(
            sample=sample[order],
            symbol=np.array(symbol, dtype=np.str_)[order],
            aami=np.array(aami, dtype="<U1")[order],
            aux=tuple(aux[i] for i in order),
            fields=fields[order],
            annotator=annotator,
        )


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
    done, undone = _turns(edits)
    return (done[-1] if done else None), (undone[-1] if undone else None)


def in_force(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Return the edits of a history that were not taken back; undos and redos are none."""
    return tuple(_turns(edits)[0])


def ordinals(edits: Iterable[Edit]) -> dict[int, int]:
    """Return each step's place among the edits, from 1, by its number in the whole history.

    An undo and a redo have that of the edit which they are of.
    """
    found: dict[int, int] = {}
    count = 0
    for edit in edits:
        count += edit.of is None
        found[edit.number] = count if edit.of is None else found[edit.of]
    return found


def _turns(edits: Iterable[Edit]) -> tuple[list[Edit], list[Edit]]:
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
    return done, undone


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
