"""Two sets of annotations rhythm by rhythm: for how long they say the same, and where they don't.

A rhythm lasts from its mark (``+`` with a note such as "(AFIB") to the next one, the last to the
recording's end; before the first mark none is said. Ventricular flutter and fibrillation, ``[`` to
``]``, is compared beside them, as it lies within a rhythm. Durations are compared, as WFDB's
``epicmp`` does of episodes; where a change is marked a little apart the time between counts, but is
listed only if it is longer than beats that are paired may lie apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ecgcore.dsp.matching import EC57_WINDOW_S
from ecgcore.layers.marks import RHYTHM
from ecgcore.records.annotations import flutter_stretches
from ecgcore.schema import Annotations

FLUTTER_NAME: Final = "[ ]"
_Track = list[tuple[int, str]]  # (first sample, what is said from there on), ascending, from 0


@dataclass(frozen=True, kw_only=True)
class RhythmTime:
    """For how long a rhythm is said, s."""

    name: str  # as its mark's note, or FLUTTER_NAME
    reference: float
    other: float
    both: float

    @property
    def se(self) -> float:
        """Share of the reference's time that the other says too; NaN without any."""
        return self.both / self.reference if self.reference else float("nan")

    @property
    def ppv(self) -> float:
        """Share of the other's time that the reference says too; NaN without any."""
        return self.both / self.other if self.other else float("nan")


@dataclass(frozen=True, kw_only=True)
class RhythmStretch:
    """One stretch over which two sets of annotations say different rhythms."""

    start: int  # absolute samples, [start, stop)
    stop: int
    reference: str  # "" where none is said
    other: str


@dataclass(frozen=True, kw_only=True)
class RhythmComparison:
    """How the rhythms of two sets of annotations agree."""

    times: tuple[RhythmTime, ...]  # the longest first; empty where one of the sets says none
    disagreements: tuple[RhythmStretch, ...]  # by start

    def to_json(self) -> dict[str, Any]:
        """Return plain values, as ``layers compare --json`` prints them."""
        return {
            "seconds": {
                one.name: {
                    "reference": one.reference,
                    "other": one.other,
                    "both": one.both,
                    "se": one.se,
                    "ppv": one.ppv,
                }
                for one in self.times
            },
            "disagreements": [vars(one) for one in self.disagreements],
        }


def compare_rhythms(
    reference: Annotations, other: Annotations, *, fs: float, length: int
) -> RhythmComparison:
    """Compare the rhythms of ``other`` with those of ``reference``, both of one recording.

    ``fs`` in Hz, ``length`` of the recording in samples. Where one of the two marks no rhythm at
    all, rhythms are not compared: it does not say that there is none. Flutter is compared where
    either has any, as what is no flutter has no mark.
    """
    times: list[RhythmTime] = []
    found: list[RhythmStretch] = []
    left, right = _rhythms(reference, length), _rhythms(other, length)
    if _says(left) and _says(right):
        _compare(left, right, fs, length, times, found)
    left, right = _flutter(reference, length), _flutter(other, length)
    if _says(left) or _says(right):
        _compare(left, right, fs, length, times, found)
    return RhythmComparison(
        times=tuple(sorted(times, key=lambda one: (-max(one.reference, one.other), one.name))),
        disagreements=tuple(sorted(found, key=lambda one: (one.start, one.stop))),
    )


def _compare(
    left: _Track,
    right: _Track,
    fs: float,
    length: int,
    times: list[RhythmTime],
    found: list[RhythmStretch],
) -> None:
    samples = {name: np.zeros(3, np.int64) for name in {said for _, said in (*left, *right)} - {""}}
    for start, stop, here, there in _overlaid(left, right, length):
        for name in {here, there} - {""}:
            which = np.array([here == name, there == name, here == there])
            samples[name] += (stop - start) * which
        if here != there and stop - start > EC57_WINDOW_S * fs:
            found.append(RhythmStretch(start=start, stop=stop, reference=here, other=there))
    for name, counts in samples.items():
        if counts.any():
            mine, theirs, both = (counts / fs).tolist()
            times.append(RhythmTime(name=name, reference=mine, other=theirs, both=both))


def _says(track: _Track) -> bool:
    return any(name for _, name in track)


def _overlaid(left: _Track, right: _Track, length: int) -> Iterator[tuple[int, int, str, str]]:
    """Yield (start, stop, what the left says, what the right says), each as long as it lasts."""
    cuts = sorted({start for start, _ in (*left, *right)})
    here, there = dict(left), dict(right)
    begun, now = 0, (here[0], there[0])
    for cut in cuts[1:]:
        new = here.get(cut, now[0]), there.get(cut, now[1])
        if new != now:
            yield begun, cut, *now
            begun, now = cut, new
    if begun < length:
        yield begun, length, *now


def _rhythms(annotations: Annotations, length: int) -> _Track:
    said = {0: ""}
    rows = zip(annotations.sample.tolist(), annotations.symbol, annotations.aux, strict=True)
    for sample, symbol, note in rows:
        # Of two on one sample the last counts: nothing lies between them.
        if symbol == RHYTHM and note.startswith("(") and sample < length:
            said[sample] = note
    return sorted(said.items())


def _flutter(annotations: Annotations, length: int) -> _Track:
    said = {0: ""}
    for start, stop in flutter_stretches(annotations, length).tolist():
        said |= {start: FLUTTER_NAME, stop: ""}
    return sorted((sample, name) for sample, name in said.items() if sample < length)
