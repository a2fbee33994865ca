"""Beat pictures to classes: a 2-D CNN over a beat's spectrogram, or over the beat drawn.

Source: the beat-wise spectrogram study after Huang et al. 2019, "ECG Arrhythmia Classification
Using STFT-Based Spectrogram and Convolutional Neural Network": pictures of 256 × 256; convolutions
of 32 filters 4×4, 64 of 2×2 and 64 of 2×2, each with ReLU and 2×2 max pooling; dropout; fully
connected. The study feeds spectrogram pictures and waveform pictures to the same network.

Departures, all ours: pictures of 64 × 64 by default (``size``; 256 × 256 makes 4.2 million weights
instead of 0.3); whatever comes is resampled to that size, as a plot of fixed size would be; one
hidden layer of 64 before the classes, so that a beat's embedding is short. Kernels of even width
see half a pixel to one side: the first two to the right, the last one, whose pixels are four wide,
to the left, so that a feature stands within half a pixel of what it shows.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ecgcore.models.network import Network


@dataclass(frozen=True, kw_only=True)
class BeatImageCNNConfig:
    """Sizes of the picture CNN."""

    in_channels: int = 1
    rr_features: int = 0  # takes none; here so that every config says it
    classes: int = 5
    size: tuple[int, int] = (64, 64)  # rows, columns; the source has 256 × 256
    filters: tuple[int, int, int] = (32, 64, 64)
    embedding: int = 64
    dropout: float = 0.5


def _conv(fan_in: int, fan_out: int, kernel: int, *, to_the_left: bool = False) -> nn.Sequential:
    few, many = (kernel - 1) // 2, kernel // 2
    before, after = (many, few) if to_the_left else (few, many)
    return nn.Sequential(
        nn.ZeroPad2d((before, after, before, after)), nn.Conv2d(fan_in, fan_out, kernel)
    )


class BeatImageCNN(Network):
    """Picture (B, 1, rows, columns) to class; the RR intervals are not used."""

    def __init__(self, config: BeatImageCNNConfig) -> None:
        super().__init__()
        one, two, three = config.filters
        height, width = (side // 8 for side in config.size)
        if min(height, width) < 1:
            raise ValueError(f"a picture of {config.size} is smaller than 8 × 8")
        self.config = config
        # ReLU and max pooling commute: pooled first, a quarter is left to rectify.
        self.backbone = nn.Sequential(
            _conv(config.in_channels, one, 4),
            nn.MaxPool2d(2),
            nn.ReLU(),  # (B, 32, H / 2, W / 2)
            _conv(one, two, 2),
            nn.MaxPool2d(2),
            nn.ReLU(),  # (B, 64, H / 4, W / 4)
            _conv(two, three, 2, to_the_left=True),
            nn.ReLU(),
        )
        # Twice as fast on CPUs as with channels first; weights on disk are the same.
        self.backbone.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        # The last pooling belongs to the head: maps of the features are then twice as fine.
        self.dense = nn.Sequential(
            nn.MaxPool2d(2),  # (B, 64, H / 8, W / 8)
            nn.Flatten(),
            nn.Dropout(config.dropout),
            nn.Linear(three * height * width, config.embedding),
            nn.ReLU(),
        )
        self.classifier = nn.Linear(config.embedding, config.classes)

    def features(self, x: Tensor) -> Tensor:
        """Return the feature map (B, C, H / 4, W / 4) of ``x`` (B, 1, rows, columns)."""
        size = self.config.size
        if tuple(x.shape[2:]) != tuple(size):
            x = functional.interpolate(x, size=size, mode="bilinear", align_corners=False)
        features: Tensor = self.backbone(x)
        return features

    def embed(self, features: Tensor, rr: Tensor) -> Tensor:  # noqa: ARG002 - the contract's shape
        """Return (B, embedding)."""
        embedding: Tensor = self.dense(features)
        return embedding
