"""Grad-CAM: where the last feature maps spoke for a class.

Source: Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
Localization", ICCV 2017. With feature maps A_k (one a channel) and the score y of the target
class before the softmax,

    weight_k = mean over positions of dy / dA_k
    map      = ReLU(sum over k of weight_k A_k)

and the map is brought to the input's size. Departures: one, two or more position axes alike
(the paper has two); the score is taken after the network's fusion with the RR features, which
stay as they are, so the map tells of the waveform only.
"""

import torch
from torch import Tensor
from torch.nn import functional

from ecgcore.explain.attribution import check_ready
from ecgcore.models.network import Network

_MODES = {1: "linear", 2: "bilinear"}


def gradcam(network: Network, x: Tensor, rr: Tensor, target: Tensor) -> Tensor:
    """Return the Grad-CAM map of each beat for its target class.

    Parameters: ``x`` (B, C, L) or (B, C, F, T); ``rr`` (B, R); ``target`` (B,), class indices.
    Returns (B, L) or (B, F, T), at least 0, in units of the score; a row is all 0 where nothing
    in the features spoke for the class.

    Reads the shared network and changes nothing in it: gradients are taken with
    ``torch.autograd.grad`` with respect to the features alone, so threads may share it.
    Raises ValueError for a network in training mode, whose batch statistics would mix beats.
    """
    features, gradient = feature_gradient(network, x, rr, target)
    positions = tuple(range(2, features.ndim))
    weight = gradient.mean(dim=positions, keepdim=True)
    cam = torch.relu((weight * features).sum(dim=1))
    return upsample(cam, tuple(x.shape[2:]))


def feature_gradient(
    network: Network, x: Tensor, rr: Tensor, target: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the features and the target's logit differentiated by them, both (B, C, T'…)."""
    check_ready(network)
    with torch.no_grad():
        features = network.features(x)
    with torch.enable_grad():
        features = features.detach().requires_grad_(True)
        score = network.head(features, rr).gather(1, target[:, None]).sum()
        (gradient,) = torch.autograd.grad(score, features)
    return features.detach(), gradient


def upsample(cam: Tensor, size: tuple[int, ...]) -> Tensor:
    """Bring a map (B, T') or (B, F', T') to the input's axes by linear interpolation.

    Position j of n stands for the j-th of n equal parts of the input and is put at its middle,
    (j + 1/2) L / n - 1/2 (``align_corners=False``): a network whose layers stride by s covers s
    samples a position. Stretching the ends onto the ends instead would shift the map by up to
    half a stride. Layers padded to one side leave an error below half a stride.

    That is where a feature stands, not all that it sees: a deep network's features look far to
    either side, and near the window's ends mostly inwards (in resunet-b2 by some 15 of 128
    points), so a bright place stands for a wide stretch around it.
    """
    if cam.shape[1:] == size:
        return cam
    mode = _MODES[len(size)]
    return functional.interpolate(cam[:, None], size=size, mode=mode, align_corners=False)[:, 0]
