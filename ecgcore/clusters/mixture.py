"""Soft clusters: a mixture of Gaussians, and how unsure it is of each point.

Source: Boubekki et al. 2025 speak of clusters of a network's activations and of the uncertainty of
the assignment; that the clusters are soft, and that the uncertainty is the entropy of the
assignment, is told of the journal version. The mixture is our choice: Gaussians with full
covariances, fitted by expectation maximisation from k-means (scikit-learn's). A point's membership
is its posterior, and its uncertainty the posterior's entropy over log K: 0 where one cluster has
it all, 1 where all have the same.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.mixture import GaussianMixture

from ecgcore.schema import FloatArray

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


def fit_mixture(z: FloatArray, count: int, seed: int = 0) -> Mixture:
    """Return ``count`` Gaussians fitted to points ``z`` (n, d), largest weight first.

    The same points and seed give the same mixture.
    """
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
