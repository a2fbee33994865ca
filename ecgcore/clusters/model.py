"""Fitted clusters of one checkpoint, and what they say of beats."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np

from ecgcore.clusters.mixture import Mixture, memberships, uncertainty
from ecgcore.clusters.space import Space, coordinates
from ecgcore.errors import EcgError
from ecgcore.explain.tile import tile_axes
from ecgcore.features.inputs import BeatInputs, InputSpec
from ecgcore.models.network import Network
from ecgcore.schema import DoubleArray, FloatArray

BINS: Final = 8  # parts of the beat's window in position-resolved proportions
UNNAMED: Final = "any"  # a cluster that no wave of the ordinary beat stands out in
_BATCH: Final = 256


@dataclass(frozen=True, kw_only=True, eq=False)
class ClusterModel:
    """K clusters of one checkpoint's time samples."""

    space: Space
    mixture: Mixture
    after: tuple[str, ...]  # K names: a wave, or UNNAMED, of points after an R-peak …
    before: tuple[str, ...]  # … and of points that belong to the beat that comes
    ordinary: FloatArray  # (C, T') or (C, F', T'): the fitting beats' mean features
    about: dict[str, Any] = field(default_factory=dict)  # what it was fitted on, K's curve, …

    @property
    def count(self) -> int:
        """Number of clusters, K."""
        return self.mixture.count

    @property
    def labels(self) -> tuple[str, ...]:
        """What people call the clusters: each once, such as "QRS", "QRS 2", "T | P"."""
        joined = [
            late if late == early else f"{late} | {early}"
            for late, early in zip(self.after, self.before, strict=True)
        ]
        seen: dict[str, int] = {}
        found = []
        for name in joined:
            seen[name] = seen.get(name, 0) + 1
            found.append(name if seen[name] == 1 else f"{name} {seen[name]}")
        return tuple(found)


@dataclass(frozen=True, kw_only=True, eq=False)
class Patterns:
    """What the clusters say of b beats, in little memory."""

    proportions: FloatArray  # (b, BINS, K): shares in each part of the window, each sums to 1
    entropy: FloatArray  # (b,), mean over the window, 0 to 1
    mass: DoubleArray  # (K, columns): summed memberships
    wave: DoubleArray  # (K, columns): memberships times the beat, mV

    @property
    def shares(self) -> FloatArray:
        """Share of each cluster in each beat (b, K): the mean over the parts; rows sum to 1."""
        shares: FloatArray = self.proportions.mean(axis=1)
        return shares

    @property
    def mean_waves(self) -> DoubleArray:
        """Mean beat where a cluster is, (K, columns), mV; NaN where it never is."""
        mean: DoubleArray = np.full(self.mass.shape, np.nan)
        np.divide(self.wave, self.mass, out=mean, where=self.mass > 0)
        return mean


def check_clusterable(spec: InputSpec) -> None:
    """Raise EcgError for inputs that have no time axis to put clusters on."""
    if spec.kind == "image":
        raise EcgError(
            "Clusters in time are not available for a network that sees the beat drawn: a column "
            "of the picture holds the trace and the empty paper above and below it, so its "
            "activations are not those of a time sample. Choose a waveform or spectrogram network."
        )


def sees_waves(spec: InputSpec) -> bool:
    """Whether a network sees the beat itself, not only what differs from an ordinary one.

    Where it does not, an ordinary P or T wave leaves nothing to see, and clusters are kinds of
    departure: names of waves would mean nothing.
    """
    return "raw" in spec.channels


def columns(inputs: BeatInputs) -> DoubleArray:
    """Return where the clustered columns stand, counted in the beat's points.

    The points themselves, or the times of a spectrogram's columns. Raises EcgError for pictures.
    """
    check_clusterable(inputs.spec)
    if inputs.spec.spectrogram is not None:
        return tile_axes(inputs, inputs.beats.peaks.fs, 0).column
    return np.arange(inputs.spec.points, dtype=np.float64)


def samples(inputs: BeatInputs) -> DoubleArray:
    """Return the absolute sample of every clustered column of every beat (b, columns)."""
    start, stop = inputs.beats.start[:, None], inputs.beats.stop[:, None]
    found: DoubleArray = start + (stop - start) * columns(inputs) / (inputs.spec.points - 1)
    return found


def segment(network: Network, x: FloatArray, model: ClusterModel) -> FloatArray:
    """Return memberships (b, columns, K) of inputs ``x`` (b, …); the last axis sums to 1."""
    return memberships(model.mixture, coordinates(network, x, model.space))


def part_shares(soft: FloatArray) -> FloatArray:
    """Return the mean of memberships (b, columns, K) over each part of the window (b, BINS, K)."""
    edge = np.linspace(0, soft.shape[1], BINS + 1).round().astype(int)
    parts = [soft[:, a : max(b, a + 1)].mean(axis=1) for a, b in pairwise(edge)]
    return np.stack(parts, axis=1)


def patterns(network: Network, inputs: BeatInputs, model: ClusterModel) -> Patterns:
    """Return what the clusters say of all beats of a recording.

    Batch by batch, so a day's memberships never stand in memory together. Beats that are not
    usable are seen as zeros, as the network sees them, and left out of the sums.
    """
    place = columns(inputs)
    proportions, entropy = [], []
    mass = np.zeros((model.count, place.size))
    wave = np.zeros((model.count, place.size))
    at = np.clip(np.rint(place).astype(int), 0, inputs.spec.points - 1)
    for k in range(0, len(inputs), _BATCH):
        some = slice(k, k + _BATCH)
        soft = segment(network, inputs.take(some), model)
        proportions.append(part_shares(soft))
        entropy.append(uncertainty(soft).mean(axis=1))
        usable = inputs.beats.usable[some]
        known, beat = soft[usable], inputs.beats.waveform[some][usable][:, at]
        mass += known.sum(axis=0, dtype=np.float64).T
        wave += np.einsum("btk,bt->kt", known, beat, dtype=np.float64)
    if not proportions:
        empty = np.empty((0, BINS, model.count), np.float32)
        return Patterns(proportions=empty, entropy=empty[:, 0, 0], mass=mass, wave=wave)
    return Patterns(
        proportions=np.concatenate(proportions).astype(np.float32),
        entropy=np.concatenate(entropy).astype(np.float32),
        mass=mass,
        wave=wave,
    )
