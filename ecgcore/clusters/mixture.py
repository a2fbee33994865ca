"""Soft clusters: a mixture of Gaussians, and how unsure it is of each point.

Source: Boubekki et al. 2025 speak of clusters of a network's activations and of the uncertainty of
the assignment; that the clusters are soft, and that the uncertainty is the entropy of the
assignment, is told of the journal version. The mixture is our choice, of two kinds (``kind`` says
which a checkpoint gets): Gaussians with full covariances, fitted by expectation maximisation from
k-means (scikit-learn's); or soft k-means, which are equally heavy Gaussians of one spherical
variance about the centres. A point's membership is its posterior, and its uncertainty the
posterior's entropy over log K: 0 where one cluster has it all, 1 where all have the same.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from ecgcore.schema import FloatArray

Kind = Literal["gaussians", "soft k-means"]
KINDS: Final[tuple[Kind, ...]] = ("gaussians", "soft k-means")

# The variance of soft k-means, in mean squared distances of a point to its centre along an axis.
# With 8 the proportions hold a little more of the network's class, but every point is in half of
# the clusters (``results/README.md``).
SOFTNESS: Final = 2.0
_STARTS: Final = 2
_ROUNDS: Final = 60
# Added to every variance: activations of ReLU networks can be constant along an axis.
_LEAST_VARIANCE: Final = 1e-4
_TINY: Final = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class Mixture:
    """K Gaussians in d dimensions."""

    weight: FloatArray  # (K,), sums to 1
    mean: FloatArray  # (K, d)
    whitening: FloatArray  # (K, d, d): (z - mean) @ whitening is standard normal

    @property
    def count(self) -> int:
        """Number of clusters, K."""
        return int(self.weight.size)


def fit_mixture(z: FloatArray, count: int, seed: int = 0, kind: Kind = "gaussians") -> Mixture:
    """Return ``count`` Gaussians fitted to points ``z`` (n, d), the one with most points first.

    The same points, seed and kind give the same mixture.
    """
    if kind == "soft k-means":
        return _soft_kmeans(z, count, seed)
    model = GaussianMixture(
        count, max_iter=_ROUNDS, reg_covar=_LEAST_VARIANCE, random_state=seed, tol=1e-3
    )
    model.fit(z.astype(np.float64))
    order = np.argsort(-model.weights_, kind="stable")
    return Mixture(
        weight=model.weights_[order].astype(np.float32),
        mean=model.means_[order].astype(np.float32),
        whitening=model.precisions_cholesky_[order].astype(np.float32),
    )


def _soft_kmeans(z: FloatArray, count: int, seed: int) -> Mixture:
    model = KMeans(count, n_init=_STARTS, random_state=seed).fit(z.astype(np.float64))
    order = np.argsort(-np.bincount(model.labels_, minlength=count), kind="stable")
    variance = max(SOFTNESS * float(model.inertia_) / z.size, _LEAST_VARIANCE)
    whitening = np.eye(z.shape[1]) / np.sqrt(variance)
    return Mixture(
        weight=np.full(count, 1 / count, np.float32),
        mean=model.cluster_centers_[order].astype(np.float32),
        whitening=np.repeat(whitening[None], count, axis=0).astype(np.float32),
    )


def log_density(mixture: Mixture, z: FloatArray) -> FloatArray:
    """Return each Gaussian's weighted log density at points ``z`` (…, d): (…, K)."""
    count, width = mixture.mean.shape
    joined = mixture.whitening.transpose(1, 0, 2).reshape(width, count * width)
    white = z.reshape(-1, width) @ joined  # (n, K d); the rest in place: n is millions
    white -= np.einsum("kd,kde->ke", mixture.mean, mixture.whitening).reshape(-1)
    np.square(white, out=white)
    squared = white @ np.repeat(np.eye(count, dtype=white.dtype), width, axis=0)
    level = (
        np.log(np.maximum(mixture.weight, _TINY))
        + np.log(np.abs(np.diagonal(mixture.whitening, axis1=1, axis2=2))).sum(axis=1)
        - width / 2 * np.log(2 * np.pi)
    )
    density: FloatArray = (level - squared / 2).astype(np.float32)
    return density.reshape(*z.shape[:-1], count)


def memberships(mixture: Mixture, z: FloatArray) -> FloatArray:
    """Return how much each cluster has of points ``z`` (…, d): (…, K), rows sum to 1."""
    density = log_density(mixture, z)
    density = density - density.max(axis=-1, keepdims=True)
    share = np.exp(density)
    soft: FloatArray = share / share.sum(axis=-1, keepdims=True)
    return soft


def uncertainty(soft: FloatArray) -> FloatArray:
    """Return the entropy of memberships (…, K) over log K: (…,), 0 to 1."""
    entropy = -(soft * np.log(np.maximum(soft, _TINY))).sum(axis=-1)
    relative: FloatArray = np.clip(entropy / np.log(soft.shape[-1]), 0, 1).astype(np.float32)
    return relative
