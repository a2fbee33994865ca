"""User recognition: a small CNN over the spectrogram of one cardiac cycle.

Source: Kim and Jung 2022, user recognition with an explained spectrogram CNN: three convolution
layers, each with batch normalisation and ReLU, and two pooling layers, trained with Adam.

The paper gives no filter widths or layer sizes: 16, 32 and 64 filters of 3×3, 2×2 max pooling
after the first two, and a dense layer over a coarse grid are our choice. The grid (average pooled
to a fixed size) keeps where in frequency and time a feature stands, and makes the dense layer
independent of the spectrogram's size.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from ecgcore.models.network import Network


@dataclass(frozen=True, kw_only=True)
class IdentityCNNConfig:
    """Sizes of the spectrogram CNN."""

    in_channels: int = 1
    rr_features: int = 0  # takes none; here so that every config says it
    classes: int = 18
    filters: tuple[int, int, int] = (16, 32, 64)
    grid: tuple[int, int] = (4, 8)  # frequencies, times
    embedding: int = 64
    dropout: float = 0.3


def _conv(fan_in: int, fan_out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(fan_in, fan_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(fan_out),
        nn.ReLU(),
    )


class IdentityCNN(Network):
    """Spectrogram (B, 1, F, T) to person; the RR intervals are not used."""

    def __init__(self, config: IdentityCNNConfig) -> None:
        super().__init__()
        one, two, three = config.filters
        self.config = config
        self.backbone = nn.Sequential(
            _conv(config.in_channels, one),
            nn.MaxPool2d(2),  # (B, 16, F/2, T/2)
            _conv(one, two),
            nn.MaxPool2d(2),  # (B, 32, F/4, T/4)
            _conv(two, three),  # (B, 64, F/4, T/4)
        )
        self.dense = nn.Sequential(
            nn.AdaptiveAvgPool2d(config.grid),
            nn.Flatten(),
            nn.Dropout(config.dropout),
            nn.Linear(three * config.grid[0] * config.grid[1], config.embedding),
            nn.ReLU(),
        )
        self.classifier = nn.Linear(config.embedding, config.classes)

    def features(self, x: Tensor) -> Tensor:
        """Return the feature map (B, C, F', T') of ``x`` (B, 1, F, T)."""
        features: Tensor = self.backbone(x)
        return features

    def embed(self, features: Tensor, rr: Tensor) -> Tensor:  # noqa: ARG002 - the contract's shape
        """Return (B, embedding)."""
        embedding: Tensor = self.dense(features)
        return embedding
