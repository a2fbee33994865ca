"""Do the clusters hold what the network goes by? A forest that sees only them must say the same.

Source: Boubekki et al. 2025: a random forest on the cluster proportions reproduces 94.9 % of the
network's predictions. Ours: the forest is fitted on some recordings, in both of their leads, so
that it meets the network in doubt (``sample.draw_other_leads``), and judged on others; beside the
share of agreement stand what saying the commonest class would give, and the macro F1 of the
agreement, as most beats are of one class. Four sets of what the forest sees are told apart: the
proportions alone, as there; those of each eighth of the beat's window; and either of them with the
RR features that the network itself is given beside the waveform.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score, recall_score

from ecgcore.schema import FloatArray, IntArray

TREES: Final = 100
_LEAF: Final = 2


@dataclass(frozen=True, kw_only=True)
class Fidelity:
    """How well a forest on cluster proportions says what the network says."""

    agreement: float
    macro_f1: float  # over the classes that the network predicts in the judged beats
    majority: float  # agreement of always saying the network's commonest class
    majority_macro_f1: float
    per_class: dict[str, float]  # of the beats the network gives a class, the share agreed on
    beats: int
    fitted_beats: int

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return dict(self.__dict__)


def forest_views(
    proportions: FloatArray, rr: FloatArray, names: tuple[str, ...] | None = None
) -> dict[str, FloatArray]:
    """Return what a forest may see of beats, from proportions (b, BINS, K) and ``rr`` (b, R)."""
    whole = proportions.mean(axis=1)
    parts = proportions.reshape(len(proportions), -1)
    views = {"proportions": whole, "proportions_in_time": parts}
    if rr.shape[1]:
        views["proportions_and_rr"] = np.concatenate([whole, rr], axis=1)
        views["proportions_in_time_and_rr"] = np.concatenate([parts, rr], axis=1)
    return views if names is None else {name: views[name] for name in names}


def fidelity(
    fit: FloatArray,
    fit_label: IntArray,
    test: FloatArray,
    test_label: IntArray,
    classes: tuple[str, ...],
    *,
    trees: int = TREES,
    seed: int = 0,
) -> Fidelity:
    """Fit a forest on beats (n, f) with the network's classes (n,) and judge it on others."""
    forest = RandomForestClassifier(trees, min_samples_leaf=_LEAF, random_state=seed, n_jobs=1)
    said = forest.fit(fit, fit_label).predict(test)
    common = int(np.bincount(fit_label).argmax())
    there = np.unique(test_label)
    constant = np.full_like(test_label, common)
    recall = recall_score(test_label, said, labels=there, average=None, zero_division=0)
    return Fidelity(
        agreement=float((said == test_label).mean()),
        macro_f1=_macro(test_label, said, there),
        majority=float((constant == test_label).mean()),
        majority_macro_f1=_macro(test_label, constant, there),
        per_class={classes[k]: float(value) for k, value in zip(there, recall, strict=True)},
        beats=len(test_label),
        fitted_beats=len(fit_label),
    )


def _macro(truth: IntArray, said: IntArray, labels: IntArray) -> float:
    return float(f1_score(truth, said, labels=labels, average="macro", zero_division=0))
