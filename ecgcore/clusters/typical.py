"""The most typical and the most uncertain beats of a recording, by their clusters."""

import numpy as np

from ecgcore.clusters.model import Patterns
from ecgcore.schema import BoolArray, IntArray, StrArray


def typical_beats(found: Patterns, label: StrArray, usable: BoolArray) -> dict[str, int]:
    """Return the most typical usable beat of each predicted class.

    It is the one whose proportions over the window's parts lie nearest (Euclidean) to its class'
    mean ones. ``label`` (b,), ``usable`` (b,).
    """
    flat = found.proportions.reshape(len(label), -1)
    chosen = {}
    for name in dict.fromkeys(label[usable].tolist()):
        mine = np.flatnonzero(usable & (label == name))
        away = np.linalg.norm(flat[mine] - flat[mine].mean(axis=0), axis=1)
        chosen[str(name)] = int(mine[away.argmin()])
    return chosen


def uncertain_beats(found: Patterns, usable: BoolArray, count: int = 4) -> IntArray:
    """Return the usable beats of the highest mean entropy, most uncertain first."""
    mine = np.flatnonzero(usable)
    order = np.argsort(-found.entropy[mine], kind="stable")[:count]
    chosen: IntArray = mine[order]
    return chosen
