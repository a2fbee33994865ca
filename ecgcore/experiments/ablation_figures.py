"""How well held-out patients are classified: each by themselves, and all their beats together.

A few patients hold most beats of a class (of DS1's S beats those with atrial fibrillation and one
with runs of S), and what is chosen by all beats together is chosen for them. So S and V are also
judged recording by recording, of those with at least ten beats of the class, and averaged. F is
told and counts for nothing: nearly all F beats of DS1 are of one person. Where a variant has a
held-out class bias, each fold's is chosen by the other folds of all seeds: by its own it would be
judged by the beats that chose it.
"""

import math
from typing import Any, Final

import numpy as np

from ecgcore.experiments.ablation_plan import JUDGED
from ecgcore.experiments.statistics import Counts
from ecgcore.schema import FloatArray, IntArray
from ecgcore.training.choice import Fold
from ecgcore.training.config import TrainConfig
from ecgcore.training.metrics import auroc
from ecgcore.training.prior import held_out_bias

OWN: Final = ("S", "V", "F")  # classes told recording by recording
LEAST: Final = 10  # beats of the class that a recording must have
_TINY: Final = np.float32(1e-30)


def held_out_figures(
    config: TrainConfig, seed: int, folds: dict[int, list[Fold]]
) -> dict[str, Any]:
    """Return a seed's figures of all held-out beats, and each record's confusion (truth in rows).

    ``folds``: by seed, of all of those whose beats choose the bias. ``biases``, fold by fold, are
    what was added to the classes' logits. ``by_patient``: means over recordings, NaN of none; the
    AUROC is of the class's odds against N.
    """
    classes, last = config.classes, config.optimisation.epochs - 1
    none = np.zeros(len(classes))
    normal = classes.index("N")
    biased = config.optimisation.class_bias != "none"
    confusion: dict[str, IntArray] = {}
    biases = []
    ranked: dict[str, list[float]] = {name: [] for name in OWN}
    for place, fold in enumerate(folds[seed]):
        bias = _bias_of_others(folds, place, last, classes) if biased else none
        biases.append(dict(zip(classes, bias.tolist(), strict=True)))
        odds = fold.probability[last] * np.exp(bias)
        said = odds.argmax(axis=1)
        label = _labels(fold, classes)
        for record in np.unique(fold.record):
            mine = fold.record == record
            cells = label[mine] * len(classes) + said[mine]
            found = np.bincount(cells, minlength=len(classes) ** 2)
            confusion[str(record)] = found.reshape(len(classes), len(classes))
            for name in OWN:
                column = classes.index(name)
                if confusion[str(record)][column].sum() >= LEAST:
                    score = np.log(odds[mine, column] + _TINY) - np.log(odds[mine, normal] + _TINY)
                    ranked[name].append(auroc(label[mine] == column, score))
    total = np.sum(list(confusion.values()), axis=0)
    nothing = np.zeros(len(classes), dtype=np.int64)
    f1 = Counts(confusion=total, missed=nothing, extra=nothing).f1()
    per_class = dict(zip(classes, f1.tolist(), strict=True))
    return {
        "f1": per_class,
        "mean_f1": float(np.mean([per_class[name] for name in JUDGED])),
        "by_patient": {
            name: {
                **_own(list(confusion.values()), classes.index(name)),
                "auroc": _mean(ranked[name]),
            }
            for name in OWN
        },
        "accuracy": float(np.trace(total) / total.sum()),
        "classes": list(classes),
        "confusion": total.tolist(),
        "records": {name: confusion[name].tolist() for name in sorted(confusion)},
        **({"biases": biases} if biased else {}),
    }


def _own(confusion: list[IntArray], column: int) -> dict[str, float]:
    """Return the mean over recordings of a class's own F1 and sensitivity."""
    there = [one for one in confusion if one[column].sum() >= LEAST]
    hits = [int(one[column, column]) for one in there]
    true = [int(one[column].sum()) for one in there]
    said = [int(one[:, column].sum()) for one in there]
    return {
        "f1": _mean([2 * h / (t + s) for h, t, s in zip(hits, true, said, strict=True)]),
        "se": _mean([h / t for h, t in zip(hits, true, strict=True)]),
        "recordings": len(there),
    }


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else math.nan


def _bias_of_others(
    folds: dict[int, list[Fold]], place: int, last: int, classes: tuple[str, ...]
) -> FloatArray:
    """Return the bias (classes,) that the folds other than ``place`` choose, of all seeds."""
    others = {seed: [*one[:place], *one[place + 1 :]] for seed, one in folds.items()}
    label = np.concatenate([_labels(fold, classes) for fold in next(iter(others.values()))])
    probability = [
        np.concatenate([fold.probability[last] for fold in one]) for one in others.values()
    ]
    return held_out_bias(label, probability, classes).astype(np.float32)


def _labels(fold: Fold, classes: tuple[str, ...]) -> IntArray:
    return np.array([classes.index(str(name)) for name in fold.truth], dtype=np.int64)
