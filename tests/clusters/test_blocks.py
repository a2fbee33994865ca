"""Which blocks of every network are clustered."""

import pytest
import torch
from torch import nn

from ecgcore.clusters.blocks import last_blocks
from ecgcore.errors import EcgError
from ecgcore.models.registry import NETWORKS
from tests.models.tiny import tiny
from tests.tiny_networks import Convolutional

EVERY = pytest.mark.parametrize("name", sorted(NETWORKS))


@EVERY
def test_three_blocks_of_every_network_end_in_its_features(name):
    network, x, _ = tiny(name)
    with torch.no_grad():
        blocks, features = last_blocks(network, x), network.features(x)
    assert len(blocks) == 3
    last = features.mean(dim=2) if features.ndim == 4 else features
    torch.testing.assert_close(blocks[-1], last, rtol=0, atol=0)
    assert all(block.ndim == 3 and len(block) == len(x) for block in blocks)
    lengths = [block.shape[-1] for block in blocks]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] <= x.shape[-1] or name.startswith("beat-")


@EVERY
def test_the_blocks_differ_and_hear_the_input(name):
    network, x, _ = tiny(name)
    with torch.no_grad():
        blocks, others = last_blocks(network, x), last_blocks(network, x + torch.randn_like(x))
    for block, other in zip(blocks, others, strict=True):
        assert (block - other).abs().max() > 1e-4
    assert len({(b.shape[1:], float(b.sum())) for b in blocks}) == 3


def test_a_network_that_is_not_listed_gives_its_features():
    network = Convolutional()
    x = torch.randn(3, 2, 40)
    (only,) = last_blocks(network, x)
    torch.testing.assert_close(only, network.features(x), rtol=0, atol=0)


def test_a_network_in_training_mode_is_refused():
    network = Convolutional()
    network.train()
    with pytest.raises(EcgError, match="evaluation mode"):
        last_blocks(network, torch.randn(3, 2, 40))


def test_the_shared_network_is_only_read():
    network, x, _ = tiny("resunet-b2")
    before = {key: value.clone() for key, value in network.state_dict().items()}
    last_blocks(network, x)
    assert not any(part._forward_hooks for part in network.modules())
    for key, value in network.state_dict().items():
        torch.testing.assert_close(value, before[key], rtol=0, atol=0)
    assert isinstance(network, nn.Module)
    assert not network.training
