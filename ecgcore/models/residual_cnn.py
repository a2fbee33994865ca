"""A small residual CNN with the RR features beside it: our own, for people it has never seen.

Source of the parts: pre-activation residual blocks (He et al. 2016), mean and maximum over time
side by side, as the two say how much and how strongly; RR features through a dense layer, joined
late. With 22 training patients a network of this size learns fewer of their quirks than the
studies' larger ones (held-out DS1 patients; see the ablation in ``results``).
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from ecgcore.models.fusion import Standardise, rr_embedding
from ecgcore.models.network import Network


@dataclass(frozen=True, kw_only=True)
class ResidualCNNConfig:
    """Sizes of the network."""

    in_channels: int = 1
    rr_features: int = 7
    classes: int = 4
    widths: tuple[int, ...] = (16, 24, 32)  # of the blocks; the stem is as wide as the first
    strides: tuple[int, ...] = (2, 2, 2)
    kernel: int = 7
    rr_width: int = 32
    embedding: int = 48
    dropout: float = 0.3


class ResidualBlock(nn.Module):
    """Two normalised convolutions and a shortcut, the first of them with the stride."""

    def __init__(self, fan_in: int, fan_out: int, kernel: int, stride: int, dropout: float) -> None:
        super().__init__()
        side = kernel // 2
        self.path = nn.Sequential(
            nn.BatchNorm1d(fan_in),
            nn.ReLU(),
            nn.Conv1d(fan_in, fan_out, kernel, stride, side, bias=False),
            nn.BatchNorm1d(fan_out),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Conv1d(fan_out, fan_out, kernel, 1, side, bias=False),
        )
        self.shortcut = nn.Sequential(
            nn.AvgPool1d(stride, ceil_mode=True), nn.Conv1d(fan_in, fan_out, 1, bias=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, out, ceil(T / stride)) from (B, in, T)."""
        out: Tensor = self.path(x) + self.shortcut(x)
        return out


class ResidualCNN(Network):
    """Beat and RR features to class."""

    def __init__(self, config: ResidualCNNConfig) -> None:
        super().__init__()
        if len(config.widths) != len(config.strides) or not config.widths:
            raise ValueError("each block needs a width and a stride")
        if config.kernel % 2 == 0:
            raise ValueError(f"a kernel of {config.kernel} points has no middle; choose an odd one")
        if config.rr_features < 1:
            raise ValueError("it needs at least one RR feature")
        self.config = config
        first, last = config.widths[0], config.widths[-1]
        self.stem = nn.Conv1d(
            config.in_channels, first, config.kernel, 2, config.kernel // 2, bias=False
        )
        steps = zip(pairwise((first, *config.widths)), config.strides, strict=True)
        self.blocks = nn.Sequential(
            *(
                ResidualBlock(*fans, config.kernel, stride, config.dropout * 2 / 3)
                for fans, stride in steps
            )
        )
        self.out = nn.Sequential(nn.BatchNorm1d(last), nn.ReLU())
        self.standardise = Standardise(config.rr_features)
        self.rr_embedding = nn.Sequential(
            rr_embedding(config.rr_features, config.rr_width), nn.Dropout(config.dropout / 3)
        )
        self.join = nn.Sequential(
            nn.Dropout(config.dropout),
            nn.Linear(2 * last + config.rr_width, config.embedding),
            nn.LayerNorm(config.embedding),
            nn.GELU(),
            nn.Dropout(config.dropout),
        )
        self.classifier = nn.Linear(config.embedding, config.classes)

    def features(self, x: Tensor) -> Tensor:
        """Return the feature sequence (B, C, T')."""
        sequence: Tensor = self.out(self.blocks(self.stem(x)))
        return sequence

    def standardise_rr(self, rr: Tensor) -> None:
        """Learn mean and spread of the training beats' RR features (n, R)."""
        self.standardise.learn(rr)

    def embed(self, features: Tensor, rr: Tensor) -> Tensor:
        """Return what the last layer sees (B, embedding)."""
        token = self.rr_embedding(self.standardise(rr))
        pooled = torch.cat([features.mean(dim=-1), features.amax(dim=-1), token], dim=1)
        joined: Tensor = self.join(pooled)
        return joined
