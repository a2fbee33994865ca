"""The beats to set beside a wrong one: the nearest right beat of each of the two classes.

After the comparison in Kim and Jung, "Explainable user recognition by ECG spectrogram CNN" (2022,
figures 10 and 11): a beat of one class taken for another is read beside a rightly recognised beat
of either. The paper chose them by hand; here they are the nearest in the network's embedding, so
that what differs is what the network saw differ.

Distance: Euclidean after each dimension of the embedding is divided by its standard deviation
over all beats given, so that no dimension counts more for being wide. Dimensions that never
change are left out. It is given in units of sqrt(dimensions): about 1.4 between two random beats.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecgcore.compare.confusion import common_classes, truth_of
from ecgcore.schema import BoolArray, DoubleArray, FloatArray, IntArray, Predictions


@dataclass(frozen=True, kw_only=True)
class BeatRef:
    """A beat by its record and its index among that record's beats."""

    record: str
    beat: int


@dataclass(frozen=True, kw_only=True)
class Exemplar:
    """The nearest right beat of a class, or why there is none."""

    label: str  # the class
    ref: BeatRef | None
    distance: float = float("nan")  # see the module's text
    reason: str = ""  # a sentence where there is none


@dataclass(frozen=True, kw_only=True)
class Exemplars:
    """What to set beside a wrong beat."""

    wrong: BeatRef
    true_class: Exemplar
    predicted_class: Exemplar


@dataclass(frozen=True, kw_only=True, eq=False)
class Pool:
    """All beats that can be set beside a wrong one, in one table; make it once, ask often."""

    classes: tuple[str, ...]
    record: IntArray  # (n,), index into records
    records: tuple[str, ...]
    beat: IntArray  # (n,)
    truth: IntArray  # (n,), index into classes, -1 for any other
    label: IntArray  # (n,)
    usable: BoolArray  # (n,)
    embedding: FloatArray  # (n, d'), standardised


def pool(predictions: Sequence[Predictions]) -> Pool:
    """Gather the beats of all recordings. Raises ValueError as ``confusion`` does."""
    classes = common_classes(predictions)
    count = [len(part.peaks) for part in predictions]
    truth = [np.stack([truth_of(part) == name for name in classes], axis=1) for part in predictions]
    is_class = np.concatenate(truth)
    usable = np.concatenate([part.usable for part in predictions])
    return Pool(
        classes=classes,
        record=np.repeat(np.arange(len(count)), count),
        records=tuple(part.header.name for part in predictions),
        beat=np.concatenate([np.arange(n) for n in count]),
        truth=np.where(is_class.any(axis=1), is_class.argmax(axis=1), -1),
        label=np.concatenate([part.probability.argmax(axis=1) for part in predictions]),
        usable=usable,
        embedding=_standardised(np.concatenate([part.embedding for part in predictions]), usable),
    )


def exemplars(
    predictions: Sequence[Predictions] | Pool, wrong: BeatRef, *, other_records: bool = False
) -> Exemplars:
    """Return the nearest right beat of the wrong beat's true and of its predicted class.

    With ``other_records`` beats of the wrong beat's own recording are not taken: they resemble it
    because the heart and the electrodes are the same. Where there is no right beat of a class,
    the exemplar has no ``ref`` and says why. Raises ValueError for a beat that is not among the
    predictions.
    """
    beats = predictions if isinstance(predictions, Pool) else pool(predictions)
    at = _find(beats, wrong)
    candidate = beats.usable & (beats.truth == beats.label)
    candidate[at] = False
    if other_records:
        candidate &= beats.record != beats.record[at]
    true, label = int(beats.truth[at]), int(beats.label[at])
    elsewhere = " in other recordings" if other_records else ""
    return Exemplars(
        wrong=wrong,
        true_class=_nearest(beats, at, true, candidate, elsewhere),
        predicted_class=_nearest(beats, at, label, candidate, elsewhere),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class RightBeats:
    """Right beats of one class and one recording, in order."""

    label: str
    record: str
    beats: IntArray  # (k,), indices among the recording's beats


def right_beats(
    beats: Pool, wrong: BeatRef, label: str, *, most: int, least: int, other_records: bool = False
) -> RightBeats | None:
    """Return up to ``most`` right beats of class ``label`` of one recording, evenly over it.

    Of the wrong beat's own recording where it has ``least`` of them (and ``other_records`` does
    not ask for others), else of the nearest one's that has: beats of several hearts have no
    common shape. Not the nearest beats: those are as odd as the wrong one is, and what is usual of
    the class would not show. None where no beat of it was rightly recognised, or it is unknown.
    """
    if label not in beats.classes:
        return None
    at, wanted = _find(beats, wrong), beats.classes.index(label)
    right = beats.usable & (beats.truth == wanted) & (beats.label == wanted)
    right[at] = False
    rows = np.flatnonzero(right & (beats.record == beats.record[at]))
    if other_records or rows.size < least:
        if other_records:
            right &= beats.record != beats.record[at]
        rows = np.flatnonzero(right)
        if not rows.size:
            return None
        count = np.bincount(beats.record[rows], minlength=len(beats.records))
        many = rows[count[beats.record[rows]] >= least]
        rows = many if many.size else rows
        nearest = rows[_distance(beats.embedding[rows], beats.embedding[at]).argmin()]
        rows = rows[beats.record[rows] == beats.record[nearest]]
    kept = rows[np.linspace(0, rows.size - 1, min(most, rows.size)).round().astype(np.int64)]
    return RightBeats(
        label=label,
        record=beats.records[int(beats.record[kept[0]])],
        beats=beats.beat[kept].astype(np.int64),
    )


def _nearest(beats: Pool, at: int, wanted: int, candidate: BoolArray, elsewhere: str) -> Exemplar:
    if wanted < 0:
        return Exemplar(label="", ref=None, reason="The checkpoint has no such class to recognise.")
    name = beats.classes[wanted]
    rows = np.flatnonzero(candidate & (beats.truth == wanted))
    if not rows.size:
        reason = f"No beat of {name} was rightly recognised{elsewhere} in this set."
        return Exemplar(label=name, ref=None, reason=reason)
    distance = _distance(beats.embedding[rows], beats.embedding[at])
    best = int(distance.argmin())
    row = int(rows[best])
    ref = BeatRef(record=beats.records[int(beats.record[row])], beat=int(beats.beat[row]))
    return Exemplar(label=name, ref=ref, distance=float(distance[best]))


def _find(beats: Pool, ref: BeatRef) -> int:
    if ref.record in beats.records:
        here = beats.record == beats.records.index(ref.record)
        at = np.flatnonzero(here & (beats.beat == ref.beat))
        if at.size:
            return int(at[0])
    raise ValueError(f"beat {ref.beat} of {ref.record} is not among the predictions")


def _standardised(embedding: FloatArray, usable: BoolArray) -> FloatArray:
    if not usable.any():
        return embedding
    spread = embedding[usable].std(axis=0)
    varies = spread > 0
    scaled: FloatArray = embedding[:, varies] / spread[varies]
    return scaled


def _distance(many: FloatArray, one: FloatArray) -> DoubleArray:
    dimensions = max(1, many.shape[1])
    squared = ((many - one).astype(np.float64) ** 2).sum(axis=1)
    distance: DoubleArray = np.sqrt(squared / dimensions)
    return distance
