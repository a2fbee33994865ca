"""Two sets of annotations beat by beat, as WFDB's ``bxb`` tabulates them.

Beats are paired one to one within 150 ms (``dsp.matching``, EC57); what is paired is compared by
class, what is not is missed (in the reference alone) or extra (in the other alone). Unlike ``bxb``
every beat counts by its own AAMI class, fusion beats and Q too, and ventricular flutter is left out
only where it is asked for.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ecgcore.aami import AAMI_CLASSES
from ecgcore.dsp.matching import EC57_WINDOW_S, match_peaks
from ecgcore.dsp.scoring import leave_out
from ecgcore.records.annotations import flutter_stretches
from ecgcore.schema import Annotations, IntArray, StrArray

Kind = Literal["missed", "extra", "class"]


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """One beat that two sets of annotations don't say alike."""

    kind: Kind  # "missed": in the reference alone, "extra": in the other alone
    sample: int  # absolute; the reference's where there is one
    reference: str  # symbol, "" for an extra beat
    other: str  # symbol, "" for a missed one


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """How the beats of two sets of annotations agree."""

    classes: tuple[str, ...]
    counts: (
        IntArray  # (classes + 1, classes + 1): reference by other; last row extra, column missed
    )
    disagreements: tuple[Disagreement, ...]  # by sample
    offset: float  # ms, median distance of paired beats, other less reference; NaN without any

    @property
    def paired(self) -> int:
        """Beats found in both."""
        return int(self.counts[:-1, :-1].sum())

    @property
    def agree(self) -> int:
        """Beats found in both with the same class."""
        return int(np.trace(self.counts[:-1, :-1]))

    @property
    def missed(self) -> int:
        """Beats of the reference alone."""
        return int(self.counts[:-1, -1].sum())

    @property
    def extra(self) -> int:
        """Beats of the other alone."""
        return int(self.counts[-1, :-1].sum())

    def se(self, name: str | None = None) -> float:
        """Sensitivity for a class, or for beats of whatever class; NaN without such beats."""
        if name is None:
            return _share(self.paired, self.paired + self.missed)
        row = self.classes.index(name)
        return _share(int(self.counts[row, row]), int(self.counts[row].sum()))

    def ppv(self, name: str | None = None) -> float:
        """Positive predictivity +P, as ``se``."""
        if name is None:
            return _share(self.paired, self.paired + self.extra)
        row = self.classes.index(name)
        return _share(int(self.counts[row, row]), int(self.counts[:, row].sum()))

    def to_json(self) -> dict[str, Any]:
        """Return plain values, as ``layers compare --json`` prints them."""
        return {
            "classes": list(self.classes),
            "confusion": self.counts[:-1, :-1],
            "missed": dict(zip(self.classes, self.counts[:-1, -1].tolist(), strict=True)),
            "extra": dict(zip(self.classes, self.counts[-1, :-1].tolist(), strict=True)),
            "beats": {"se": self.se(), "ppv": self.ppv(), "paired": self.paired},
            "per_class": {
                name: {"se": self.se(name), "ppv": self.ppv(name)} for name in self.classes
            },
            "agree": self.agree,
            "median_offset_ms": self.offset,
            "disagreements": [vars(one) for one in self.disagreements],
        }


def compare_annotations(
    reference: Annotations,
    other: Annotations,
    *,
    fs: float,
    length: int,
    flutter: bool = True,
    window: float = EC57_WINDOW_S,
) -> Comparison:
    """Compare the beats of ``other`` with those of ``reference``, both of one recording.

    ``fs`` in Hz, ``length`` of the recording in samples, ``window`` in s. ``flutter=False`` leaves
    out beats within the reference's ventricular flutter, ``[`` to ``]``, as EC57 does.
    """
    left, left_symbol, left_class = _beats(reference)
    right, right_symbol, right_class = _beats(other)
    match = match_peaks(left, right, fs, window)
    if not flutter:
        match = leave_out(match, left, right, flutter_stretches(reference, length))
    row, column = match.pairs[:, 0], match.pairs[:, 1]
    place = {name: number for number, name in enumerate(AAMI_CLASSES)}
    counts = np.zeros((len(place) + 1, len(place) + 1), dtype=np.int64)
    here = [place[name] for name in left_class.tolist()]
    there = [place[name] for name in right_class.tolist()]
    for i, j in match.pairs.tolist():
        counts[here[i], there[j]] += 1
    for i in match.missed.tolist():
        counts[here[i], -1] += 1
    for j in match.extra.tolist():
        counts[-1, there[j]] += 1
    found = [
        *(
            Disagreement(
                kind="class",
                sample=int(left[i]),
                reference=str(left_symbol[i]),
                other=str(right_symbol[j]),
            )
            for i, j in match.pairs.tolist()
            if here[i] != there[j]
        ),
        *(
            Disagreement(
                kind="missed", sample=int(left[i]), reference=str(left_symbol[i]), other=""
            )
            for i in match.missed.tolist()
        ),
        *(
            Disagreement(
                kind="extra", sample=int(right[j]), reference="", other=str(right_symbol[j])
            )
            for j in match.extra.tolist()
        ),
    ]
    distance = right[column] - left[row]
    return Comparison(
        classes=tuple(AAMI_CLASSES),
        counts=counts,
        disagreements=tuple(sorted(found, key=lambda one: (one.sample, one.kind))),
        offset=1000 * float(np.median(distance)) / fs if distance.size else float("nan"),
    )


def _beats(annotations: Annotations) -> tuple[IntArray, StrArray, StrArray]:
    """Return the beats, one for each sample: the first where there are several."""
    sample, symbol, aami = annotations.beats()
    sample, first = np.unique(sample, return_index=True)
    return sample.astype(np.int64), symbol[first], aami[first]


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
