"""A plain 1-D CNN with global average pooling, for class activation maps.

Source: the fully convolutional network of Wang, Yan and Oates 2017, "Time series classification
from scratch with deep neural networks": three blocks of convolution, batch normalisation and ReLU
(128 filters of 8, 256 of 5, 128 of 3), global average pooling and a linear layer. With that head
the class activation map of Zhou et al. 2016, Σ over k of w_ck A_k(t), averages to the class'
score up to its bias, and nothing is pooled before, so the map has the beat's own points.

Departures, all ours: 32, 64 and 64 filters; the first kernel has 9 points, so that every layer is
symmetric about its point.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from ecgcore.models.network import Network


@dataclass(frozen=True, kw_only=True)
class CNNGapConfig:
    """Sizes of the plain CNN."""

    in_channels: int = 1
    rr_features: int = 0  # takes none; here so that every config says it
    classes: int = 4
    filters: tuple[int, int, int] = (32, 64, 64)
    kernels: tuple[int, int, int] = (9, 5, 3)


def _block(fan_in: int, fan_out: int, kernel: int) -> nn.Sequential:
    if kernel % 2 == 0:
        raise ValueError(f"a kernel of {kernel} points has no middle; choose an odd number")
    return nn.Sequential(
        nn.Conv1d(fan_in, fan_out, kernel, padding=kernel // 2, bias=False),
        nn.BatchNorm1d(fan_out),
        nn.ReLU(),
    )


class CNNGap(Network):
    """Beat (B, channels, points) to class; the RR intervals are not used."""

    def __init__(self, config: CNNGapConfig) -> None:
        super().__init__()
        fans = (config.in_channels, *config.filters)
        self.config = config
        self.backbone = nn.Sequential(
            *(_block(fans[k], fans[k + 1], kernel) for k, kernel in enumerate(config.kernels))
        )
        self.classifier = nn.Linear(fans[-1], config.classes)

    def features(self, x: Tensor) -> Tensor:
        """Return the feature sequence (B, C, points), one column a point of ``x``."""
        features: Tensor = self.backbone(x)
        return features

    def embed(self, features: Tensor, rr: Tensor) -> Tensor:  # noqa: ARG002 - the contract's shape
        """Return the mean over the points (B, C)."""
        return features.mean(dim=-1)
