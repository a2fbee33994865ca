"""Names for clusters, by where in the ordinary beat they fall; no expert's marks are used.

A cluster is compared with the waves that position alone would put there (``waves``) over the
fitting beats that the network takes for its commonest class. Points after an R-peak and points of
the beat that comes are named apart: a network that sees a stretch of some tens of milliseconds
makes the same of a P and of a T wave, and only where it falls tells the two apart.

With m the share of a cluster's points that fall on a wave and b the share of all points that do,
the wave may give its name where it stands out: m at least 1.25 b. A cluster that no wave stands out
in has no name. Several clusters may share a name. Among the names that may be, those are taken that
agree best with the waves by position: by the mean F1 of P, QRS and T, the waves that have a shape
of their own, and where that is the same by that of all six. They are searched one cluster at a
time, from three beginnings: the wave of the largest m / b^a, where a = 0 favours long waves and
a = 1 short ones.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgcore.clusters.model import UNNAMED
from ecgcore.clusters.waves import WAVES, WaveArray
from ecgcore.schema import BoolArray, DoubleArray, FloatArray

SHAPED: Final = ("P", "QRS", "T")
_CORRECTIONS: Final = (0.0, 0.5, 1.0)
_STANDS_OUT: Final = 1.25
_LEAST_SHARE: Final = 0.002  # a cluster with less of a side's points has no name there


@dataclass(frozen=True, kw_only=True)
class Naming:
    """K names of points after an R-peak and K before one, and how well they agree."""

    after: tuple[str, ...]
    before: tuple[str, ...]
    agreement: float  # mean F1 of P, QRS and T against the waves by position


def name_clusters(soft: FloatArray, wave: WaveArray, before: BoolArray) -> Naming:
    """Return the clusters' names after an R-peak and before one.

    Parameters: memberships ``soft`` (b, columns, K) of ordinary beats; ``wave`` and ``before``
    (b, columns): the wave by position and whether a point belongs to the beat that comes.
    """
    mass = [cluster_mass(soft[side], wave[side]) for side in (~before, before)]
    allowed = [_standing_out(one) for one in mass]
    found = [_searched(mass, allowed, [_names(one, a) for one in mass]) for a in _CORRECTIONS]
    best = max(found, key=lambda names: _agreement(mass, names))
    after, early = (tuple(_word(w) for w in side) for side in best)
    return Naming(after=after, before=early, agreement=_agreement(mass, best)[0])


def cluster_mass(soft: FloatArray, wave: WaveArray) -> DoubleArray:
    """Return summed memberships by cluster and wave (K, waves), of points (n, K) and (n,)."""
    return np.stack(
        [soft[wave == k].sum(axis=0, dtype=np.float64) for k in range(len(WAVES))], axis=1
    )


def _standing_out(mass: DoubleArray) -> list[tuple[int, ...]]:
    """Return the indices of the waves that stand out in each cluster; (-1,) where none does."""
    total = max(float(mass.sum()), 1e-9)
    base = mass.sum(axis=0) / total
    size = mass.sum(axis=1, keepdims=True)
    share = mass / np.maximum(size, 1e-9)
    out = (share >= _STANDS_OUT * base) & (base > 0) & (size >= _LEAST_SHARE * total)
    return [tuple(np.flatnonzero(row).tolist()) or (-1,) for row in out]


def _names(mass: DoubleArray, correction: float) -> list[int]:
    """Return the index of each cluster's wave by the largest m / b^a, -1 where none stands out."""
    base = mass.sum(axis=0) / max(float(mass.sum()), 1e-9)
    share = mass / np.maximum(mass.sum(axis=1, keepdims=True), 1e-9)
    score = np.where(base > 0, share / np.where(base > 0, base, 1) ** correction, 0)
    best = score.argmax(axis=1).tolist()
    return [
        one if one in may else may[0] for one, may in zip(best, _standing_out(mass), strict=True)
    ]


def _searched(
    mass: list[DoubleArray], allowed: list[list[tuple[int, ...]]], names: list[list[int]]
) -> list[list[int]]:
    """Return names that no change of one cluster's name makes agree better."""
    now, better = _agreement(mass, names), True
    while better:
        better = False
        for side, clusters in enumerate(allowed):
            for k, waves in enumerate(clusters):
                for wave in waves:
                    was = names[side][k]
                    names[side][k] = wave
                    then = _agreement(mass, names)
                    if then > now:
                        now, better = then, True
                    else:
                        names[side][k] = was
    return names


def _agreement(mass: list[DoubleArray], names: list[list[int]]) -> tuple[float, float]:
    """Return the mean F1 of P, QRS and T, and of all waves, to nine decimals."""
    found = {}
    for wave, word in enumerate(WAVES):
        hit = named = there = 0.0
        for side, chosen in zip(mass, names, strict=True):
            mine = np.array(chosen) == wave
            hit += float(side[mine, wave].sum())
            named += float(side[mine].sum())
            there += float(side[:, wave].sum())
        if there:
            found[word] = 2 * hit / (named + there)
    marked = [found[word] for word in SHAPED if word in found]
    means = (float(np.mean(some)) if some else 0.0 for some in (marked, list(found.values())))
    first, second = (round(mean, 9) for mean in means)
    return first, second


def _word(wave: int) -> str:
    return UNNAMED if wave < 0 else WAVES[wave]
