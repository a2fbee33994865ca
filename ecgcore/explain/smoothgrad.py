"""SmoothGrad: how the score would move if the trace were raised, averaged over noisy copies.

Source: Smilkov et al., "SmoothGrad: removing noise by adding noise", 2017: the mean of dy / dx over
``COPIES`` copies of the input with Gaussian noise of ``LEVEL`` times its range (the paper finds
10 to 20 %). Departures: the sign is kept (raising the trace here speaks for or against), and the
range is taken over each channel of each beat, so that a channel that is zero gets no noise. The
noise is the same in every call, so that a map can be made again.

It is a slope, not a share: it says nothing of what is in the beat, only of what a small change
would do, and adds up to nothing.
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
    score_of,
    scores,
)
from ecgcore.models.network import Network

COPIES: Final = 32
LEVEL: Final = 0.1


def smoothgrad(
    network: Network,
    x: Tensor,
    rr: Tensor,
    target: Tensor,
    reference: Reference,  # noqa: ARG001 - the common signature
    *,
    copies: int = COPIES,
    level: float = LEVEL,
    seed: int = 0,
) -> Attribution:
    """Return the mean slope of the score over noisy copies of each beat, signed.

    Parameters: ``x`` (B, C, …), ``rr`` (B, R), which gets no noise, ``target`` (B,). Values and
    ``rr`` are in logits per unit of the network's input. Raises ValueError for a network in
    training mode.
    """
    check_ready(network)
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn((copies, *x.shape[1:]), generator=generator).to(x)
    axes = tuple(range(2, x.ndim))
    spread = level * (x.amax(dim=axes, keepdim=True) - x.amin(dim=axes, keepdim=True))
    parts = [
        _mean_slope(network, x[k], rr[k], target[k], noise, spread[k])
        for k in chunks(len(x), max(1, CHUNK // copies))
    ]
    values, rhythm = (torch.cat(column) for column in zip(*parts, strict=True))
    return Attribution(values=values, rr=rhythm, score=scores(network, x, rr, target))


def _mean_slope(
    network: Network, x: Tensor, rr: Tensor, target: Tensor, noise: Tensor, spread: Tensor
) -> tuple[Tensor, Tensor]:
    copies, beats = len(noise), len(x)
    with torch.enable_grad():
        noisy = (x + noise[:, None] * spread).flatten(0, 1).requires_grad_(True)  # (S k, C, …)
        rhythm = rr.repeat(copies, 1).requires_grad_(True)
        total = score_of(network, noisy, rhythm, target.repeat(copies)).sum()
        slope_x, slope_rr = torch.autograd.grad(
            total, (noisy, rhythm), allow_unused=True, materialize_grads=True
        )
    return (
        slope_x.view(copies, beats, *x.shape[1:]).mean(dim=0),
        slope_rr.view(copies, beats, rr.shape[1]).mean(dim=0),
    )
