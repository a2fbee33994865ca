"""A trained network whose last layer is given more beside its embedding: rhythm, shape, likeness.

Our own, for calibration to one patient: the embedding keeps of the rhythm what told other people's
beats apart, while one person's extrasystoles often differ by one interval alone; so the RR features
stand beside it once more. And it keeps of the shape what other people's classes have in common; so
beside it stand also where a beat lies along the directions in which this person's beats differ most
(the principal components of their feature sequences, found without labels), and how like it is to
each of the patient's labelled ones, by a Gaussian of the distance of their feature sequences. The
new weights are zero, so that the network says what it said until they are fitted.
"""

from typing import Final

import torch
from torch import Tensor, nn

from ecgcore.models.fusion import Standardise
from ecgcore.models.network import Network

_NEAREST: Final = 5  # labelled beats; how far these usually are is the Gaussian's width
_LIMIT: Final = 4.0  # training spreads; what lies further out says no more
_DIRECTIONS: Final = 16
_TINY: Final = 1e-9


class RhythmBeside(Network):
    """``base`` with a wider last layer; ``base`` itself is not changed, and shares its weights.

    ``labelled`` (n, C, T'): feature sequences of the patient's labelled beats; ``beats``
    (m, C, T'): of any of the patient's beats.
    """

    labelled: Tensor  # (n, C T')
    width: Tensor  # twice the square of the Gaussian's standard deviation
    middle: Tensor  # (C T'), the mean of ``beats``
    directions: Tensor  # (C T', k)

    def __init__(
        self, base: Network, standardise: Standardise, labelled: Tensor, beats: Tensor
    ) -> None:
        super().__init__()
        self.base = base
        self.standardise = standardise
        last = base.classifier
        flat = labelled.flatten(1)
        self.register_buffer("labelled", flat)
        self.register_buffer("width", _width(flat))
        middle, directions = _directions(beats.flatten(1))
        self.register_buffer("middle", middle)
        self.register_buffer("directions", directions)
        features = int(standardise.mean.numel()) + directions.shape[1] + len(flat)
        self.classifier = nn.Linear(last.in_features + features, last.out_features)
        with torch.no_grad():
            self.classifier.weight.zero_()
            self.classifier.weight[:, : last.in_features] = last.weight
            self.classifier.bias.copy_(last.bias)

    def features(self, x: Tensor) -> Tensor:
        """Return the base's features."""
        return self.base.features(x)

    def embed(self, features: Tensor, rr: Tensor) -> Tensor:
        """Return the base's embedding, RR features, directions and likeness (B, d + R + k + n)."""
        rhythm = self.standardise(rr).clamp(-_LIMIT, _LIMIT)
        flat = features.flatten(1)
        along = (flat - self.middle) @ self.directions
        alike = torch.exp(-_squared(flat, self.labelled) / self.width)
        return torch.cat([self.base.embed(features, rr), rhythm, along, alike], dim=1)


def rhythm_beside(network: Network, labelled: Tensor, beats: Tensor) -> Network:
    """Return ``network`` with rhythm, directions and likeness beside the embedding.

    ``labelled`` (n, C, T'), n may be 0; ``beats`` (m, C, T'), of which the directions are; with
    fewer than two there is none. A network that takes no RR features is returned itself.
    """
    for part in network.modules():
        if isinstance(part, Standardise):
            return RhythmBeside(network, part, labelled, beats).eval()
    return network


def _directions(beats: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean (q,) of rows (m, q) and their first principal directions (q, k).

    Along the first direction the rows' standard deviation is 1; along another, where it would be
    a share of that, it is the share's square root.
    """
    count, width = beats.shape
    if count < 2:
        return torch.zeros(width), torch.zeros(width, 0)
    middle = beats.mean(dim=0)
    rows = (beats - middle).double()
    # Of the rows' products: a feature sequence may have many more values than there are rows.
    square, share = torch.linalg.eigh(rows @ rows.T)
    most = min(_DIRECTIONS, width, count - 1)
    length = square.flip(0)[:most].clamp(min=_TINY).sqrt()  # √(m − 1) standard deviations
    along = rows.T @ share.flip(1)[:, :most] / length
    spread = length / (count - 1) ** 0.5
    return middle, (along / (spread * spread[0]).sqrt()).float()


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
