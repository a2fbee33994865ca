"""Tiny networks whose Grad-CAM can be worked out by hand."""

import torch
from torch import Tensor, nn

from ecgcore.models.network import Network


class Patches(Network):
    """Features: each channel's mean over non-overlapping patches. Head: linear over their mean.

    The score is w_c . mean_j A_j (+ RR), so dy/dA_kj = w_ck / T' and the Grad-CAM weight of
    channel k is w_ck / T'.
    """

    def __init__(self, weight: Tensor, stride: tuple[int, ...], rr: int = 0) -> None:
        super().__init__()
        classes, channels = weight.shape
        self.axes = len(stride)
        pool = {1: nn.AvgPool1d, 2: nn.AvgPool2d}[self.axes]
        self.pool = pool(stride if self.axes == 2 else stride[0])
        self.classifier = nn.Linear(channels + rr, classes, bias=False)
        with torch.no_grad():
            self.classifier.weight[:, :channels] = weight
            self.classifier.weight[:, channels:] = 1.0
        self.eval()

    def features(self, x: Tensor) -> Tensor:
        return self.pool(x)

    def embed(self, features: Tensor, rr: Tensor) -> Tensor:
        return torch.cat([features.flatten(2).mean(-1), rr], dim=1)


class Convolutional(Network):
    """A small strided network with batch normalisation and a nonlinear head, randomly made."""

    def __init__(self, seed: int = 0, channels: int = 2, classes: int = 3, rr: int = 2) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.body = nn.Sequential(
            nn.Conv1d(channels, 8, 7, stride=2, padding=3),
            nn.BatchNorm1d(8),
            nn.ReLU(),
            nn.Conv1d(8, 8, 5, stride=2, padding=2),
        )
        self.hidden = nn.Linear(8 + rr, 16)
        self.classifier = nn.Linear(16, classes)
        self.eval()

    def features(self, x: Tensor) -> Tensor:
        return self.body(x)

    def embed(self, features: Tensor, rr: Tensor) -> Tensor:
        return torch.tanh(self.hidden(torch.cat([features.amax(-1), rr], dim=1)))
