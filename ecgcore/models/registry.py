"""The networks there are, by the name that checkpoints and configurations use.

To add one: a file with the network and its config dataclass beside it, and a line here. Every
config dataclass has ``in_channels``, ``rr_features`` and ``classes``, which the data decide.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal

from ecgcore.errors import CheckpointError
from ecgcore.models.beat_image_cnn import BeatImageCNN, BeatImageCNNConfig
from ecgcore.models.cnn_gap import CNNGap, CNNGapConfig
from ecgcore.models.identity_cnn import IdentityCNN, IdentityCNNConfig
from ecgcore.models.identity_wave import IdentityWave, IdentityWaveConfig
from ecgcore.models.macnn import MACNNConfig
from ecgcore.models.macnn_rows import (
    MACNNMHCA,
    MACNNSE,
    MACNNAttentionConfig,
    MACNNConcat,
    MACNNConcatConfig,
    MACNNHybrid,
    MACNNHybridConfig,
)
from ecgcore.models.network import Network
from ecgcore.models.residual_cnn import ResidualCNN, ResidualCNNConfig
from ecgcore.models.resunet_rows import (
    ResUNetA1,
    ResUNetA2,
    ResUNetAttentionConfig,
    ResUNetB1,
    ResUNetB2,
    ResUNetBaseline,
    ResUNetBaselineConfig,
    ResUNetConcatConfig,
)


@dataclass(frozen=True, kw_only=True)
class NetworkEntry:
    """How to build one network, and what it looks at."""

    network: type[Any]  # called with its config; a Network
    config: type[Any]  # a frozen dataclass
    kind: Literal["waveform", "spectrogram", "image"]
    title: str
    source: str


_FUSION_STUDY: Final = "ECG–RR fusion study for inter-patient arrhythmia classification"

NETWORKS: Final[dict[str, NetworkEntry]] = {
    "resunet": NetworkEntry(
        network=ResUNetBaseline,
        config=ResUNetBaselineConfig,
        kind="waveform",
        title="ResUNet without RR intervals (baseline)",
        source=_FUSION_STUDY,
    ),
    "resunet-a1": NetworkEntry(
        network=ResUNetA1,
        config=ResUNetConcatConfig,
        kind="waveform",
        title="ResUNet with RR features concatenated (A1)",
        source=_FUSION_STUDY,
    ),
    "resunet-a2": NetworkEntry(
        network=ResUNetA2,
        config=ResUNetAttentionConfig,
        kind="waveform",
        title="ResUNet with RR cross-attention, dense head (A2)",
        source=_FUSION_STUDY,
    ),
    "resunet-b1": NetworkEntry(
        network=ResUNetB1,
        config=ResUNetConcatConfig,
        kind="waveform",
        title="ResUNet with RR concatenated, feed-forward block (B1, Concat-TF)",
        source=_FUSION_STUDY,
    ),
    "resunet-b2": NetworkEntry(
        network=ResUNetB2,
        config=ResUNetAttentionConfig,
        kind="waveform",
        title="ResUNet with RR cross-attention (B2, MHCA-TF)",
        source=_FUSION_STUDY,
    ),
    "macnn-se": NetworkEntry(
        network=MACNNSE,
        config=MACNNConfig,
        kind="waveform",
        title="MACNN-SE with early RR rows (opt2, DAEAC baseline)",
        source=_FUSION_STUDY,
    ),
    "macnn-concat": NetworkEntry(
        network=MACNNConcat,
        config=MACNNConcatConfig,
        kind="waveform",
        title="MACNN-SE with RR features concatenated late",
        source=_FUSION_STUDY,
    ),
    "macnn-mhca": NetworkEntry(
        network=MACNNMHCA,
        config=MACNNAttentionConfig,
        kind="waveform",
        title="MACNN-SE with late RR cross-attention (MHCA, opt1)",
        source=_FUSION_STUDY,
    ),
    "macnn-hybrid": NetworkEntry(
        network=MACNNHybrid,
        config=MACNNHybridConfig,
        kind="waveform",
        title="MACNN-SE with early RR rows and late cross-attention (Hybrid MHCA, opt3)",
        source=_FUSION_STUDY,
    ),
    "beat-spectrogram-cnn": NetworkEntry(
        network=BeatImageCNN,
        config=BeatImageCNNConfig,
        kind="spectrogram",
        title="Beat-spectrogram CNN",
        source="Huang et al. 2019",
    ),
    "beat-image-cnn": NetworkEntry(
        network=BeatImageCNN,
        config=BeatImageCNNConfig,
        kind="image",
        title="Beat-picture CNN (the waveform drawn)",
        source="the beat-image study after Huang et al. 2019",
    ),
    "residual-cnn": NetworkEntry(
        network=ResidualCNN,
        config=ResidualCNNConfig,
        kind="waveform",
        title="Residual CNN with RR features, small",
        source="our own; residual blocks of He et al. 2016",
    ),
    "cnn-gap": NetworkEntry(
        network=CNNGap,
        config=CNNGapConfig,
        kind="waveform",
        title="Plain CNN with global average pooling",
        source="Wang, Yan and Oates 2017",
    ),
    "identity-cnn": NetworkEntry(
        network=IdentityCNN,
        config=IdentityCNNConfig,
        kind="spectrogram",
        title="User-recognition spectrogram CNN",
        source="Kim and Jung 2022",
    ),
    "identity-wave": NetworkEntry(
        network=IdentityWave,
        config=IdentityWaveConfig,
        kind="waveform",
        title="User-recognition waveform CNN",
        source="our own, beside Kim and Jung 2022",
    ),
}


def network_entry(architecture: str) -> NetworkEntry:
    """Return a registered network. Raises CheckpointError, naming those there are."""
    if architecture not in NETWORKS:
        raise CheckpointError(
            f"There is no network {architecture!r} in this version of BeatLens; "
            f"it has {', '.join(sorted(NETWORKS))}."
        )
    return NETWORKS[architecture]


def build_network(architecture: str, config: Mapping[str, Any]) -> Network:
    """Build a network, randomly initialised, from the plain values of its config.

    Raises CheckpointError when the network or one of the values' names is unknown, or when the
    sizes don't fit together.
    """
    entry = network_entry(architecture)
    known = {field.name for field in fields(entry.config)}
    strange = sorted(set(config) - known)
    if strange:
        raise CheckpointError(
            f"The network {architecture} has no setting {', '.join(strange)}; "
            f"it has {', '.join(sorted(known))}."
        )
    plain = {k: tuple(v) if isinstance(v, list) else v for k, v in config.items()}
    try:
        network: Network = entry.network(entry.config(**plain))
    except (TypeError, ValueError, RuntimeError) as error:
        said = str(error).rstrip(".")
        raise CheckpointError(f"The settings of {architecture} don't fit: {said}.") from error
    return network


def network_config(network: Network) -> dict[str, Any]:
    """Return the plain values, as JSON has them, that would build the network's like."""
    config = asdict(network.config)  # type: ignore[call-overload]
    return {key: list(v) if isinstance(v, tuple) else v for key, v in config.items()}
