"""A trained network whose last layer is given the RR features once more, beside its embedding.

Our own, for calibration to one patient: the embedding keeps of the rhythm what told other people's
beats apart, while one person's extrasystoles often differ by one interval alone. The new weights
are zero, so that the network says what it said until they are fitted.
"""

import torch
from torch import Tensor, nn

from ecgcore.models.fusion import Standardise
from ecgcore.models.network import Network

_LIMIT = 4.0  # training spreads; what lies further out says no more


class RhythmBeside(Network):
    """``base`` with a wider last layer; ``base`` itself is not changed, and shares its weights."""

    def __init__(self, base: Network, standardise: Standardise) -> None:
        super().__init__()
        self.base = base
        self.standardise = standardise
        last = base.classifier
        features = int(standardise.mean.numel())
        self.classifier = nn.Linear(last.in_features + features, last.out_features)
        with torch.no_grad():
            self.classifier.weight.zero_()
            self.classifier.weight[:, : last.in_features] = last.weight
            self.classifier.bias.copy_(last.bias)

    def features(self, x: Tensor) -> Tensor:
        """Return the base's features."""
        return self.base.features(x)

    def embed(self, features: Tensor, rr: Tensor) -> Tensor:
        """Return the base's embedding and the standardised RR features (B, d + R)."""
        rhythm = self.standardise(rr).clamp(-_LIMIT, _LIMIT)
        return torch.cat([self.base.embed(features, rr), rhythm], dim=1)


def rhythm_beside(network: Network) -> Network:
    """Return ``network`` with its RR features beside the embedding; itself where it takes none."""
    for part in network.modules():
        if isinstance(part, Standardise):
            return RhythmBeside(network, part).eval()
    return network
