"""Class activation maps, of networks that pool by the mean and then are linear.

Source: Zhou et al., "Learning Deep Features for Discriminative Localization", CVPR 2016. With
features A_k and the target's weights w_k of the last layer,

    map(t) = sum over k of w_k A_k(t)        logit = mean over t of map(t) + bias (+ RR's part)

so the map is not an approximation of the network but the network itself: it is divided by the
number of positions here, so that it adds up to the logit up to the bias. Departures: signed, what
spoke against the class is kept; RR features that are concatenated to the mean get their own exact
part, measured from the reference.
"""

import torch
from torch import Tensor

from ecgcore.errors import EcgError
from ecgcore.explain.attribution import Attribution, Reference, check_ready
from ecgcore.explain.gradcam import upsample
from ecgcore.models.cnn_gap import CNNGap
from ecgcore.models.fusion import Standardise
from ecgcore.models.macnn_rows import MACNNSE, MACNNConcat
from ecgcore.models.network import Network
from ecgcore.models.resunet_rows import ResUNetBaseline

POOLED = (CNNGap, ResUNetBaseline, MACNNSE, MACNNConcat)


def why_no_cam(network: Network) -> str:
    """Return why a network has no class activation map; empty where it has one."""
    if isinstance(network, POOLED):
        return ""
    return (
        "CAM needs a network whose features are averaged over time and go straight to the classes, "
        "such as cnn-gap; this one has further layers in between, so take Grad-CAM."
    )


def cam(
    network: Network, x: Tensor, rr: Tensor, target: Tensor, reference: Reference
) -> Attribution:
    """Return the class activation map of each beat, signed, in logits.

    Parameters as ``gradcam``. The map is brought to the input's points by interpolation and scaled
    so that it still adds up: ``map`` + ``rr`` + ``rest`` (the class' bias) = ``score``. Raises
    EcgError for a network without global average pooling, ValueError for one in training mode.
    """
    check_ready(network)
    if reason := why_no_cam(network):
        raise EcgError(reason)
    with torch.no_grad():
        features = network.features(x)
        weight, bias = network.classifier.weight[target], network.classifier.bias[target]
        channels = features.shape[1]
        placed = (weight[:, :channels, None] * features.flatten(2)).sum(dim=1)  # (B, positions)
        score = network.head(features, rr).gather(1, target[:, None])[:, 0]
        fine = upsample(placed.view(len(x), *features.shape[2:]), tuple(x.shape[2:]))
        # Interpolation keeps the mean up to its edges only; what it moves is too little to see.
        values = fine / fine[0].numel()
        exact = placed.mean(dim=1)
        short = exact - values.flatten(1).sum(dim=1)
        values = values + (short / fine[0].numel()).view(-1, *[1] * (fine.ndim - 1))
        parts, rest = None, bias
        if weight.shape[1] > channels:
            standardise = next(m for m in network.modules() if isinstance(m, Standardise))
            usual = standardise(reference.rr.expand_as(rr))
            parts = weight[:, channels:] * (standardise(rr) - usual)
            rest = bias + (weight[:, channels:] * usual).sum(dim=1)
    return Attribution(
        values=values[:, None],
        rr=parts,
        rest=rest,
        score=score,
        start=torch.zeros_like(score),
    )
