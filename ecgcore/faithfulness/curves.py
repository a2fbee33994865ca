"""Deletion and insertion: how a prediction falls as what a map names goes, and rises as it comes.

Source: Petsiuk, Das and Saenko, "RISE: Randomized Input Sampling for Explanation of Black-box
Models", BMVC 2018: the target's probability over the share deleted (from the beat to the reference)
and over the share inserted (from the reference to the beat), most important first; a low area under
the first and a high one under the second speak for the map. Departures: pieces and their reference
instead of pixels and grey or blur (``pieces``), and 32 steps for any input.

The difference of the areas (insertion less deletion) is a map's ``gain``. A random order's is 0 on
average, as every random order stands beside its reverse: inserting by one is deleting by the other
backwards, so the random areas of deletion and insertion are the same number by construction.
A beat whose class stays the target's without its waveform (most N beats: what is ordinary is N) has
flat curves for every map, and no gain to show.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from ecgcore.explain.attribution import check_ready
from ecgcore.faithfulness.cases import Cases
from ecgcore.models.network import Network
from ecgcore.schema import DoubleArray, FloatArray

STEPS: Final = 32
_BATCH: Final = 1024  # variants seen by the network at a time


@dataclass(frozen=True, kw_only=True, eq=False)
class Curves:
    """The target's probability of B beats along their order of pieces."""

    deletion: FloatArray  # (B, STEPS + 1): from the beat to the reference
    insertion: FloatArray  # (B, STEPS + 1): from the reference to the beat

    @property
    def deletion_auc(self) -> DoubleArray:
        """Area under each deletion curve (B,), 0 to 1."""
        return area(self.deletion)

    @property
    def insertion_auc(self) -> DoubleArray:
        """Area under each insertion curve (B,), 0 to 1."""
        return area(self.insertion)

    @property
    def gain(self) -> DoubleArray:
        """Insertion less deletion area of each beat (B,): above 0, better than random."""
        return self.insertion_auc - self.deletion_auc


def share() -> DoubleArray:
    """Return the share deleted or inserted at each step (STEPS + 1,)."""
    return np.linspace(0, 1, STEPS + 1)


def area(curve: FloatArray) -> DoubleArray:
    """Return the area under curves (…, STEPS + 1) over the share (…)."""
    found: DoubleArray = np.trapezoid(curve.astype(np.float64), share(), axis=-1)
    return found


def curves(network: Network, cases: Cases, piece: Tensor, order: Tensor) -> Curves:
    """Return both curves of each beat for its own order of pieces (B, P)."""
    both = torch.stack([order, order.flip(1)], dim=1)
    found = deletion_curves(network, cases, piece, both)
    return Curves(deletion=found[:, 0], insertion=found[:, 1, ::-1])


def random_curves(deletion: FloatArray) -> Curves:
    """Return both curves of random orders, each beside its reverse, from their deletion curves.

    Parameters: (B, orders, STEPS + 1), of ``random_orders``. Returns curves of that shape.
    """
    half = deletion.shape[1] // 2
    reverse = np.concatenate([deletion[:, half:], deletion[:, :half]], axis=1)
    return Curves(deletion=deletion, insertion=reverse[..., ::-1])


def deletion_curves(network: Network, cases: Cases, piece: Tensor, order: Tensor) -> FloatArray:
    """Return the target's probability (B, orders, STEPS + 1) while pieces go in ``order``.

    Parameters: ``piece`` (…), the index of each point's piece; ``order`` (B, orders, P). Many
    variants of several beats are seen together. Raises ValueError for a network in training mode.
    """
    check_ready(network)
    beats, orders, pieces = order.shape
    rank = order.argsort(dim=2)  # of each piece
    gone = torch.linspace(0, pieces, STEPS + 1).round().to(rank)  # pieces deleted at each step
    deleted = rank[:, :, None] < gone[:, None]  # (B, orders, STEPS + 1, P)
    variants = orders * (STEPS + 1)
    found = []
    for k in _slices(beats, max(1, _BATCH // variants)):
        some = cases.some(k)
        masks = deleted[k].flatten(1, 2)[:, :, piece]  # (k, variants, …)
        mixed = torch.where(masks[:, :, None], some.ordinary[:, None], some.x[:, None])
        rr = some.rr[:, None].expand(-1, variants, -1)
        target = some.target[:, None].expand(-1, variants)
        found.append(probability(network, mixed.flatten(0, 1), rr.flatten(0, 1), target.flatten()))
    return np.concatenate(found).reshape(beats, orders, STEPS + 1)


def probability(network: Network, x: Tensor, rr: Tensor, target: Tensor) -> FloatArray:
    """Return the target's probability of inputs (n,), some at a time."""
    parts = []
    with torch.inference_mode():
        for k in _slices(len(x), _BATCH):
            logits = network(x[k], rr[k])
            parts.append(torch.softmax(logits, dim=1).gather(1, target[k, None])[:, 0])
        joined: FloatArray = torch.cat(parts).numpy()
    return joined


def _slices(total: int, size: int) -> Iterator[slice]:
    for start in range(0, total, size):
        yield slice(start, start + size)
