"""The ResUNet rows of the fusion study: one backbone, five ways to use the RR intervals.

Source: the ECG–RR fusion study for inter-patient arrhythmia classification, its table 3:

    Baseline  mean over the tokens → linear; no RR
    A1        concatenation        → dense block → linear
    A2        cross-attention      → dense block → linear
    B1        concatenation → transformer-style feed-forward block → dense block → linear
    B2        cross-attention → transformer-style feed-forward block → dense block → linear

The dense block is the study's head: d → 2d, layer normalisation, GELU, dropout. Weights at the
study's size (180 channels, 9 heads, 7 RR features, 4 classes): Baseline 878,314; A1 947,434;
A2 1,077,394; B1 1,272,514; B2 1,338,214. Departures: see ``resunet`` and ``fusion``.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from ecgcore.models.fusion import (
    Concatenation,
    ConcatenationTransformer,
    Fusion,
    RRAttention,
    RRQueryFusion,
)
from ecgcore.models.network import Network
from ecgcore.models.resunet import ResUNet, ResUNetConfig


@dataclass(frozen=True, kw_only=True)
class ResUNetBaselineConfig(ResUNetConfig):
    """Sizes of the row without RR intervals."""

    rr_features: int = 0  # takes none; any that are given are not looked at


@dataclass(frozen=True, kw_only=True)
class ResUNetConcatConfig(ResUNetConfig):
    """Sizes of the rows that concatenate."""

    dropout: float = 0.2


@dataclass(frozen=True, kw_only=True)
class ResUNetAttentionConfig(ResUNetConcatConfig):
    """Sizes of the rows with cross-attention; the study has 9 heads."""

    heads: int = 6


class ResUNetBaseline(Network):
    """Mean over the tokens, then the classes; the RR intervals are not used."""

    def __init__(self, config: ResUNetBaselineConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = ResUNet(config)
        self.classifier = nn.Linear(config.channels, config.classes)

    def features(self, x: Tensor) -> Tensor:
        """Return the feature sequence (B, C, T') of ``x`` (B, in, points)."""
        features: Tensor = self.backbone(x)
        return features

    def embed(self, features: Tensor, rr: Tensor) -> Tensor:  # noqa: ARG002 - the contract's shape
        """Return the mean over the tokens (B, C)."""
        return features.mean(dim=-1)


class ResUNetFused(Network):
    """What the rows with RR intervals share: backbone, a fusion, the dense block."""

    config: ResUNetConcatConfig
    fusion: Fusion

    def __init__(self, config: ResUNetConcatConfig, backbone: ResUNet, fusion: Fusion) -> None:
        super().__init__()
        wide = 2 * config.channels
        self.config = config
        self.backbone = backbone
        self.fusion = fusion
        self.dense = nn.Sequential(
            nn.Linear(fusion.out, wide),
            nn.LayerNorm(wide),
            nn.GELU(),
            nn.Dropout(config.dropout),
        )
        self.classifier = nn.Linear(wide, config.classes)

    def features(self, x: Tensor) -> Tensor:
        """Return the feature sequence (B, C, T') of ``x`` (B, in, points)."""
        features: Tensor = self.backbone(x)
        return features

    def standardise_rr(self, rr: Tensor) -> None:
        """Learn the RR features' mean and spread from the training beats (n, R)."""
        self.fusion.standardise.learn(rr)

    def embed(self, features: Tensor, rr: Tensor) -> Tensor:
        """Return (B, 2C): features and RR joined, through the dense block."""
        embedding: Tensor = self.dense(self.fusion(features, rr))
        return embedding


class ResUNetA1(ResUNetFused):
    """A1: concatenation, then the dense block."""

    def __init__(self, config: ResUNetConcatConfig) -> None:
        backbone = ResUNet(config)
        super().__init__(config, backbone, Concatenation(config.channels, config.rr_features))


class ResUNetB1(ResUNetFused):
    """B1 (Concat-TF): concatenation and a feed-forward block, then the dense block."""

    def __init__(self, config: ResUNetConcatConfig) -> None:
        backbone = ResUNet(config)
        fusion = ConcatenationTransformer(config.channels, config.rr_features, config.dropout)
        super().__init__(config, backbone, fusion)


class _ResUNetAttention(ResUNetFused):
    """What A2 and B2 share: they differ in the fusion's class."""

    fusion: RRAttention
    kind: type[RRAttention]

    def __init__(self, config: ResUNetAttentionConfig) -> None:
        backbone = ResUNet(config)
        fusion = self.kind(config.channels, config.rr_features, config.heads, config.dropout)
        super().__init__(config, backbone, fusion)

    def attention(self, features: Tensor, rr: Tensor) -> Tensor:
        """Return the RR query's attention over the tokens (B, heads, T'), rows sum to 1."""
        return self.fusion.attention_weights(features, rr)


class ResUNetA2(_ResUNetAttention):
    """A2: cross-attention of the RR query over the tokens, then the dense block."""

    kind = RRAttention


class ResUNetB2(_ResUNetAttention):
    """B2 (MHCA-TF): cross-attention and a feed-forward block, then the dense block."""

    kind = RRQueryFusion
