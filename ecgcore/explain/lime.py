"""LIME: a linear model of what happens when pieces of the beat are put back to the reference.

Source: Ribeiro, Singh and Guestrin, "'Why Should I Trust You?': Explaining the Predictions of Any
Classifier", KDD 2016. The beat is cut into pieces; ``SAMPLES`` times a random half of them is put
back to the reference; a ridge regression of the score on which pieces were left, weighted by
exp(−d² / ``WIDTH``²) with d the cosine distance to the whole beat, gives each piece's weight.

Departures: pieces are equal stretches of time, or tiles of a picture, not superpixels; the score is
the logit; all beats of a batch share the random masks, so that one factorisation serves them all
and a map can be made again. ``fit`` is the weighted R² of the linear model: where it is low, the
pieces act together and their weights say little.
"""

from typing import Final

import torch
from torch import Tensor

from ecgcore.explain.attribution import (
    CHUNK,
    Attribution,
    Reference,
    check_ready,
    chunks,
    scores,
)
from ecgcore.models.network import Network

SAMPLES: Final = 512
WIDTH: Final = 0.25
RIDGE: Final = 1e-2
PIECES: Final = {1: (20,), 2: (6, 8)}  # of time; of frequency (or amplitude) and time


def lime(
    network: Network,
    x: Tensor,
    rr: Tensor,
    target: Tensor,
    reference: Reference,
    *,
    samples: int = SAMPLES,
    width: float = WIDTH,
    ridge: float = RIDGE,
    pieces: tuple[int, ...] | None = None,
    seed: int = 0,
) -> Attribution:
    """Return the weight of each beat's pieces, spread evenly over their points, signed.

    Parameters: ``x`` (B, C, …), ``rr`` (B, R), which stays as it is, ``target`` (B,); ``samples``,
    ``width`` of the kernel, ``ridge`` on the weights (not on the intercept), number of ``pieces``
    along each of the last axes. Values are logits a point: a piece's points add up to its weight.
    ``fit`` (B,) is R². Raises ValueError for a network in training mode.
    """
    check_ready(network)
    piece = segments(tuple(x.shape[2:]), pieces or PIECES[x.ndim - 2]).to(x.device)
    count = int(piece.max()) + 1
    kept = masks(samples, count, seed).to(x.device)  # (M, P)
    solve, weight = _ridge(kept, width, ridge)
    away = reference.like(x, rr)
    weights, fits = [], []
    for k in chunks(len(x), max(1, CHUNK // samples)):
        seen = kept[:, piece].bool()[None, :, None]  # (1, M, 1, …)
        variants = torch.where(seen, x[k][:, None], away.x[k][:, None]).flatten(0, 1)
        many = scores(
            network,
            variants,
            rr[k].repeat_interleave(samples, dim=0),
            target[k].repeat_interleave(samples),
        ).view(-1, samples)  # (k, M)
        found = many.double() @ solve.T  # (k, 1 + P)
        weights.append(found[:, 1:].to(x))
        fits.append(_r_squared(many.double(), found, kept, weight).to(x))
    per_piece = torch.cat(weights)
    points = torch.bincount(piece.flatten(), minlength=count).to(x)
    values = (per_piece / points)[:, piece][:, None]
    return Attribution(values=values, fit=torch.cat(fits), score=scores(network, x, rr, target))


def segments(size: tuple[int, ...], pieces: tuple[int, ...]) -> Tensor:
    """Return the index of each point's piece (…), counted along the last axis first."""
    number = torch.zeros(size, dtype=torch.int64)
    for axis, (n, wanted) in enumerate(zip(size, pieces, strict=True)):
        many = min(n, wanted)
        along = torch.arange(n) * many // n
        number = number * many + along.view(*[-1 if k == axis else 1 for k in range(len(size))])
    return number


def masks(samples: int, count: int, seed: int) -> Tensor:
    """Return which pieces each sample keeps (M, P), 0 or 1; the first keeps all, as it is."""
    generator = torch.Generator().manual_seed(seed)
    kept = torch.randint(0, 2, (samples, count), generator=generator)
    kept[0] = 1
    return kept


def kernel(kept: Tensor, width: float) -> Tensor:
    """Return exp(−d² / width²) of each sample (M,), d its cosine distance to the whole beat."""
    distance = 1 - (kept.double().sum(dim=1) / kept.shape[1]).sqrt()
    return torch.exp(-(distance**2) / width**2)


def _ridge(kept: Tensor, width: float, ridge: float) -> tuple[Tensor, Tensor]:
    """Return what turns scores (M,) into intercept and weights (1 + P,), and the kernel (M,)."""
    weight = kernel(kept, width)
    design = torch.cat([torch.ones(len(kept), 1).double(), kept.double()], dim=1)  # (M, 1 + P)
    penalty = ridge * torch.eye(design.shape[1], dtype=torch.float64)
    penalty[0, 0] = 0.0
    weighed = design * weight[:, None]
    return torch.linalg.solve(weighed.T @ design + penalty, weighed.T), weight


def _r_squared(many: Tensor, found: Tensor, kept: Tensor, weight: Tensor) -> Tensor:
    predicted = found[:, :1] + found[:, 1:] @ kept.double().T
    share = weight / weight.sum()
    mean = (many * share).sum(dim=1, keepdim=True)
    left = ((many - predicted) ** 2 * share).sum(dim=1)
    spread = ((many - mean) ** 2 * share).sum(dim=1)
    # A score that no piece moves is explained by the intercept alone.
    return torch.where(spread > 0, 1 - left / spread.clamp_min(1e-300), torch.ones_like(left))
