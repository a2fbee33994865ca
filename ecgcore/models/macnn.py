"""MACNN-SE backbone: multi-scale atrous convolutions with squeeze and excitation.

Source: the ECG–RR fusion study's second backbone (its tables 4 and 5), after the network of the
DAEAC studies. There the input is (B, 1, rows, 128): the beat, and for early fusion two rows of RR
ratios. A convolution brings the rows to 4 channels; stage 1 is an ASPP (kernel 3, dilations 1, 6,
12, 18; 16 channels), squeeze and excitation (ratio 4) and a residual; stage 2 the same with 64
channels, ratio 8 and stride 2 (average-pooled shortcut); stage 3 batch normalisation, ReLU, an
ASPP of 256 channels and ratio 16. Atrous spatial pyramid pooling is of Chen et al. 2018, squeeze
and excitation of Hu et al. 2018, pre-activation residuals of He et al. 2016.

The fourth dimension is left out: a 3×3 convolution over three rows, unpadded there, is a 1-D
convolution with the rows as channels, and everything after it has one row. (Over one row only
the kernel's middle would ever see the beat.)

The source tells no more than that. Ours: ReLU throughout; a residual is two convolutions of three
points; each ASPP branch is as wide as its input, so that four make 4 → 16 → 64 → 256; T' = T / 2.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, kw_only=True)
class MACNNConfig:
    """Sizes of the backbone; stage widths are 4, 16 and 64 times ``stem``."""

    in_channels: int = 3  # input rows: the ECG alone, or the ECG and RR ratios
    rr_features: int = 0  # late ones
    classes: int = 4
    stem: int = 4
    kernel: int = 3
    dilations: tuple[int, int, int, int] = (1, 6, 12, 18)
    ratios: tuple[int, int, int] = (4, 8, 16)  # of squeeze and excitation

    @property
    def width(self) -> int:
        """Channels of the feature sequence."""
        return 64 * self.stem


def _conv(fan_in: int, fan_out: int, kernel: int, stride: int = 1, dilation: int = 1) -> nn.Conv1d:
    reach = dilation * (kernel // 2)
    return nn.Conv1d(fan_in, fan_out, kernel, stride, reach, dilation, bias=False)


class ASPP(nn.Module):
    """Convolutions of several dilations side by side, each normalised: (B, C, T) -> (B, 4C, T)."""

    def __init__(self, width: int, kernel: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Sequential(
                _conv(width, width, kernel, dilation=dilation), nn.BatchNorm1d(width), nn.ReLU()
            )
            for dilation in dilations
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the branches' channels, concatenated."""
        return torch.cat([branch(x) for branch in self.branches], dim=1)


class SqueezeExcite(nn.Module):
    """Channels weighed by what the whole beat holds: (B, C, T) -> (B, C, T)."""

    def __init__(self, width: int, ratio: int) -> None:
        super().__init__()
        narrow = max(1, width // ratio)
        self.weigh = nn.Sequential(
            nn.Linear(width, narrow), nn.ReLU(), nn.Linear(narrow, width), nn.Sigmoid()
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` with each channel times its weight, 0 to 1."""
        weighed: Tensor = x * self.weigh(x.mean(dim=-1)).unsqueeze(-1)
        return weighed


class PreActivationResidual(nn.Module):
    """Normalise, ReLU, convolve, twice, plus the input: (B, C, T) -> (B, C, ceil(T / stride))."""

    def __init__(self, width: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.body = nn.Sequential(
            nn.BatchNorm1d(width),
            nn.ReLU(),
            _conv(width, width, kernel, stride),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            _conv(width, width, kernel),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum; where the body strides, the shortcut is averaged over as much."""
        short = x
        if self.stride > 1:
            short = functional.avg_pool1d(x, self.stride, ceil_mode=True)
        total: Tensor = short + self.body(x)
        return total


class MACNN(nn.Module):
    """Beat to feature sequence: (B, rows, points) -> (B, 64 stem, points / 2)."""

    def __init__(self, config: MACNNConfig) -> None:
        super().__init__()
        one, two, three = config.stem, 4 * config.stem, 16 * config.stem
        kernel, dilations = config.kernel, config.dilations
        if len(dilations) != 4:
            raise ValueError("an ASPP has four dilations here")
        self.stem = _conv(config.in_channels, one, kernel)  # (B, 4, T)
        self.first = nn.Sequential(
            ASPP(one, kernel, dilations),  # (B, 16, T)
            SqueezeExcite(two, config.ratios[0]),
            PreActivationResidual(two, kernel, stride=1),
        )
        self.second = nn.Sequential(
            ASPP(two, kernel, dilations),  # (B, 64, T)
            SqueezeExcite(three, config.ratios[1]),
            PreActivationResidual(three, kernel, stride=2),  # (B, 64, T / 2)
        )
        self.third = nn.Sequential(
            nn.BatchNorm1d(three),
            nn.ReLU(),
            ASPP(three, kernel, dilations),  # (B, 256, T / 2)
            SqueezeExcite(config.width, config.ratios[2]),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the feature sequence."""
        sequence: Tensor = self.third(self.second(self.first(self.stem(x))))
        return sequence
