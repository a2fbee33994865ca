"""Occlusion: what the score loses when a piece of the beat is put back to the reference.

Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014: a
window slides over the input, and the drop of the score is written where it stood; where windows
overlap, their drops are averaged. Departures: the window holds the reference (the record's median
beat where that is what the network compares with) instead of grey; all channels are covered at
once; the RR features stay as they are.
"""

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


def occlusion(
    network: Network,
    x: Tensor,
    rr: Tensor,
    target: Tensor,
    reference: Reference,
    *,
    window: tuple[int, ...] | None = None,
    stride: tuple[int, ...] | None = None,
) -> Attribution:
    """Return the mean drop of the score over the windows that cover each point, signed, in logits.

    Parameters: ``x`` (B, C, L) or (B, C, F, T), ``rr`` (B, R), ``target`` (B,); ``window`` and
    ``stride``, points on each of the last axes: by default a sixteenth of a waveform (of about
    0.9 s: 50 ms) and an eighth of a picture's sides, moved by a quarter and a half of that. A
    network with a stride of its own needs a window of several points. Raises ValueError for a
    network in training mode.
    """
    check_ready(network)
    size = tuple(x.shape[2:])
    window = window or tuple(max(1, n // (16 if len(size) == 1 else 8)) for n in size)
    stride = stride or tuple(max(1, w // (4 if len(size) == 1 else 2)) for w in window)
    cover = _windows(size, window, stride).to(x.device)  # (M, …), True inside
    away = reference.like(x, rr)
    flat = cover.flatten(1).to(x)
    each = []
    score = scores(network, x, rr, target)
    for k in chunks(len(x), max(1, CHUNK // len(cover))):
        drop = score[k, None] - _covered(network, x[k], rr[k], target[k], away.x[k], cover)
        each.append(drop @ flat / flat.sum(dim=0))  # (k, points)
    values = torch.cat(each).view(len(x), 1, *size)
    return Attribution(values=values, score=score)


def _covered(
    network: Network, x: Tensor, rr: Tensor, target: Tensor, away: Tensor, cover: Tensor
) -> Tensor:
    """Return the score of each of k beats under each of M windows (k, M)."""
    many = len(cover)
    inside = cover[None, :, None]  # (1, M, 1, …)
    variants = torch.where(inside, away[:, None], x[:, None]).flatten(0, 1)  # (k M, C, …)
    rhythm = rr.repeat_interleave(many, dim=0)
    return scores(network, variants, rhythm, target.repeat_interleave(many)).view(len(x), many)


def _windows(size: tuple[int, ...], window: tuple[int, ...], stride: tuple[int, ...]) -> Tensor:
    """Return every place of the window as a mask: (M, *size); the last ones are cut at the edge."""
    axes = []
    for n, wide, step in zip(size, window, stride, strict=True):
        steps = max(0, -(-(n - wide) // step))  # as many as are needed to reach the edge
        start = torch.arange(steps + 1) * step
        at = torch.arange(n)
        axes.append((at >= start[:, None]) & (at < start[:, None] + wide))  # (m, n)
    if len(axes) == 1:
        return axes[0]
    rows, columns = axes
    return (rows[:, None, :, None] & columns[None, :, None, :]).flatten(0, 1)
