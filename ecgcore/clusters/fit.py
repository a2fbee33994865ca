"""Fit the clusters of a checkpoint on recordings, and choose how many and of which kind they are.

Of each kind (``kind`` tells how one is taken), the number K, from 4 to 12, is chosen on the fitting
recordings by what the clusters are for. How well their proportions say the network's class is the
macro F1 of a forest on position-resolved proportions, judged on fitting recordings that the forest
was not given (three folds of recordings).
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

from ecgcore.clusters.kind import KindCandidate, choose_kind, held_out_fidelity
from ecgcore.clusters.mixture import KINDS, Kind, Mixture, fit_mixture, memberships
from ecgcore.clusters.model import ClusterModel, part_shares, sees_waves
from ecgcore.clusters.naming import Naming, name_clusters
from ecgcore.clusters.sample import BEATS, Progress, Sample, draw_other_leads, draw_sample
from ecgcore.clusters.space import Space, coordinates, learn_space
from ecgcore.errors import EcgError
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.models.network import Network
from ecgcore.records.database import Database
from ecgcore.schema import FloatArray

COUNTS: Final = tuple(range(4, 13))
_POINTS: Final = 20_000  # of the sample's time samples, those the mixtures are fitted on
_SPACE_BEATS: Final = 600
_BATCH: Final = 256


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One number of clusters, and how well its proportions say what the network says."""

    count: int
    fidelity: float  # mean macro F1 over the folds
    error: float  # its standard error
    names: float | None = None  # agreement of their names; None where no wave is in sight


@dataclass(frozen=True, kw_only=True, eq=False)
class _Ground:
    """Where clusters are fitted and judged: beats of the network's lead, and of the other one."""

    checkpoint: Checkpoint
    space: Space
    sample: Sample
    z: FloatArray  # (n, columns, d)
    points: FloatArray  # (m, d): those that Gaussians are fitted on
    other: Sample | None
    other_z: FloatArray  # (n', columns, d)
    seed: int


@dataclass(frozen=True, kw_only=True, eq=False)
class _Fitted:
    """Clusters of one kind."""

    kind: Kind
    mixture: Mixture
    naming: Naming
    curve: list[Candidate]


def fit_clusters(
    checkpoint: Checkpoint,
    database: Database,
    records: Sequence[str],
    *,
    count: int | None = None,
    kind: Kind | None = None,
    beats: int = BEATS,
    seed: int = 0,
    progress: Progress | None = None,
) -> ClusterModel:
    """Return the clusters of a checkpoint; ``count`` of them, or as many as the criterion says.

    They are of ``kind``; without it of the one that the criterion says, Gaussians where a count is
    asked for. Neither annotations nor experts' marks of waves are used, only R-peaks and the
    network itself. Takes a few minutes with the criterion, most of it for its forests. Raises
    EcgError for a count out of 2 to 32 and for networks that see a picture of the beat;
    RecordError as the reader does.
    """
    if count is not None and not 2 <= count <= 32:
        raise EcgError(
            f"{count} clusters can't be fitted; choose 2 to 32 (the app offers 4 to 12)."
        )
    start = time.perf_counter()
    kinds = (kind,) if kind else KINDS if count is None else KINDS[:1]
    sample = draw_sample(checkpoint, database, records, beats=beats, seed=seed, progress=progress)
    other = None
    if "soft k-means" in kinds:
        other = draw_other_leads(
            checkpoint, database, records, beats=beats, seed=seed, progress=progress
        )
    ground = _prepared(checkpoint, sample, other, seed)
    wanted = (count,) if count is not None else COUNTS
    fitted = {one: _fit(ground, one, wanted, progress) for one in kinds}
    compared = [_compared(ground, one) for one in fitted.values()] if len(kinds) > 1 else []
    chosen = fitted[choose_kind(compared) if compared else kinds[0]]
    about: dict[str, Any] = {
        "database": database.name,
        "records": list(records),
        "beats": len(sample),
        "of_beats": sample.seen,
        "other_lead_beats": 0 if other is None else len(other),
        "seed": seed,
        "explained": ground.space.explained,
        "kind": chosen.kind,
        "kinds": [vars(one) for one in compared],
        "curve": [vars(one) for one in chosen.curve],
        "seconds": time.perf_counter() - start,
    }
    return ClusterModel(
        space=ground.space,
        mixture=chosen.mixture,
        after=chosen.naming.after,
        before=chosen.naming.before,
        ordinary=_mean_features(checkpoint.network, sample.x),
        about=about,
    )


