import pytest
import torch
from captum.attr import IntegratedGradients
from torch import nn

from ecgcore.explain.attribution import Reference
from ecgcore.explain.integrated import integrated_gradients
from ecgcore.models.network import Network
from tests.tiny_networks import Convolutional, Patches


class Square(Network):
    """The score is w times the square of the summed points, plus v times the RR feature."""

    def __init__(self) -> None:
        super().__init__()
        self.classifier = nn.Linear(2, 1, bias=False)
        with torch.no_grad():
            self.classifier.weight.copy_(torch.tensor([[3.0, -2.0]]))
        self.eval()

    def features(self, x):
        return x

    def embed(self, features, rr):
        return torch.cat([features.sum(dim=(1, 2))[:, None] ** 2, rr], dim=1)


def _reference(x, rr, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return Reference(
        x=torch.randn(1, *x.shape[1:], generator=generator),
        rr=torch.randn(1, rr.shape[1], generator=generator),
    )


def test_of_a_linear_network_it_is_weight_times_distance():
    weight = torch.tensor([[1.0, -2.0], [0.5, 3.0]])
    x, rr = torch.randn(3, 2, 12), torch.randn(3, 1)
    away, target = _reference(x, rr), torch.tensor([0, 1, 1])
    found = integrated_gradients(Patches(weight, (1,), rr=1), x, rr, target, away)
    by_hand = weight[target][:, :, None] / 12 * (x - away.x)
    torch.testing.assert_close(found.values, by_hand, atol=1e-6, rtol=1e-4)
    torch.testing.assert_close(found.rr, rr - away.rr, atol=1e-6, rtol=1e-4)


def test_of_a_square_it_is_the_integral_worked_out_by_hand():
    """y = 3 s²: the slope along the way is 6 (s0 + a (s − s0)), its mean 3 (s + s0)."""
    x, rr = torch.randn(4, 1, 9), torch.randn(4, 1)
    away = _reference(x, rr)
    found = integrated_gradients(Square(), x, rr, torch.zeros(4, dtype=torch.int64), away, steps=4)
    slope = 3 * (x.sum(dim=(1, 2)) + away.x.sum())
    torch.testing.assert_close(
        found.values, slope[:, None, None] * (x - away.x), atol=1e-4, rtol=1e-4
    )
    torch.testing.assert_close(found.rr, -2 * (rr - away.rr), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(found.rest, torch.zeros(4), atol=1e-4, rtol=0)


@pytest.mark.parametrize("steps", [8, 50])
def test_it_agrees_with_captum(steps):
    network = Convolutional()
    x, rr = torch.randn(5, 2, 64), torch.randn(5, 2)
    away, target = _reference(x, rr), torch.tensor([0, 1, 2, 0, 1])
    theirs = IntegratedGradients(lambda x, rr: network(x, rr)).attribute(
        (x, rr),
        baselines=(away.x.expand_as(x), away.rr.expand_as(rr)),
        target=target,
        n_steps=steps,
    )
    ours = integrated_gradients(network, x, rr, target, away, steps=steps)
    torch.testing.assert_close(ours.values, theirs[0].float(), atol=1e-5, rtol=1e-3)
    torch.testing.assert_close(ours.rr, theirs[1].float(), atol=1e-5, rtol=1e-3)


def test_more_steps_miss_less():
    network = Convolutional()
    x, rr = torch.randn(16, 2, 64), torch.randn(16, 2)
    away, target = _reference(x, rr), torch.arange(16) % 3
    missed = [
        integrated_gradients(network, x, rr, target, away, steps=steps).rest.abs().mean()
        for steps in (2, 16, 128)
    ]
    assert missed[0] > missed[1] > missed[2]
    assert missed[2] < 0.01 * (network(x, rr) - network(away.x, away.rr)).abs().mean()
