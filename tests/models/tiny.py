"""Every network of the registry, small: how it is built and what it looks at."""

import torch
from torch import Tensor

from ecgcore.models.network import Network
from ecgcore.models.registry import build_network

_RESUNET = {"channels": 8, "middle": 4, "kernel": 5}
TINY = {
    "resunet": _RESUNET,
    "resunet-a1": {**_RESUNET, "rr_features": 3},
    "resunet-a2": {**_RESUNET, "rr_features": 3, "heads": 2},
    "resunet-b1": {**_RESUNET, "rr_features": 3},
    "resunet-b2": {**_RESUNET, "rr_features": 3, "heads": 2},
    "macnn-se": {"stem": 2},
    "macnn-concat": {"stem": 2, "rr_features": 3},
    "macnn-mhca": {"stem": 2, "rr_features": 3, "fusion_width": 8, "heads": 2},
    "macnn-hybrid": {"stem": 2, "rr_features": 3, "fusion_width": 8, "heads": 2},
    "beat-spectrogram-cnn": {"size": [16, 24], "filters": [4, 6, 8], "embedding": 16},
    "beat-image-cnn": {"size": [32, 32], "filters": [4, 6, 8], "embedding": 16},
    "residual-cnn": {
        "widths": [4, 6],
        "strides": [2, 1],
        "rr_features": 3,
        "rr_width": 6,
        "embedding": 8,
    },
    "cnn-gap": {"filters": [6, 8, 6]},
    "identity-wave": {"filters": [4, 6, 8], "grid": 3, "embedding": 5, "classes": 3},
    "identity-cnn": {"filters": [4, 6, 8], "grid": [2, 3], "embedding": 5, "classes": 3},
}
SHAPE = {
    "macnn-se": (3, 128),
    "macnn-hybrid": (3, 128),
    "beat-spectrogram-cnn": (1, 20, 30),
    "beat-image-cnn": (1, 32, 32),
    "identity-cnn": (1, 20, 30),
}
WAVEFORM = (1, 128)
ATTENTIVE = ("resunet-a2", "resunet-b2", "macnn-mhca", "macnn-hybrid")


def tiny(name: str, batch: int = 4) -> tuple[Network, Tensor, Tensor]:
    """Return a small network in evaluation mode and a random input of its kind."""
    torch.manual_seed(0)
    network = build_network(name, TINY[name]).eval()
    x = torch.randn(batch, *SHAPE.get(name, WAVEFORM))
    return network, x, torch.randn(batch, network.config.rr_features)
