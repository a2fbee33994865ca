"""Grad-CAM++: Grad-CAM whose weights look at each position of a feature map by itself.

Source: Chattopadhay et al., "Grad-CAM++: Improved Visual Explanations for Deep Convolutional
Networks", WACV 2018, equations 10 and 19, with their score exp(y): then all derivatives are powers
of the first one, g = dy / dA_k,

    alpha_k(t) = g² / (2 g² + sum over t of A_k g³)      weight_k = sum over t of alpha_k relu(g)

Departures: one, two or more position axes alike, and the score after the fusion with the RR
features, as in ``gradcam``. The factor exp(y), common to all weights of a beat, is left out: it
scales a beat's map and overflows for sure predictions. As in the authors' code alpha is not
normalised further, and is 0 where its denominator is.
"""

import torch
from torch import Tensor

from ecgcore.explain.gradcam import feature_gradient, upsample
from ecgcore.models.network import Network


def gradcam_pp(network: Network, x: Tensor, rr: Tensor, target: Tensor) -> Tensor:
    """Return the Grad-CAM++ map of each beat for its target class.

    Shapes, safety between threads and errors are those of ``gradcam``; values are at least 0, in
    units of the score up to one positive factor a beat.
    """
    features, gradient = feature_gradient(network, x, rr, target)
    positions = tuple(range(2, features.ndim))
    square, cube = gradient**2, gradient**3
    below = 2 * square + (features * cube).sum(dim=positions, keepdim=True)
    alpha = torch.where(below != 0, square / torch.where(below != 0, below, 1.0), 0.0)
    weight = (alpha * torch.relu(gradient)).sum(dim=positions, keepdim=True)
    return upsample(torch.relu((weight * features).sum(dim=1)), tuple(x.shape[2:]))
