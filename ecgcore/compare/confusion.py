"""The confusion matrix of the beats of one or many recordings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecgcore.schema import DoubleArray, IntArray, Predictions


@dataclass(frozen=True, kw_only=True, eq=False)
class Confusion:
    """How often each class was taken for each other.

    ``truths`` may hold more than ``classes``: a true class that the checkpoint cannot name (such
    as Q for a checkpoint of four classes) has a row but no column, so its beats stay in sight.
    """

    truths: tuple[str, ...]  # rows
    classes: tuple[str, ...]  # columns: what the checkpoint can say
    counts: IntArray  # (truths, classes), beats
    unlabelled: int  # beats left out because no annotation names their class
    unusable: int  # of the counted beats, those whose signal is no ECG

    @property
    def share(self) -> DoubleArray:
        """Each cell's share of its row (truths, classes); 0 in rows without beats."""
        row = self.counts.sum(axis=1, keepdims=True)
        share: DoubleArray = self.counts / np.maximum(row, 1)
        return share


def confusion(predictions: Sequence[Predictions]) -> Confusion:
    """Count beats by true (rows) and predicted (columns) class.

    Every labelled beat counts as the network classifies it, as in ``training.evaluate``: one
    without usable signal too, from its rhythm alone, and ``unusable`` says how many those are.

    Parameters: ``predictions`` of one checkpoint for any number of recordings. Raises ValueError
    without any, or when they come from checkpoints with other classes.
    """
    classes = common_classes(predictions)
    names: list[str] = []
    pairs = []
    unlabelled = unusable = 0
    for part in predictions:
        truth = truth_of(part)
        known = truth != ""
        unlabelled += int((~known).sum())
        unusable += int((known & ~part.usable).sum())
        pairs.append((truth[known], part.probability[known].argmax(axis=1)))
        names += [str(name) for name in np.unique(truth[known])]
    truths = (*classes, *sorted(set(names) - set(classes)))
    row_of = {name: row for row, name in enumerate(truths)}
    counts = np.zeros((len(truths), len(classes)), dtype=np.int64)
    for truth, column in pairs:
        found, where = np.unique(truth, return_inverse=True)
        rows = np.array([row_of[str(name)] for name in found], dtype=np.int64)[where]
        np.add.at(counts, (rows, column), 1)
    return Confusion(
        truths=truths, classes=classes, counts=counts, unlabelled=unlabelled, unusable=unusable
    )


def common_classes(predictions: Sequence[Predictions]) -> tuple[str, ...]:
    """Return the classes that all share. Raises ValueError without any, or with different ones."""
    found = {part.classes for part in predictions}
    if len(found) != 1:
        raise ValueError(f"predictions of one checkpoint wanted, got {len(found)} sets of classes")
    return found.pop()


def truth_of(part: Predictions) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    """Return the true class of each beat (b,), ``""`` where it is unknown."""
    if part.truth is None:
        return np.full(len(part.peaks), "", dtype="<U1")
    return part.truth
