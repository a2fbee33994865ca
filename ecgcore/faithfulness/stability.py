"""Stability: a map of nearly the same beat must be nearly the same map.

Source: the idea is Alvarez-Melis and Jaakkola's, "On the Robustness of Interpretability Methods",
2018; the measure here is the rank correlation over the beat's pieces, mean over the variants:
``NOISY`` copies with Gaussian noise of ``LEVEL`` of the recording's usual size of each channel (its
root mean square over the usable beats), and the beat moved by ``SHIFT`` samples of the recording to
either side, compared with the map moved as much. The beat is changed before any picture is made of
it, so waveforms and pictures meet the same noise; the class that is explained stays.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch
from torch import Tensor

from ecgcore.faithfulness.cases import Cases, maps_of, shown_rows, take_rows
from ecgcore.faithfulness.pieces import importance, per_piece
from ecgcore.faithfulness.ranks import rank_correlation
from ecgcore.features.inputs import BeatInputs
from ecgcore.models.network import Network
from ecgcore.schema import DoubleArray, FloatArray, IntArray

NOISY: Final = 2
LEVEL: Final = 0.05
SHIFT: Final = 2  # samples of the recording
_SHIFTS: Final = (-SHIFT, SHIFT)


@dataclass(frozen=True, kw_only=True, eq=False)
class Variants:
    """B beats, each noisy and moved."""

    noisy: tuple[Tensor, ...]  # NOISY of (B, C, …)
    moved: tuple[Tensor, ...]  # one for each shift, (B, C, …)
    columns: tuple[FloatArray, ...]  # (B,) each: the shift in columns of the input's last axis


@dataclass(frozen=True, kw_only=True, eq=False)
class Stability:
    """Rank correlations of B beats' maps with those of their variants."""

    noise: DoubleArray  # (B,), mean over the noisy copies
    shift: DoubleArray  # (B,), mean over the shifts

    @property
    def both(self) -> DoubleArray:
        """The mean of the two (B,)."""
        return (self.noise + self.shift) / 2


def variants_of(
    inputs: BeatInputs, rows: IntArray, own: tuple[int, ...], seed: int = 0
) -> Variants:
    """Return variants of beats ``rows`` (B,) of a recording, ``own`` channels changed."""
    rng = np.random.default_rng(seed)
    size = inputs.size[list(own), None]
    stacked = inputs.rows(rows)
    shown = stacked[:, own]
    points = inputs.spec.points
    noisy = [
        shown + (LEVEL * size * rng.standard_normal(shown.shape)).astype(np.float32)
        for _ in range(NOISY)
    ]
    spacing = (inputs.beats.stop[rows] - inputs.beats.start[rows]) / (points - 1)
    steps = [shift / spacing for shift in _SHIFTS]  # in points (B,)
    moved = [_moved(shown, step) for step in steps]
    width = take_rows(inputs, rows[:1]).shape[-1]
    return Variants(
        noisy=tuple(_with(inputs, rows, own, stacked, one) for one in noisy),
        moved=tuple(_with(inputs, rows, own, stacked, one) for one in moved),
        columns=tuple((step * width / points).astype(np.float32) for step in steps),
    )


def joined_variants(parts: list[Variants]) -> Variants:
    """Return the variants of several recordings' beats as one."""
    noisy = zip(*(part.noisy for part in parts), strict=True)
    moved = zip(*(part.moved for part in parts), strict=True)
    columns = zip(*(part.columns for part in parts), strict=True)
    return Variants(
        noisy=tuple(map(torch.cat, noisy)),
        moved=tuple(map(torch.cat, moved)),
        columns=tuple(map(np.concatenate, columns)),
    )


def stability(
    method: str, network: Network, cases: Cases, variants: Variants, whole: Tensor, piece: Tensor
) -> Stability:
    """Return how alike the maps of each beat's variants are to its own, ``whole`` (B, …)."""
    first = per_piece(importance(method, whole), piece)
    noise = [
        rank_correlation(first, _ranks(method, network, cases, x, piece)) for x in variants.noisy
    ]
    shift = []
    for x, step in zip(variants.moved, variants.columns, strict=True):
        there = torch.from_numpy(_moved(whole.numpy(), step))
        aligned = per_piece(importance(method, there), piece)
        shift.append(rank_correlation(aligned, _ranks(method, network, cases, x, piece)))
    return Stability(noise=np.mean(noise, axis=0), shift=np.mean(shift, axis=0))


def _ranks(method: str, network: Network, cases: Cases, x: Tensor, piece: Tensor) -> Tensor:
    found = maps_of(method, network, replace(cases, x=x))
    return per_piece(importance(method, found), piece)


def _with(
    inputs: BeatInputs,
    rows: IntArray,
    own: tuple[int, ...],
    stacked: FloatArray,
    shown: FloatArray,
) -> Tensor:
    """Return what the network sees of beats whose own channels are ``shown`` (B, own, points)."""
    changed = stacked.copy()
    changed[:, own] = shown
    return torch.from_numpy(shown_rows(inputs, changed, rows))


def _moved(values: FloatArray, step: DoubleArray | FloatArray) -> FloatArray:
    """Return values (B, …, n) read ``step`` (B,) further on, edges held."""
    n = values.shape[-1]
    at = np.clip(np.arange(n) + np.asarray(step, dtype=np.float64)[:, None], 0, n - 1)  # (B, n)
    low = np.minimum(at.astype(np.int64), n - 2 if n > 1 else 0)
    part = (at - low).astype(np.float32)
    shape = (len(values), *[1] * (values.ndim - 2), n)
    index = np.broadcast_to(low.reshape(shape), values.shape)
    left = np.take_along_axis(values, index, axis=-1)
    right = np.take_along_axis(values, np.minimum(index + 1, n - 1), axis=-1)
    found: FloatArray = (left + part.reshape(shape) * (right - left)).astype(np.float32)
    return found
