"""How readily a class is said: a constant on its logit, chosen by held-out training patients.

Training draws normal beats anew each epoch and weighs rare classes up, so a network's priors are
not those of people. Where ``class_bias`` is "held-out", S and V get a constant each: the pair on a
grid with the highest mean F1 of N, S and V over the held-out beats of all seeds together. F is
left as it is: nearly all F beats of DS1 are of one person, so held-out patients say nothing of it.
The constants are added to the last layer's bias, so a checkpoint needs nothing more to carry them.
"""

from itertools import product
from typing import Final

import numpy as np
from sklearn.metrics import f1_score

from ecgcore.schema import DoubleArray, FloatArray, IntArray

_STEPS: Final = {
    "S": (-1.5, -1.25, -1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5),
    "V": (-0.5, 0.0, 0.5),
}
_JUDGED: Final = ("N", "S", "V")


def held_out_bias(
    label: IntArray, probability: list[FloatArray], classes: tuple[str, ...]
) -> DoubleArray:
    """Return what to add to each class' logit (classes,); zeros where S or V is not among them.

    Parameters: ``label`` (n,), indices into ``classes``; ``probability``, each seed's (n, classes).
    Of equal pairs the one nearest to no change is taken.
    """
    bias = np.zeros(len(classes))
    if not set(_JUDGED) <= set(classes):
        return bias
    judged = [classes.index(name) for name in _JUDGED]
    log = [np.log(np.maximum(each, 1e-12)) for each in probability]
    best = -1.0
    pairs = sorted(product(*_STEPS.values()), key=lambda pair: sum(map(abs, pair)))
    for pair in pairs:
        tried = np.zeros(len(classes))
        tried[[classes.index(name) for name in _STEPS]] = pair
        said = [(each + tried).argmax(axis=1) for each in log]
        figure = float(
            np.mean([f1_score(label, one, labels=judged, average="macro") for one in said])
        )
        if figure > best + 1e-9:
            best, bias = figure, tried
    return bias
