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
    "identity-cnn": {"filters": [4, 6, 8], "grid": [2, 3], "embedding": 5, "classes": 3},
}
SHAPE = {"identity-cnn": (1, 20, 30)}
WAVEFORM = (1, 128)
ATTENTIVE = ("resunet-a2", "resunet-b2")


def tiny(name: str, batch: int = 4) -> tuple[Network, Tensor, Tensor]:
    """Return a small network in evaluation mode and a random input of its kind."""
    torch.manual_seed(0)
    network = build_network(name, TINY[name]).eval()
    x = torch.randn(batch, *SHAPE.get(name, WAVEFORM))
    return network, x, torch.randn(batch, network.config.rr_features)
