"""Fit the clusters of a checkpoint on recordings, and choose how many there are.

The number K, from 4 to 12, is chosen on the fitting recordings by what the clusters are for. How
well their proportions say the network's class is the macro F1 of a forest on position-resolved
proportions, judged on fitting recordings that the forest was not given (three folds of recordings).
Where the network sees the beat itself, how well they tell waves apart is their names' agreement
with the waves by position (``naming``): taken is the K with the best mean of the two. Where it sees
departures only, clusters are no waves, and taken is the smallest K whose fidelity is within one
standard error of the best (the rule of Breiman et al. 1984).
A likelihood criterion such as BIC is of no use here: neighbouring time samples are nearly copies
of one another, so it always asks for more clusters.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import torch
from sklearn.model_selection import GroupKFold, KFold

from ecgcore.clusters.fidelity import fidelity
from ecgcore.clusters.mixture import Mixture, fit_mixture, memberships
from ecgcore.clusters.model import ClusterModel, part_shares, sees_waves
from ecgcore.clusters.naming import Naming, name_clusters
from ecgcore.clusters.sample import BEATS, Progress, Sample, draw_sample
from ecgcore.clusters.space import coordinates, learn_space
from ecgcore.errors import EcgError
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.models.network import Network
from ecgcore.records.catalog import Database
from ecgcore.schema import FloatArray

COUNTS: Final = tuple(range(4, 13))
_POINTS: Final = 20_000  # of the sample's time samples, those the mixtures are fitted on
_SPACE_BEATS: Final = 600
_FOLDS: Final = 3
_TREES: Final = 60
_BATCH: Final = 256


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One number of clusters, and how well its proportions say what the network says."""

    count: int
    fidelity: float  # mean macro F1 over the folds
    error: float  # its standard error
    names: float | None = None  # agreement of their names; None where no wave is in sight


def fit_clusters(
    checkpoint: Checkpoint,
    database: Database,
    records: Sequence[str],
    *,
    count: int | None = None,
    beats: int = BEATS,
    seed: int = 0,
    progress: Progress | None = None,
) -> ClusterModel:
    """Return the clusters of a checkpoint; ``count`` of them, or as many as the criterion says.

    Neither annotations nor experts' marks of waves are used, only R-peaks and the network itself.
    Takes about a minute with the criterion, most of it for the nine mixtures. Raises EcgError for
    a count out of 2 to 32 and for networks that see a picture of the beat; RecordError as the
    reader does.
    """
    if count is not None and not 2 <= count <= 32:
        raise EcgError(
            f"{count} clusters can't be fitted; choose 2 to 32 (the app offers 4 to 12)."
        )
    start = time.perf_counter()
    sample = draw_sample(checkpoint, database, records, beats=beats, seed=seed, progress=progress)
    network, rng = checkpoint.network, np.random.default_rng(seed)
    space = learn_space(network, sample.x[rng.permutation(len(sample))[:_SPACE_BEATS]])
    z = coordinates(network, sample.x, space)
    flat = z.reshape(-1, space.width)
    some = flat[np.sort(rng.permutation(len(flat))[:_POINTS])]
    mine, waves = sample.ordinary, sees_waves(checkpoint.meta.input)
    mixtures: dict[int, Mixture] = {}
    naming: dict[int, Naming] = {}
    curve: list[Candidate] = []
    wanted = (count,) if count is not None else COUNTS
    for number, k in enumerate(wanted):
        if progress:
            progress(number, len(wanted), f"{k} clusters")
        mixtures[k] = fit_mixture(some, k, seed)
        naming[k] = name_clusters(
            memberships(mixtures[k], z[mine]), sample.wave[mine], sample.before[mine]
        )
        if count is None:
            judged = _judge(mixtures[k], z, sample, checkpoint.meta.classes, seed)
            curve.append(replace(judged, names=naming[k].agreement if waves else None))
    chosen = count if count is not None else choose_count(curve)
    named = naming[chosen]
    about: dict[str, Any] = {
        "database": database.name,
        "records": list(records),
        "beats": len(sample),
        "of_beats": sample.seen,
        "seed": seed,
        "explained": space.explained,
        "curve": [vars(one) for one in curve],
        "seconds": time.perf_counter() - start,
    }
    return ClusterModel(
        space=space,
        mixture=mixtures[chosen],
        after=named.after,
        before=named.before,
        ordinary=_mean_features(network, sample.x),
        about=about,
    )


def choose_count(curve: Sequence[Candidate]) -> int:
    """Return the number that the criterion says. Raises ValueError without candidates."""
    if not curve:
        raise ValueError("there is no candidate to choose from")
    named = [
        (round(one.fidelity + one.names, 9), -one.count) for one in curve if one.names is not None
    ]
    if len(named) == len(curve):
        return -max(named)[1]
    best = max(curve, key=lambda one: one.fidelity)
    return min(one.count for one in curve if one.fidelity >= best.fidelity - best.error)


def _judge(
    mixture: Mixture, z: FloatArray, sample: Sample, classes: tuple[str, ...], seed: int
) -> Candidate:
    shares = np.concatenate(
        [part_shares(memberships(mixture, z[k : k + _BATCH])) for k in range(0, len(z), _BATCH)]
    ).reshape(len(z), -1)
    groups = np.unique(sample.record)
    folds = (
        GroupKFold(_FOLDS).split(shares, groups=sample.record)
        if groups.size >= _FOLDS
        else KFold(_FOLDS, shuffle=True, random_state=seed).split(shares)
    )
    found = [
        fidelity(
            *(shares[fit], sample.label[fit], shares[test], sample.label[test], classes),
            trees=_TREES,
            seed=seed,
        ).macro_f1
        for fit, test in folds
    ]
    spread = float(np.std(found, ddof=1) / np.sqrt(len(found)))
    return Candidate(count=mixture.count, fidelity=float(np.mean(found)), error=spread)


def _mean_features(network: Network, x: FloatArray) -> FloatArray:
    total: Any = 0.0
    with torch.inference_mode():
        for k in range(0, len(x), _BATCH):
            total = total + network.features(torch.from_numpy(x[k : k + _BATCH])).sum(dim=0)
    mean: FloatArray = (total / len(x)).numpy()
    return mean
