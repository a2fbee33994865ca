"""User recognition from the waveform: the spectrogram CNN's sister in one dimension.

Ours, beside the row after Kim and Jung 2022 (``identity_cnn``): three convolution layers, each
with batch normalisation and ReLU, two pooling layers, and a dense layer over a coarse grid of
time, so that a shape and where in the beat it stands both tell.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from ecgcore.models.network import Network


@dataclass(frozen=True, kw_only=True)
class IdentityWaveConfig:
    """Sizes of the waveform CNN."""

    in_channels: int = 1
    rr_features: int = 0  # takes none; here so that every config says it
    classes: int = 18
    filters: tuple[int, int, int] = (32, 64, 64)
    kernels: tuple[int, int, int] = (9, 5, 3)
    grid: int = 8
    embedding: int = 64
    dropout: float = 0.3


def _conv(fan_in: int, fan_out: int, kernel: int) -> nn.Sequential:
    if kernel % 2 == 0:
        raise ValueError(f"a kernel of {kernel} points has no middle; choose an odd number")
    return nn.Sequential(
        nn.Conv1d(fan_in, fan_out, kernel, padding=kernel // 2, bias=False),
        nn.BatchNorm1d(fan_out),
        nn.ReLU(),
    )


class IdentityWave(Network):
    """Beat (B, channels, points) to person; the RR intervals are not used."""

    def __init__(self, config: IdentityWaveConfig) -> None:
        super().__init__()
        one, two, three = config.filters
        self.config = config
        self.backbone = nn.Sequential(
            _conv(config.in_channels, one, config.kernels[0]),
            nn.MaxPool1d(2),
            _conv(one, two, config.kernels[1]),
            nn.MaxPool1d(2),
            _conv(two, three, config.kernels[2]),  # (B, 64, points/4)
        )
        self.dense = nn.Sequential(
            nn.AdaptiveAvgPool1d(config.grid),
            nn.Flatten(),
            nn.Dropout(config.dropout),
            nn.Linear(three * config.grid, config.embedding),
            nn.ReLU(),
        )
        self.classifier = nn.Linear(config.embedding, config.classes)

    def features(self, x: Tensor) -> Tensor:
        """Return the feature sequence (B, C, T') of ``x`` (B, channels, points)."""
        features: Tensor = self.backbone(x)
        return features

    def embed(self, features: Tensor, rr: Tensor) -> Tensor:  # noqa: ARG002 - the contract's shape
        """Return (B, embedding)."""
        embedding: Tensor = self.dense(features)
        return embedding
