"""Labels to look at again: beats whose annotation an out-of-sample prediction contradicts.

Confident learning (Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in
dataset labels", JAIR 70, 2021): a class' threshold is the mean probability that beats annotated so
are given for it. A beat is suspect when another class' probability reaches that class' threshold
and is the largest of those that do. Suspects are ranked by how much likelier that class is than
the annotated one. Thresholds are each class' own, so a class that the network gives low
probabilities is not suspected by that alone; but what a network cannot tell apart it will suspect
in bulk: the list is for human eyes, and nothing is changed by it.

Only predictions of beats that did not train the network count: of a recording that did, it has
learnt the label, right or wrong. In its place stand networks of the same design that were trained
without that patient, where what they said is kept with the checkpoint (``training.held_out``);
without, such recordings are left out and named.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecgcore.compare.confusion import truth_of
from ecgcore.models.meta import CheckpointMeta
from ecgcore.schema import BoolArray, DoubleArray, FloatArray, IntArray, Predictions
from ecgcore.training.held_out import HeldOut
from ecgcore.training.seen import trained_on


@dataclass(frozen=True, kw_only=True, eq=False)
class Suspects:
    """The beats to look at again."""

    table: pd.DataFrame  # record, beat, likely (class), doubt (0 to 1): the most doubtful first
    threshold: dict[str, float]  # of each class with annotated beats
    judged: int  # beats that could have been suspected
    trained: tuple[str, ...]  # recordings left out because they trained the checkpoint
    # Those that trained it, judged by networks that did not see them …
    held_out: tuple[str, ...] = ()
    unmatched: int = 0  # … and how many of their beats these have said nothing of


def suspects(
    meta: CheckpointMeta,
    database: str,
    predictions: Mapping[str, Predictions],
    kept: HeldOut | None = None,
) -> Suspects:
    """Return the suspect labels of a set, of usable beats whose class the checkpoint knows.

    ``predictions`` by record, those beats' truth withheld that trained it (``scope.held_out``);
    ``kept``: what is said of the recordings that trained it by networks that never saw them.
    """
    trained = trained_on(meta, database, tuple(predictions))
    others = () if kept is None else tuple(name for name in trained if name in kept.record)
    left_out = tuple(name for name in trained if name not in others)
    parts = [part for name, part in predictions.items() if name not in left_out]
    place = {name: k for k, name in enumerate(meta.classes)}
    rows: list[tuple[str, IntArray, IntArray, FloatArray]] = []
    unmatched = 0
    for part in parts:
        label = np.array([place.get(str(name), -1) for name in truth_of(part)], dtype=np.int64)
        name, known, said = part.header.name, np.arange(len(label)), part.probability
        if kept is not None and name in others:
            known, said = kept.of(name, part.peaks.sample, part.peaks.fs)
            unmatched += len(label) - known.size
        fit = (label[known] >= 0) & part.usable[known]
        rows.append((name, known[fit], label[known[fit]], said[fit]))
    judged = sum(len(beat) for _, beat, _, _ in rows)
    if not judged:
        return Suspects(
            table=_table([]),
            threshold={},
            judged=0,
            trained=left_out,
            held_out=others,
            unmatched=unmatched,
        )
    label = np.concatenate([part for _, _, part, _ in rows])
    probability = np.concatenate([part for *_, part in rows])
    limit = thresholds(label, probability)
    found = []
    for name, beat, mine, given in rows:
        likely, doubt = _doubt(mine, given, limit)
        at = np.flatnonzero(doubt > 0)
        found += [(name, int(beat[k]), meta.classes[int(likely[k])], float(doubt[k])) for k in at]
    return Suspects(
        table=_table(found),
        threshold={name: float(limit[k]) for name, k in place.items() if np.isfinite(limit[k])},
        judged=judged,
        trained=left_out,
        held_out=others,
        unmatched=unmatched,
    )


def thresholds(label: IntArray, probability: FloatArray) -> DoubleArray:
    """Return each class' mean probability over the beats annotated so (classes,); ∞ without any."""
    limit = np.full(probability.shape[1], np.inf)
    for k in range(limit.size):
        if (label == k).any():
            limit[k] = probability[label == k, k].mean(dtype=np.float64)
    return limit


def _doubt(
    label: IntArray, probability: FloatArray, limit: DoubleArray
) -> tuple[IntArray, DoubleArray]:
    """Return the likely class of each beat and how much likelier it is; 0 where not suspect."""
    reached: BoolArray = probability >= limit
    likely = np.where(reached, probability, -1.0).argmax(axis=1)
    row = np.arange(label.size)
    more = probability[row, likely].astype(np.float64) - probability[row, label]
    suspect = reached.any(axis=1) & (likely != label) & (more > 0)
    return likely.astype(np.int64), np.where(suspect, more, 0.0)


def _table(found: list[tuple[str, int, str, float]]) -> pd.DataFrame:
    table = pd.DataFrame(found, columns=["record", "beat", "likely", "doubt"])
    return table.sort_values("doubt", ascending=False, kind="stable", ignore_index=True)
