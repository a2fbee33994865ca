"""The MACNN-SE rows of the fusion study: RR intervals early, late, both, or concatenated.

Source: the ECG–RR fusion study for inter-patient arrhythmia classification, its tables 4 and 5,
and the companion text on its cross-attention:

    macnn-se      ECG + 2 RR rows → mean over time → linear (opt2, the DAEAC baseline)
    macnn-concat  ECG → mean, 7 RR features beside it → linear (naive concatenation)
    macnn-mhca    ECG → late cross-attention of 7 RR features → linear (opt1)
    macnn-hybrid  ECG + 2 RR rows → the same late cross-attention (opt3)

The early rows are channels of the input ("rr_pre_global", "rr_pre_local"), so ``macnn-mhca`` and
``macnn-hybrid`` are one network with one or three input rows. Weights at the study's size with
four classes: macnn-se 90,420; macnn-concat 90,424; macnn-mhca 157,020; macnn-hybrid 157,044.
Departures: see ``macnn`` and ``gated_attention``.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from ecgcore.models.fusion import Concatenation
from ecgcore.models.gated_attention import GatedRRAttention
from ecgcore.models.macnn import MACNN, MACNNConfig
from ecgcore.models.network import Network


@dataclass(frozen=True, kw_only=True)
class MACNNConcatConfig(MACNNConfig):
    """Sizes of the row that concatenates."""

    in_channels: int = 1
    rr_features: int = 7


@dataclass(frozen=True, kw_only=True)
class MACNNAttentionConfig(MACNNConcatConfig):
    """Sizes of the row with late cross-attention."""

    fusion_width: int = 64
    heads: int = 1
    gate: float = -2.0  # α at the start; the gate is sigmoid(α), 0.12
    dropout: float = 0.0


@dataclass(frozen=True, kw_only=True)
class MACNNHybridConfig(MACNNAttentionConfig):
    """Sizes of the row with early RR rows and late cross-attention."""

    in_channels: int = 3


class _MACNNNetwork(Network):
    """What the rows share: the backbone."""

    def __init__(self, config: MACNNConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = MACNN(config)

    def features(self, x: Tensor) -> Tensor:
        """Return the feature sequence (B, C, T') of ``x`` (B, rows, points)."""
        features: Tensor = self.backbone(x)
        return features


class MACNNSE(_MACNNNetwork):
    """Mean over time, then the classes; RR intervals are seen as input rows only."""

    def __init__(self, config: MACNNConfig) -> None:
        super().__init__(config)
        self.classifier = nn.Linear(config.width, config.classes)

    def embed(self, features: Tensor, rr: Tensor) -> Tensor:  # noqa: ARG002 - the contract's shape
        """Return the mean over time (B, C)."""
        return features.mean(dim=-1)


class _MACNNFused(_MACNNNetwork):
    """What the rows with late RR features share: a fusion, then the classes."""

    fusion: Concatenation | GatedRRAttention

    def standardise_rr(self, rr: Tensor) -> None:
        """Learn the RR features' mean and spread from the training beats (n, R)."""
        self.fusion.standardise.learn(rr)

    def embed(self, features: Tensor, rr: Tensor) -> Tensor:
        """Return what the fusion joins (B, d)."""
        embedding: Tensor = self.fusion(features, rr)
        return embedding


class MACNNConcat(_MACNNFused):
    """Mean over time and RR features side by side (B, C + R), then the classes."""

    def __init__(self, config: MACNNConcatConfig) -> None:
        super().__init__(config)
        self.fusion = Concatenation(config.width, config.rr_features)
        self.classifier = nn.Linear(self.fusion.out, config.classes)


class MACNNMHCA(_MACNNFused):
    """Late cross-attention with a gate (B, 128), then the classes."""

    fusion: GatedRRAttention

    def __init__(self, config: MACNNAttentionConfig) -> None:
        super().__init__(config)
        self.fusion = GatedRRAttention(
            config.width,
            config.fusion_width,
            config.rr_features,
            heads=config.heads,
            gate=config.gate,
            dropout=config.dropout,
        )
        self.classifier = nn.Linear(self.fusion.out, config.classes)

    def attention(self, features: Tensor, rr: Tensor) -> Tensor:
        """Return the RR query's attention over time (B, heads, T'), rows sum to 1."""
        return self.fusion.attention_weights(features, rr)


class MACNNHybrid(MACNNMHCA):
    """The same with RR rows in the input as well; ValueError without them."""

    def __init__(self, config: MACNNHybridConfig) -> None:
        if config.in_channels < 2:
            raise ValueError(
                "the hybrid has RR rows beside the ECG, such as the channels raw, rr_pre_global, "
                "rr_pre_local; with the ECG alone it is macnn-mhca"
            )
        super().__init__(config)
