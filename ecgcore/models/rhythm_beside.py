"""A trained network whose last layer is given more beside its embedding: rhythm, and likeness.

Our own, for calibration to one patient: the embedding keeps of the rhythm what told other people's
beats apart, while one person's extrasystoles often differ by one interval alone; so the RR features
stand beside it once more. And it keeps of the shape what other people's classes have in common; so
beside it stands also how like a beat is to each of the patient's labelled ones, by a Gaussian of
the distance of their feature sequences. The new weights are zero, so that the network says what it
said until they are fitted.
"""

import torch
from torch import Tensor, nn

from ecgcore.models.fusion import Standardise
from ecgcore.models.network import Network

_NEAREST = 5  # labelled beats; how far these usually are is the Gaussian's width
_LIMIT = 4.0  # training spreads; what lies further out says no more


class RhythmBeside(Network):
    """``base`` with a wider last layer; ``base`` itself is not changed, and shares its weights.

    ``labelled`` (n, C, T'): feature sequences of the patient's labelled beats.
    """

    labelled: Tensor  # (n, C T')
    width: Tensor  # twice the square of the Gaussian's standard deviation

    def __init__(self, base: Network, standardise: Standardise, labelled: Tensor) -> None:
        super().__init__()
        self.base = base
        self.standardise = standardise
        last = base.classifier
        flat = labelled.flatten(1)
        self.register_buffer("labelled", flat)
        self.register_buffer("width", _width(flat))
        features = int(standardise.mean.numel()) + len(flat)
        self.classifier = nn.Linear(last.in_features + features, last.out_features)
        with torch.no_grad():
            self.classifier.weight.zero_()
            self.classifier.weight[:, : last.in_features] = last.weight
            self.classifier.bias.copy_(last.bias)

    def features(self, x: Tensor) -> Tensor:
        """Return the base's features."""
        return self.base.features(x)

    def embed(self, features: Tensor, rr: Tensor) -> Tensor:
        """Return the base's embedding, standardised RR features and likeness (B, d + R + n)."""
        rhythm = self.standardise(rr).clamp(-_LIMIT, _LIMIT)
        alike = torch.exp(-_squared(features.flatten(1), self.labelled) / self.width)
        return torch.cat([self.base.embed(features, rr), rhythm, alike], dim=1)


def rhythm_beside(network: Network, labelled: Tensor) -> Network:
    """Return ``network`` with rhythm and likeness beside the embedding.

    ``labelled`` (n, C, T'), n may be 0. A network that takes no RR features is returned itself.
    """
    for part in network.modules():
        if isinstance(part, Standardise):
            return RhythmBeside(network, part, labelled).eval()
    return network


def _squared(a: Tensor, b: Tensor) -> Tensor:
    """Return the squared distances (n, m) of rows."""
    square = (a**2).sum(dim=1, keepdim=True) + (b**2).sum(dim=1) - 2 * a @ b.T
    return square.clamp(min=0)


def _width(labelled: Tensor) -> Tensor:
    """Return twice the median squared distance from a labelled beat to its five nearest ones."""
    if len(labelled) < 2:
        return torch.ones(())
    nearest = _squared(labelled, labelled).sort(dim=1).values[:, 1 : 1 + _NEAREST]
    return 2 * nearest.median().clamp(min=1e-6)
