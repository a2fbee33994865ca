"""Attention: where the RR query looks in the beat.

Source: the weights of the ECG–RR fusion study's cross-attention (Vaswani et al. 2017, section 3.2):
softmax over the tokens of a beat's feature sequence, the mean of the heads. They are no measure of
importance: the same weights go with any value the tokens carry, and other weights may give the same
decision (Jain and Wallace, "Attention is not Explanation", NAACL 2019). They don't depend on the
target class.
"""

from typing import Final

import torch
from torch import Tensor

from ecgcore.errors import EcgError
from ecgcore.explain.attribution import Attribution, Reference, check_ready
from ecgcore.models.attention import CrossAttention
from ecgcore.models.network import Network

MOST_HEADS: Final = 64


def why_no_attention(network: Network, head: int = 0) -> str:
    """Return why a network has no attention weights (of a head); empty where it has them."""
    if callable(getattr(network, "attention", None)):
        there = head_count(network)
        if head <= there:
            return ""
        return f"This network's attention has {there} heads; there is no head {head}."
    return (
        "This network has no attention weights; those with cross-attention of the RR intervals do, "
        "such as resunet-b2 and macnn-mhca."
    )


def head_count(network: Network) -> int:
    """Return how many heads a network's attention over the beat has; 0 without attention."""
    if not callable(getattr(network, "attention", None)):
        return 0
    return next((m.heads for m in network.modules() if isinstance(m, CrossAttention)), 1)


def heads(network: Network, x: Tensor, rr: Tensor) -> Tensor:
    """Return each head's attention over the tokens (B, heads, T'), rows sum to 1.

    Raises EcgError for a network without attention, ValueError for one in training mode.
    """
    check_ready(network)
    if reason := why_no_attention(network):
        raise EcgError(reason)
    with torch.no_grad():
        weights: Tensor = network.attention(network.features(x), rr)  # type: ignore[operator]
    return weights


def attention(
    network: Network,
    x: Tensor,
    rr: Tensor,
    target: Tensor,  # noqa: ARG001 - the common signature; attention has no target
    reference: Reference,  # noqa: ARG001
    *,
    head: int = 0,
) -> Attribution:
    """Return the attention over the beat's points, in shares of the whole.

    ``head``: the mean of the heads (0), or one of them, counted from 1. A token's share is spread
    evenly over the points it stands for, so that a beat's values add up to 1; every point belongs
    to one token. Errors as ``heads``.
    """
    each = heads(network, x, rr)
    share = each[:, head - 1] if head else each.mean(dim=1)  # (B, T')
    points, tokens = x.shape[-1], share.shape[-1]
    token = torch.arange(points) * tokens // points  # of each point
    values = (share / torch.bincount(token, minlength=tokens).clamp_min(1))[:, token]
    return Attribution(values=values[:, None])