def _prepared(checkpoint: Checkpoint, sample: Sample, other: Sample | None, seed: int) -> _Ground:
    network, rng = checkpoint.network, np.random.default_rng(seed)
    space = learn_space(network, sample.x[rng.permutation(len(sample))[:_SPACE_BEATS]])
    z = coordinates(network, sample.x, space)
    away = z[:0] if other is None else coordinates(network, other.x, space)
    return _Ground(
        checkpoint=checkpoint,
        space=space,
        sample=sample,
        z=z,
        points=_some_points(z, rng),
        other=other,
        other_z=away,
        seed=seed,
    )


def _some_points(z: FloatArray, rng: np.random.Generator) -> FloatArray:
    flat = z.reshape(-1, z.shape[-1])
    some: FloatArray = flat[np.sort(rng.permutation(len(flat))[:_POINTS])]
    return some


def _fit(ground: _Ground, kind: Kind, wanted: Sequence[int], progress: Progress | None) -> _Fitted:
    """Return clusters of one kind: Gaussians of the network's lead, soft k-means of both."""
    sample, z, checkpoint = ground.sample, ground.z, ground.checkpoint
    points = ground.points
    if kind == "soft k-means":
        both = np.concatenate([z, ground.other_z])
        points = _some_points(both, np.random.default_rng(ground.seed))
    mine, waves = sample.ordinary, sees_waves(checkpoint.meta.input)
    mixtures: dict[int, Mixture] = {}
    naming: dict[int, Naming] = {}
    curve: list[Candidate] = []
    for number, k in enumerate(wanted):
        if progress:
            progress(number, len(wanted), f"{k} clusters, {kind}")
        mixtures[k] = fit_mixture(points, k, ground.seed, kind)
        naming[k] = name_clusters(
            memberships(mixtures[k], z[mine]), sample.wave[mine], sample.before[mine]
        )
        if len(wanted) > 1:
            judged = _judge(mixtures[k], z, sample, checkpoint.meta.classes, ground.seed)
            curve.append(replace(judged, names=naming[k].agreement if waves else None))
    count = choose_count(curve) if curve else wanted[0]
    return _Fitted(kind=kind, mixture=mixtures[count], naming=naming[count], curve=curve)


def _compared(ground: _Ground, fitted: _Fitted) -> KindCandidate:
    """Return how well one kind's clusters do in the other lead (``kind``)."""
    sample, other = ground.sample, ground.other
    seen, label, record = _parts(fitted.mixture, ground.z).mean(axis=1), sample.label, sample.record
    away = np.zeros(len(sample), bool)
    if other is not None:
        seen = np.concatenate([seen, _parts(fitted.mixture, ground.other_z).mean(axis=1)])
        label, record = (
            np.concatenate([label, other.label]),
            np.concatenate([record, other.record]),
        )
        away = np.concatenate([away, np.ones(len(other), bool)])
    f1, agreement = held_out_fidelity(
        seen, label, record, ground.checkpoint.meta.classes, ground.seed, away
    )
    waves = sees_waves(ground.checkpoint.meta.input)
    return KindCandidate(
        kind=fitted.kind,
        count=fitted.mixture.count,
        fidelity=float(f1.mean()),
        agreement=float(agreement.mean()),
        names=fitted.naming.agreement if waves else None,
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
    shares = _parts(mixture, z).reshape(len(z), -1)
    found, _ = held_out_fidelity(shares, sample.label, sample.record, classes, seed)
    spread = float(np.std(found, ddof=1) / np.sqrt(len(found)))
    return Candidate(count=mixture.count, fidelity=float(np.mean(found)), error=spread)


def _parts(mixture: Mixture, z: FloatArray) -> FloatArray:
    """Return the clusters' shares of each part of the window (n, BINS, K)."""
    return np.concatenate(
        [part_shares(memberships(mixture, z[k : k + _BATCH])) for k in range(0, len(z), _BATCH)]
    )


def _mean_features(network: Network, x: FloatArray) -> FloatArray:
    total: Any = 0.0
    with torch.inference_mode():
        for k in range(0, len(x), _BATCH):
            total = total + network.features(torch.from_numpy(x[k : k + _BATCH])).sum(dim=0)
    mean: FloatArray = (total / len(x)).numpy()
    return mean
