"""What every network is: features of a beat, and a head that joins them with the RR intervals.

``forward`` only joins the two, so that explanations can differentiate the head by the features
with ``torch.autograd.grad`` and need no hooks: a network may be shared between threads.
"""

from abc import ABC, abstractmethod

from torch import Tensor, nn


class Network(nn.Module, ABC):
    """A classifier of beats whose last layer is ``classifier``, a linear one.

    Shapes: ``x`` (B, channels, points) or (B, 1, frequencies, times); ``rr`` (B, R), R may be 0.
    """

    classifier: nn.Linear

    @abstractmethod
    def features(self, x: Tensor) -> Tensor:
        """Return the feature sequence (B, C, T') or map (B, C, F', T')."""

    @abstractmethod
    def embed(self, features: Tensor, rr: Tensor) -> Tensor:
        """Return what the last linear layer sees (B, d)."""

    def standardise_rr(self, rr: Tensor) -> None:
        """Learn the mean and spread of the RR features from the training beats (n, R).

        Networks without RR features have nothing to learn.
        """

    def head(self, features: Tensor, rr: Tensor) -> Tensor:
        """Return logits (B, classes) from the features."""
        logits: Tensor = self.classifier(self.embed(features, rr))
        return logits

    def forward(self, x: Tensor, rr: Tensor) -> Tensor:
        """Return logits (B, classes)."""
        return self.head(self.features(x), rr)
