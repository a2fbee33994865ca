"""Names for clusters, by where in the ordinary beat they fall; no expert's marks are used.

A cluster is compared with the waves that position alone would put there (``waves``) over the
fitting beats that the network takes for its commonest class. Points after an R-peak and points of
the beat that comes are named apart: a network that sees a stretch of some tens of milliseconds
makes the same of a P and of a T wave, and only where it falls tells the two apart.

With m the share of a cluster's points that fall on a wave and b the share of all points that do,
the name is the wave of the largest m / b^a. Without correction (a = 0) long waves take all, with
the full one (a = 1) short ones do; a is the one of 0, 1/2, 1 whose names agree best (macro F1) with
the waves by position. A cluster that no wave stands out in (m < 1.25 b) has no name.
"""

from typing import Final

import numpy as np

from ecgcore.clusters.model import UNNAMED
from ecgcore.clusters.waves import WAVES, WaveArray
from ecgcore.schema import BoolArray, DoubleArray, FloatArray

_CORRECTIONS: Final = (0.0, 0.5, 1.0)
_STANDS_OUT: Final = 1.25
_LEAST_SHARE: Final = 0.002  # a cluster with less of a side's points has no name there


def name_clusters(
    soft: FloatArray, wave: WaveArray, before: BoolArray
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the clusters' names after an R-peak and before one, K each.

    Parameters: memberships ``soft`` (b, columns, K) of ordinary beats; ``wave`` and ``before``
    (b, columns): the wave by position and whether a point belongs to the beat that comes.
    """
    mass = [cluster_mass(soft[side], wave[side]) for side in (~before, before)]
    candidates = [[_names(one, a) for one in mass] for a in _CORRECTIONS]
    scores = [_macro_f1(mass, names) for names in candidates]
    best = candidates[int(np.argmax(scores))]
    after, early = (tuple(_word(w) for w in side) for side in best)
    return after, early


def cluster_mass(soft: FloatArray, wave: WaveArray) -> DoubleArray:
    """Return summed memberships by cluster and wave (K, waves), of points (n, K) and (n,)."""
    return np.stack(
        [soft[wave == k].sum(axis=0, dtype=np.float64) for k in range(len(WAVES))], axis=1
    )


def _names(mass: DoubleArray, correction: float) -> list[int]:
    """Return the index of each cluster's wave, -1 where none stands out."""
    total = max(float(mass.sum()), 1e-9)
    base = mass.sum(axis=0) / total
    there = base > 0
    share = mass / np.maximum(mass.sum(axis=1, keepdims=True), 1e-9)
    score = np.where(there, share / np.where(there, base, 1) ** correction, 0)
    chosen = score.argmax(axis=1)
    rows = np.arange(len(mass))
    out = share[rows, chosen] >= _STANDS_OUT * base[chosen]
    enough = mass.sum(axis=1) >= _LEAST_SHARE * total
    return [int(k) for k in np.where(out & enough, chosen, -1)]


def _macro_f1(mass: list[DoubleArray], names: list[list[int]]) -> float:
    found = []
    for wave in range(len(WAVES)):
        hit = named = there = 0.0
        for side, chosen in zip(mass, names, strict=True):
            mine = np.array(chosen) == wave
            hit += float(side[mine, wave].sum())
            named += float(side[mine].sum())
            there += float(side[:, wave].sum())
        if there:
            found.append(2 * hit / (named + there))
    return float(np.mean(found)) if found else 0.0


def _word(wave: int) -> str:
    return UNNAMED if wave < 0 else WAVES[wave]
