"""Which kind of clusters a checkpoint gets: Gaussians or soft k-means.

Decided on the fitting recordings by what clusters are for, as their number is (``fit``). How well
their proportions alone say the network's class is the macro F1 of a forest that is fitted on both
leads of two thirds of the recordings and judged on the *other* lead of the rest (three folds): the
lead that trained the network it knows by heart, and there every kind says nearly all. Where the
network sees the beat itself, taken is the kind with the best mean of that and of its names'
agreement with the waves by position; where it sees departures only, the kind with the best macro
F1. As good are Gaussians. Neither labels nor experts' marks are used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.model_selection import GroupKFold, KFold

from ecgcore.clusters.fidelity import fidelity
from ecgcore.clusters.mixture import Kind
from ecgcore.schema import BoolArray, FloatArray, IntArray, StrArray

_FOLDS: Final = 3
_TREES: Final = 60


@dataclass(frozen=True, kw_only=True)
class KindCandidate:
    """The best clusters of one kind, and how well they do in the other lead."""

    kind: Kind
    count: int
    fidelity: float  # mean macro F1 over the folds
    agreement: float  # mean share of beats that the forest says what the network says of
    names: float | None = None  # agreement of their names; None where no wave is in sight


def choose_kind(candidates: Sequence[KindCandidate]) -> Kind:
    """Return the kind that the criterion says. Raises ValueError without candidates."""
    if not candidates:
        raise ValueError("there is no candidate to choose from")
    waves = all(one.names is not None for one in candidates)
    return max(
        candidates,
        key=lambda one: (
            round(one.fidelity + (one.names or 0.0 if waves else 0.0), 9),
            one.kind == "gaussians",
        ),
    ).kind


def held_out_fidelity(
    seen: FloatArray,
    label: IntArray,
    record: StrArray,
    classes: tuple[str, ...],
    seed: int,
    judged: BoolArray | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Return a forest's macro F1 and agreement on recordings it was not given, of each fold.

    Parameters: what the forest sees of beats (n, f), the network's classes (n,), the recordings
    (n,), and which beats count in the held-out ones (n,), all where none would.
    """
    folds = (
        GroupKFold(_FOLDS).split(seen, groups=record)
        if np.unique(record).size >= _FOLDS
        else KFold(_FOLDS, shuffle=True, random_state=seed).split(seen)
    )
    found = []
    for fit, rest in folds:
        some = rest[judged[rest]] if judged is not None else rest
        test = some if some.size else rest
        one = fidelity(
            *(seen[fit], label[fit], seen[test], label[test], classes), trees=_TREES, seed=seed
        )
        found.append((one.macro_f1, one.agreement))
    f1, agreement = np.array(found).T
    return f1, agreement
