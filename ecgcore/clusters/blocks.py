"""The last blocks of a network: what it makes of a beat at three depths.

Source: Boubekki et al. 2025, "Explaining deep learning for ECG using time-localized clusters",
whose clusters are of the activations of the last three residual blocks. Which blocks stand for
these in each of our networks is our choice:

    ResUNet      its stem, its first and its second residual U block (there are only two of these)
    MACNN-SE     its three stages
    residual CNN its last three residual blocks, or its stem and its two
    plain CNN    its three convolution blocks
    2-D CNNs     their three convolution blocks, averaged over frequency: columns are times

A network that is not listed gives its ``features`` alone, so that any network has clusters. The
last block always is what ``features`` returns. No hooks: the shared network is only read.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

from torch import Tensor, nn
from torch.nn import functional

from ecgcore.errors import EcgError
from ecgcore.models.beat_image_cnn import BeatImageCNN
from ecgcore.models.macnn import MACNN
from ecgcore.models.network import Network
from ecgcore.models.residual_cnn import ResidualCNN
from ecgcore.models.resunet import ResUNet

BLOCKS: Final = 3


def last_blocks(network: Network, x: Tensor) -> tuple[Tensor, ...]:
    """Return the activations of the last blocks, shallowest first: each (B, C, T').

    Parameters: ``x`` (B, channels, points), or (B, 1, frequencies, times), whose blocks are
    averaged over frequency. T' is the block's own length. Raises EcgError for a network in
    training mode, whose batch statistics would mix beats.
    """
    if network.training:
        raise EcgError("Clusters need a network in evaluation mode; call network.eval() first.")
    found = _stages(network)(x)
    return tuple(block.mean(dim=2) if block.ndim == 4 else block for block in found)


def _stages(network: Network) -> Callable[[Tensor], tuple[Tensor, ...]]:
    if isinstance(network, ResidualCNN):
        *early, late, last = network.blocks
        parts = [
            nn.Sequential(network.stem, *early),
            nn.Sequential(late),
            nn.Sequential(last, network.out),
        ]
        return lambda x: _in_turn(parts, x)
    backbone: Any = getattr(network, "backbone", None)
    match backbone:
        case ResUNet():
            return lambda x: _resunet(backbone, x)
        case MACNN():
            steps = [nn.Sequential(backbone.stem, backbone.first), backbone.second, backbone.third]
            return lambda x: _in_turn(steps, x)
        case nn.Sequential() if isinstance(network, BeatImageCNN):
            return lambda x: _in_turn(_split(backbone), _resized(x, network.config.size))
        case nn.Sequential():
            return lambda x: _in_turn(_split(backbone), x)
        case _:
            return lambda x: (network.features(x),)


def _resunet(backbone: ResUNet, x: Tensor) -> tuple[Tensor, ...]:
    stem = backbone.stem(x)
    first = backbone.first(stem)
    return stem, first, backbone.second(backbone.reduce(first))


def _resized(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Return pictures at the size that ``BeatImageCNN.features`` brings them to."""
    if tuple(x.shape[2:]) == tuple(size):
        return x
    return functional.interpolate(x, size=size, mode="bilinear", align_corners=False)


def _in_turn(steps: list[nn.Sequential], x: Tensor) -> tuple[Tensor, ...]:
    found = []
    for step in steps:
        x = step(x)
        found.append(x)
    return tuple(found[-BLOCKS:])


def _split(backbone: nn.Sequential) -> list[nn.Sequential]:
    """Cut a chain of layers before each of its convolutions; pooling stays with what it pools."""
    layers = list(backbone)
    starts = [k for k, layer in enumerate(layers) if _convolves(layer)]
    edges = [0, *starts[1:], len(layers)]
    return [nn.Sequential(*layers[a:b]) for a, b in pairwise(edges)]


def _convolves(layer: nn.Module) -> bool:
    return any(isinstance(part, nn.Conv1d | nn.Conv2d) for part in layer.modules())
