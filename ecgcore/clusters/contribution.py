"""How much each cluster contributed to a prediction, summing to the prediction itself.

Boubekki et al. 2025 show how regions of the waveform contribute; their abstract doesn't say how.
Ours: the score is the log odds of the target class. Between the fitting beats' mean features and
this beat's, the score's change is split over feature channels and positions by integrated gradients
(Sundararajan, Taly and Yan 2017), of the head alone, which is cheap; positions are then given to
the clusters by membership. So the contributions of a beat sum to its log odds less those of the
mean beat, up to the integral's error. RR intervals are held at the beat's own: what they
contributed is in neither. For a head that is linear in the features' mean, a contribution is the
summed gradient times (features less mean features).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from ecgcore.models.network import Network
from ecgcore.schema import FloatArray

_STEPS: Final = 32


@dataclass(frozen=True, kw_only=True, eq=False)
class Contributions:
    """Of b beats; ``clusters`` sums to ``score`` less ``ordinary_score``."""

    clusters: FloatArray  # (b, K), log odds
    score: FloatArray  # (b,), log odds of the target class
    ordinary_score: FloatArray  # (b,), the same of the mean features with the beat's RR intervals


def contributions(
    network: Network,
    x: FloatArray,
    rr: FloatArray,
    target: int,
    soft: FloatArray,
    ordinary: FloatArray,
) -> Contributions:
    """Return what each cluster contributed to the log odds of class ``target``.

    Parameters: ``x`` (b, …), ``rr`` (b, R); memberships ``soft`` (b, columns, K); mean features
    ``ordinary`` (C, T') or (C, F', T'). The shared network is only read.
    """
    given = torch.from_numpy(rr)
    with torch.no_grad():
        features = network.features(torch.from_numpy(x))
        start = torch.from_numpy(ordinary).expand_as(features)
        score = _log_odds(network.head(features, given), target)
        at_start = _log_odds(network.head(start, given), target)
    gradient = torch.zeros_like(features)
    for step in range(_STEPS):
        share = (step + 0.5) / _STEPS
        with torch.enable_grad():
            between = (start + share * (features - start)).detach().requires_grad_(True)
            total = _log_odds(network.head(between, given), target).sum()
            (slope,) = torch.autograd.grad(total, between)
        gradient += slope / _STEPS
    each = (gradient * (features - start)).sum(dim=1)  # (b, T') or (b, F', T')
    each = each.sum(dim=1) if each.ndim == 3 else each
    # The memberships of a position are the mean of those of its points, so they sum to 1 as well.
    members = torch.nn.functional.adaptive_avg_pool1d(
        torch.from_numpy(np.ascontiguousarray(soft.transpose(0, 2, 1))), each.shape[1]
    )
    return Contributions(
        clusters=(members * each[:, None]).sum(dim=2).numpy(),
        score=score.numpy(),
        ordinary_score=at_start.numpy(),
    )


def _log_odds(logits: Tensor, target: int) -> Tensor:
    others = torch.cat([logits[:, :target], logits[:, target + 1 :]], dim=1)
    return logits[:, target] - torch.logsumexp(others, dim=1)
