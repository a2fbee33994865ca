"""Random changes of training beats: what a beat of the same class may as well have looked like.

All act on the last axis, the points of a beat or the times of its picture. Each setting is off at
0 and then draws no random number, so that runs without it are what they were before it came.
"""

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from ecgcore.training.config import Optimisation

_STILL: Final = 0.13  # share of the window on either side of R that warping leaves as it is: QRS
_KNOTS: Final = 5  # of the lines that wander and drift are made of

# Where P ends and ST begins, and how steeply the one's change sets in: shares of the window from
# R, made for one of 0.7 s (−70 ms and 120 ms, over about 15 ms).
_P_ENDS: Final = -0.1
_ST_BEGINS: Final = 0.171
_STEEP: Final = 0.02
# The bump where T is: its summit, its spread before and after it, each drawn between two shares.
_SUMMIT: Final = (0.31, 0.49)
_RISE: Final = (0.06, 0.13)
_FALL: Final = (0.04, 0.09)
_BUMPS: Final = 0.7  # share of beats that get one


def augment(x: Tensor, how: Optimisation) -> Tensor:
    """Return ``x`` (B, channels, …) changed at random; ``x`` itself when everything is off.

    Other P and T waves; a shift in time of the batch; of each beat a stretch of time before and
    after R, a gain, one that drifts along the beat, a wandering baseline, white noise, and a blur.
    """
    one = (len(x),) + (1,) * (x.ndim - 1)
    if how.t_gain or how.t_bump or how.p_gain:
        x = other_waves(x, how)
    if how.shift:
        by = int(torch.randint(-how.shift, how.shift + 1, ()))
        x = torch.roll(x, by, dims=-1)
    if how.warp:
        x = stretched(x, torch.exp(how.warp * torch.randn(len(x), 2)), how.warp_about)
    if how.gain:
        x = x * torch.exp(how.gain * torch.randn(one, device=x.device))
    if how.drift:
        x = x * torch.exp(how.drift * _line(x))
    if how.wander:
        x = x + how.wander * _line(x)
    if how.noise:
        x = x + how.noise * torch.randn_like(x)
    return blurred(x, how.blur * torch.rand(one, device=x.device)) if how.blur else x


def other_waves(x: Tensor, how: Optimisation) -> Tensor:
    """Return ``x`` (B, …, T) with P and ST–T larger or smaller, and a bump where T is.

    With the heart rate, with posture and with what the nerves do, T flattens and rises and P
    follows, within minutes; QRS stays. What is larger is measured from the beat's median level.
    """
    one = (len(x),) + (1,) * (x.ndim - 1)
    width = x.shape[-1]
    place = torch.arange(width, device=x.device) / (width - 1) - how.warp_about
    after = torch.sigmoid((place - _ST_BEGINS) / _STEEP)
    before = torch.sigmoid((_P_ENDS - place) / _STEEP)
    t_gain, p_gain = (torch.exp(by * torch.randn(one)) - 1 for by in (how.t_gain, how.p_gain))
    level = x.median(dim=-1, keepdim=True).values
    changed = x + (x - level) * (after * t_gain.to(x) + before * p_gain.to(x))
    if not how.t_bump:
        return changed
    summit, rise, fall = (
        (low + (high - low) * torch.rand(one)).to(x) for low, high in (_SUMMIT, _RISE, _FALL)
    )
    off = place - summit
    bump = torch.exp(-((off / torch.where(off < 0, rise, fall)) ** 2) / 2) * after
    height = how.t_bump * torch.randn(one) * (torch.rand(one) < _BUMPS)
    return changed + height.to(x) * bump


def blurred(x: Tensor, share: Tensor) -> Tensor:
    """Return ``x`` (B, …, T), each point with a ``share`` (B, …, 1) of both its neighbours.

    What a recording loses that was resampled by straight lines between its samples.
    """
    left = torch.cat([x[..., :1], x[..., :-1]], dim=-1)
    right = torch.cat([x[..., 1:], x[..., -1:]], dim=-1)
    return x * (1 - 2 * share) + share * (left + right)


def in_some_lead(x: Tensor, versions: Tensor, beats: Tensor, own: float) -> Tensor:
    """Return ``x`` (B, channels, points), all but a share ``own`` of it in virtual leads.

    ``versions``: (versions, n, channels, points), on the CPU; ``beats`` (B,): which of the n.
    """
    drawn = torch.randint(len(versions), (len(x),))
    other = versions[drawn, beats].to(x)
    stays = torch.rand(len(x), device=x.device) < own
    return torch.where(stays[:, None, None], x, other)


def in_some_rhythm(rr: Tensor, may: Tensor, drawn: Tensor, share: float) -> Tensor:
    """Return ``rr`` (B, R), a ``share`` of the beats that ``may`` (B,) with those of ``drawn``."""
    moved = may & (torch.rand(len(rr), device=rr.device) < share)
    which = torch.randint(len(drawn), (len(rr),), device=rr.device)
    return torch.where(moved[:, None], drawn[which], rr)


def stretched(x: Tensor, by: Tensor, about: float) -> Tensor:
    """Return ``x`` (B, …, T) with time stretched before and after R by ``by`` (B, 2).

    ``about``: R's place in the window, as a share of it. A part of the window around it stays as
    it is, as the QRS does when the RT interval follows the heart rate. Beyond the ends stands the
    edge's value.
    """
    width = x.shape[-1]
    off = torch.arange(width) - about * (width - 1)
    still = _STILL * width
    moving = (off.abs() - still).clamp(min=0)
    factor = torch.where(off < 0, by[:, :1], by[:, 1:])
    source = off.sign() * (off.abs().clamp(max=still) + moving / factor) + about * (width - 1)
    source = source.clamp(0, width - 1).to(x.device)
    left = source.floor().long().clamp(max=width - 2)
    shape = (len(x),) + (1,) * (x.ndim - 2) + (width,)
    share = (source - left).reshape(shape)
    left = left.reshape(shape).expand(x.shape)
    return x.gather(-1, left) * (1 - share) + x.gather(-1, left + 1) * share


def _line(x: Tensor) -> Tensor:
    """Return a random broken line (B, 1, …, T) along each of ``x``, knots of spread 1."""
    knots = torch.randn(len(x), 1, _KNOTS, device=x.device)
    line = functional.interpolate(knots, size=x.shape[-1], mode="linear", align_corners=True)
    return line.reshape((len(x),) + (1,) * (x.ndim - 2) + (x.shape[-1],))
