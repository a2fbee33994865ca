"""ResUNet backbone: a beat as a sequence of features.

Source: the ECG–RR fusion study for inter-patient arrhythmia classification. There: 720 samples
(R ± 1 s), z-scored; convolution k15 stride 2 to 180 channels; a residual U block (middle 30, k9,
depth 4); average pool 2 and 1×1 convolution; a second residual U block (depth 3); 180 tokens.
``SOURCE_SIZE`` are those numbers; with the heads of ``resunet_rows`` (9 heads, 180 → 360) they
make the study's networks.

Departures, all ours: by default the network is narrower, and takes any number of points; the
input may have several channels (the input's own specification says which); one normalised 1×1
convolution closes each U block.
"""

from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn

# 720 points make 180 tokens of 180 channels.
SOURCE_SIZE: Final[dict[str, Any]] = {
    "channels": 180,
    "middle": 30,
    "kernel": 9,
    "stem_kernel": 15,
    "depths": (4, 3),
}


@dataclass(frozen=True, kw_only=True)
class ResUNetConfig:
    """Sizes of the backbone."""

    in_channels: int = 1
    rr_features: int = 7
    classes: int = 4
    channels: int = 48
    middle: int = 16
    kernel: int = 9
    stem_kernel: int = 15
    depths: tuple[int, int] = (4, 3)


def _conv(fan_in: int, fan_out: int, kernel: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv1d(fan_in, fan_out, kernel, stride, padding=kernel // 2, bias=False),
        nn.BatchNorm1d(fan_out),
        nn.LeakyReLU(0.1, inplace=True),
    )


class ResidualUBlock(nn.Module):
    """Encoders that halve, decoders that double, concatenation skips, and a residual sum."""

    def __init__(self, channels: int, middle: int, depth: int, kernel: int) -> None:
        super().__init__()
        fans = [channels] + [middle] * depth
        self.entry = _conv(channels, channels, kernel)
        self.encoders = nn.ModuleList(
            _conv(fans[level], middle, kernel, stride=2) for level in range(depth)
        )
        # The deepest decoder has no skip yet; each other takes its encoder's output beside it.
        self.decoders = nn.ModuleList(
            nn.ConvTranspose1d(middle if level == depth - 1 else 2 * middle, middle, 4, 2, 1)
            for level in reversed(range(depth))
        )
        self.exit = _conv(channels + middle, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, C, T) from (B, C, T)."""
        entry = self.entry(x)  # (B, C, T)
        levels = [entry]
        for encoder in self.encoders:
            levels.append(encoder(levels[-1]))  # (B, M, ceil(T / 2^level))
        up = levels.pop()
        for decoder in self.decoders:
            skip = levels.pop()
            # Halving an odd length rounds up, so the doubled one may be a point too long.
            up = torch.cat([decoder(up)[..., : skip.shape[-1]], skip], dim=1)
        out: Tensor = entry + self.exit(up)  # up: (B, M + C, T)
        return out


class ResUNet(nn.Module):
    """Beat to feature sequence: (B, in, points) -> (B, C, points / 4)."""

    def __init__(self, config: ResUNetConfig) -> None:
        super().__init__()
        first, second = config.depths
        width, middle, kernel = config.channels, config.middle, config.kernel
        self.stem = _conv(config.in_channels, width, config.stem_kernel, stride=2)
        self.first = ResidualUBlock(width, middle, first, kernel)
        self.reduce = nn.Sequential(nn.AvgPool1d(2, ceil_mode=True), _conv(width, width, 1))
        self.second = ResidualUBlock(width, middle, second, kernel)

    def forward(self, x: Tensor) -> Tensor:
        """Return the feature sequence."""
        x = self.first(self.stem(x))  # (B, C, T / 2)
        sequence: Tensor = self.second(self.reduce(x))  # (B, C, T / 4)
        return sequence
