"""A network whose deletion curve can be worked out by hand, and beats for it."""

import torch
from torch import Tensor, nn

from ecgcore.explain.attribution import Reference
from ecgcore.faithfulness.cases import Cases
from ecgcore.models.network import Network


class Linear(Network):
    """Two classes: the first one's logit is the sum of weight times x, the other's is 0."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weigh = nn.Conv1d(1, 1, 1, bias=False)  # a layer that features call, for cascades
        nn.init.ones_(self.weigh.weight)
        self.classifier = nn.Linear(weight.numel(), 2, bias=False)
        with torch.no_grad():
            self.classifier.weight[0] = weight
            self.classifier.weight[1] = 0.0
        self.eval()
        self.requires_grad_(False)

    def features(self, x: Tensor) -> Tensor:
        return self.weigh(x)

    def embed(self, features: Tensor, rr: Tensor) -> Tensor:  # noqa: ARG002
        return features.flatten(1)


def linear_cases(beats: int = 6, points: int = 64, *, scale: float = 0.3) -> tuple[Linear, Cases]:
    """Return a random linear network, beats of its first class and their own reference."""
    generator = torch.Generator().manual_seed(0)
    network = Linear(scale * torch.randn(points, generator=generator))
    x = torch.randn(beats, 1, points, generator=generator)
    away = 0.3 * torch.randn(1, 1, points, generator=generator)
    reference = Reference(x=away, rr=torch.empty(1, 0)).like(x, torch.empty(beats, 0))
    return network, Cases(
        x=x,
        rr=torch.empty(beats, 0),
        target=torch.zeros(beats, dtype=torch.int64),
        reference=reference,
        own=(0,),
    )
