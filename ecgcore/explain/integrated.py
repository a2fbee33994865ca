"""Integrated gradients: the way from a reference beat to this one, step by step.

Source: Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", ICML 2017. With the
reference x0 and the score y,

    part_i = (x_i − x0_i) · integral over a from 0 to 1 of dy / dx_i at x0 + a (x − x0)

and the parts add up to y(x) − y(x0) (completeness). Departures: waveform and RR features walk the
way together, so that both stand on one scale and add up together; the integral is taken by
Gauss–Legendre quadrature over ``STEPS`` points, and what it misses is told as ``rest``.

The parts depend on the reference: what a beat shares with it gets nothing.
"""

from typing import Final

import numpy as np
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
    start_of,
)
from ecgcore.models.network import Network

STEPS: Final = 32


def integrated_gradients(
    network: Network,
    x: Tensor,
    rr: Tensor,
    target: Tensor,
    reference: Reference,
    *,
    steps: int = STEPS,
) -> Attribution:
    """Return each input's part in the score, signed, in logits.

    Parameters: ``x`` (B, C, …), ``rr`` (B, R), ``target`` (B,) class indices, ``steps`` points of
    the quadrature. ``values`` (B, C, …) and ``rr`` (B, R) add up, with ``rest``, to
    ``score`` − ``start``. Raises ValueError for a network in training mode.
    """
    check_ready(network)
    away = reference.like(x, rr)
    node, weight = np.polynomial.legendre.leggauss(steps)
    place = torch.from_numpy((node + 1) / 2).to(x)  # on 0 to 1
    share = torch.from_numpy(weight / 2).to(x)
    over_x, over_rr = x - away.x, rr - away.rr
    parts = [
        _path(network, away.x[k], away.rr[k], over_x[k], over_rr[k], target[k], place, share)
        for k in chunks(len(x), max(1, CHUNK // steps))
    ]
    values, rhythm = (torch.cat(column) for column in zip(*parts, strict=True))
    score, start = scores(network, x, rr, target), start_of(network, reference, target)
    given = values.flatten(1).sum(dim=1) + rhythm.sum(dim=1)
    return Attribution(
        values=values, rr=rhythm, rest=score - start - given, score=score, start=start
    )


def _path(
    network: Network,
    x0: Tensor,
    rr0: Tensor,
    over_x: Tensor,
    over_rr: Tensor,
    target: Tensor,
    place: Tensor,
    share: Tensor,
) -> tuple[Tensor, Tensor]:
    """Return the parts of k beats, all their points of the way in one pass: (k, C, …), (k, R)."""
    steps, beats = len(place), len(x0)
    at_x = place.view(-1, *[1] * x0.ndim) * over_x + x0  # (S, k, C, …)
    at_rr = place.view(-1, 1, 1) * over_rr + rr0
    with torch.enable_grad():
        along_x = at_x.flatten(0, 1).requires_grad_(True)
        along_rr = at_rr.flatten(0, 1).requires_grad_(True)
        total = score_of(network, along_x, along_rr, target.repeat(steps)).sum()
        slope_x, slope_rr = torch.autograd.grad(
            total, (along_x, along_rr), allow_unused=True, materialize_grads=True
        )
    mean_x = torch.tensordot(share, slope_x.view(steps, beats, *x0.shape[1:]), dims=1)
    mean_rr = torch.tensordot(share, slope_rr.view(steps, beats, rr0.shape[1]), dims=1)
    return mean_x * over_x, mean_rr * over_rr
