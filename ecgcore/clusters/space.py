"""The space in which time samples are clustered: three depths of a network side by side.

Source: Boubekki et al. 2025 cluster time-resolved activations of several blocks. Inferred by us,
as the abstract does not say it: each block is centred channel by channel and divided by its own
root mean square, so that no depth outweighs another; brought to the beat's points by linear
interpolation; and concatenated. Ours: the first principal components stand for the whole
(``AXES``), which leaves out noise and makes every later step cheap. All of it is affine, so a
block is projected at its own length and interpolated afterwards: the same result, several times
faster.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from ecgcore.clusters.blocks import last_blocks
from ecgcore.explain.gradcam import upsample
from ecgcore.models.network import Network
from ecgcore.schema import FloatArray

AXES: Final = 16
_BATCH: Final = 512
_FLAT: Final = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class Space:
    """Where the activations of one network are looked at from."""

    mean: tuple[FloatArray, ...]  # of each block (C,)
    axes: tuple[FloatArray, ...]  # of each block (C, d): divided by its size, then projected
    explained: float  # share of the variance along the d axes

    @property
    def width(self) -> int:
        """Number of axes, d."""
        return int(self.axes[0].shape[1])


def learn_space(network: Network, x: FloatArray, axes: int = AXES) -> Space:
    """Return the space of a network, from some of its inputs ``x`` (b, …).

    Blocks are compared at their own lengths, each weighed as if it were at the beat's points.
    """
    blocks = [_plain(parts) for parts in zip(*_batches(network, x), strict=True)]
    mean = [block.mean(axis=(0, 2)) for block in blocks]
    size = [
        max(float(np.sqrt(((block - m[:, None]) ** 2).sum(axis=1).mean())), _FLAT)
        for block, m in zip(blocks, mean, strict=True)
    ]
    points = x.shape[-1]
    whole = np.concatenate(
        [
            upsample_blocks(torch.from_numpy((block - m[:, None]) / s), points).numpy()
            for block, m, s in zip(blocks, mean, size, strict=True)
        ],
        axis=1,
    )  # (b, D, points)
    flat = whole.transpose(0, 2, 1).reshape(-1, whole.shape[1]).astype(np.float64)
    variance, vectors = np.linalg.eigh(flat.T @ flat / len(flat))
    kept = vectors[:, ::-1][:, : min(axes, vectors.shape[1])]
    # An axis' sign is the solver's whim: the largest part is made positive.
    kept = kept * np.sign(kept[np.abs(kept).argmax(axis=0), np.arange(kept.shape[1])])
    share = float(variance[::-1][: kept.shape[1]].sum() / max(float(variance.sum()), _FLAT))
    edges = np.cumsum([block.shape[1] for block in blocks])[:-1]
    parts = np.split(kept, edges)
    return Space(
        mean=tuple(m.astype(np.float32) for m in mean),
        axes=tuple((part / s).astype(np.float32) for part, s in zip(parts, size, strict=True)),
        explained=share,
    )


def coordinates(network: Network, x: FloatArray, space: Space) -> FloatArray:
    """Return where each point of each beat lies (b, points, d), for inputs ``x`` (b, …)."""
    points = x.shape[-1]
    found = []
    for blocks in _batches(network, x):
        total = torch.zeros(())
        for block, mean, axes in zip(blocks, space.mean, space.axes, strict=True):
            centred = block - torch.from_numpy(mean)[:, None]
            total = total + upsample_blocks(torch.from_numpy(axes).T @ centred, points)
        found.append(total.transpose(1, 2).numpy())
    return np.concatenate(found) if found else np.empty((0, points, space.width), np.float32)


def upsample_blocks(block: Tensor, points: int) -> Tensor:
    """Bring (B, C, T') to (B, C, points), each position at the middle of its part of the beat."""
    batch, channels, length = block.shape
    flat = upsample(block.reshape(batch * channels, length), (points,))
    return flat.reshape(batch, channels, points)


def _batches(network: Network, x: FloatArray) -> Iterator[tuple[Tensor, ...]]:
    for k in range(0, len(x), _BATCH):
        with torch.inference_mode():
            blocks = last_blocks(network, torch.from_numpy(x[k : k + _BATCH]))
        yield blocks


def _plain(parts: tuple[Tensor, ...]) -> FloatArray:
    joined: FloatArray = torch.cat(parts).numpy()
    return joined
