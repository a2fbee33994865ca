"""LRP: the score handed back, layer by layer, to what it was computed from.

Sources: Bach et al., "On Pixel-Wise Explanations for Non-Linear Classifier Decisions by Layer-Wise
Relevance Propagation", PLoS ONE 10(7), 2015; Montavon et al., "Layer-Wise Relevance Propagation: An
Overview", 2019. With contributions z_ij = a_i w_ij to z_j, and z_j's relevance R_j:

- epsilon: R_i = sum over j of z_ij / (z_j + epsilon sign z_j) R_j. Close to input times gradient;
  epsilon (``EPSILON`` of the layer's root mean square) quiets what cancels;
- alpha-beta: R_i = sum over j of (alpha z_ij⁺ / z_j⁺ − beta z_ij⁻ / z_j⁻) R_j in convolutions, the
  epsilon rule in linear layers; alpha − beta = 1.

How each layer is treated, and what is approximated: see ``lrp_rules``. Conservation: the parts of
the waveform, of the RR features and ``rest`` add up to the score. ``rest`` is what the biases gave
and what epsilon took; biases are not spread over inputs, because they say nothing of this beat.
Inputs are measured from the reference, whose own part belongs to ``rest``.
"""

from typing import Final

import torch
from torch import Tensor

from ecgcore.explain.attribution import Attribution, Reference, check_ready, chunks
from ecgcore.explain.lrp_rules import RelevanceRules
from ecgcore.models.network import Network

EPSILON: Final = 0.05
ALPHA_BETA: Final = (2.0, 1.0)
_BATCH: Final = 128  # each layer is computed up to four times, and all of it is kept


def lrp_epsilon(
    network: Network,
    x: Tensor,
    rr: Tensor,
    target: Tensor,
    reference: Reference,
    *,
    epsilon: float = EPSILON,
) -> Attribution:
    """Return each input's relevance by the epsilon rule, signed, in logits.

    Parameters: ``x`` (B, C, …), ``rr`` (B, R), ``target`` (B,). ``values`` (B, C, …), ``rr`` and
    ``rest`` add up to ``score``. Raises EcgError for a layer without a rule, ValueError for a
    network in training mode.
    """
    return _propagate(network, x, rr, target, reference, epsilon, None)


def lrp_alpha_beta(
    network: Network,
    x: Tensor,
    rr: Tensor,
    target: Tensor,
    reference: Reference,
    *,
    alpha: float = ALPHA_BETA[0],
    beta: float = ALPHA_BETA[1],
    epsilon: float = EPSILON,
) -> Attribution:
    """Return each input's relevance by the alpha-beta rule; otherwise as ``lrp_epsilon``.

    Raises ValueError also when alpha − beta is not 1.
    """
    if abs(alpha - beta - 1) > 1e-9:
        raise ValueError(f"alpha - beta must be 1, not {alpha} - {beta}")
    return _propagate(network, x, rr, target, reference, epsilon, (alpha, beta))


def _propagate(
    network: Network,
    x: Tensor,
    rr: Tensor,
    target: Tensor,
    reference: Reference,
    epsilon: float,
    alpha_beta: tuple[float, float] | None,
) -> Attribution:
    check_ready(network)
    away = reference.like(x, rr)
    parts = []
    for k in chunks(len(x), _BATCH):
        with torch.enable_grad():
            part = x[k].clone().requires_grad_(True)
            rhythm = rr[k].clone().requires_grad_(True)
            rules = RelevanceRules(len(part), epsilon, alpha_beta)
            with rules:
                logits = network(part, rhythm)
            score = logits.gather(1, target[k, None])[:, 0]
            slopes = torch.autograd.grad(
                score.sum(),
                (part, rhythm, rules.biases, rules.lost),
                allow_unused=True,
                materialize_grads=True,
            )
        by_x, by_rr, biases, lost = slopes
        rest = (
            biases
            + lost
            + (away.x[k] * by_x).flatten(1).sum(dim=1)
            + (away.rr[k] * by_rr).sum(dim=1)
        )
        parts.append(
            ((x[k] - away.x[k]) * by_x, (rr[k] - away.rr[k]) * by_rr, rest, score.detach())
        )
    values, rhythm, rest, score = (torch.cat(column) for column in zip(*parts, strict=True))
    return Attribution(
        values=values, rr=rhythm, rest=rest, score=score, start=torch.zeros_like(score)
    )
