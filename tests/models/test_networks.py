"""What every network keeps to."""

import pytest
import torch
from torch import nn

from ecgcore.errors import CheckpointError
from ecgcore.explain.gradcam import gradcam
from ecgcore.models.registry import NETWORKS, build_network, network_config
from tests.models.tiny import ATTENTIVE, TINY, tiny

EVERY = pytest.mark.parametrize("name", sorted(NETWORKS))


def test_every_network_is_tested_here():
    assert set(TINY) == set(NETWORKS)
    assert set(ATTENTIVE) == {name for name in TINY if hasattr(tiny(name)[0], "attention")}


@EVERY
@pytest.mark.parametrize("batch", [1, 2, 7])
def test_forward_joins_features_and_head(name, batch):
    network, x, rr = tiny(name, batch)
    with torch.no_grad():
        features = network.features(x)
        embedding = network.embed(features, rr)
        torch.testing.assert_close(network(x, rr), network.head(features, rr), rtol=0, atol=0)
        torch.testing.assert_close(
            network.head(features, rr), network.classifier(embedding), rtol=0, atol=0
        )
    assert features.shape[0] == batch
    assert features.ndim == x.ndim
    assert embedding.shape == (batch, network.classifier.in_features)
    assert network(x, rr).shape == (batch, network.config.classes)


@EVERY
@pytest.mark.parametrize("length", [37, 64, 128, 200])
def test_any_length_will_do(name, length):
    network, x, rr = tiny(name)
    other = torch.randn(*x.shape[:-1], length)
    with torch.no_grad():
        assert network(other, rr).shape == (4, network.config.classes)
        assert gradcam(network, other, rr, torch.zeros(4, dtype=torch.long)).shape == (
            4,
            *other.shape[2:],
        )


@EVERY
def test_in_use_beats_don_t_see_each_other(name):
    network, x, rr = tiny(name)
    with torch.no_grad():
        alone = torch.cat([network(x[i : i + 1], rr[i : i + 1]) for i in range(4)])
        torch.testing.assert_close(network(x, rr), alone, rtol=1e-4, atol=1e-5)


@EVERY
def test_grad_cam_finds_something_for_some_class(name):
    network, x, rr = tiny(name)
    maps = [
        gradcam(network, x, rr, torch.full((4,), label)) for label in range(network.config.classes)
    ]
    together = torch.stack(maps)
    assert together.shape[2:] == x.shape[2:]
    assert together.min() >= 0
    assert torch.isfinite(together).all()
    assert (together.flatten(2).amax(dim=(0, 2)) > 0).all()


@EVERY
def test_every_weight_learns(name):
    network, x, rr = tiny(name, batch=8)
    network.train()
    label = torch.arange(8) % network.config.classes
    nn.functional.cross_entropy(network(x, rr), label).backward()
    still = [key for key, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert not still


@EVERY
def test_one_seed_makes_one_network(name):
    (one, x, rr), (other, _, _) = tiny(name), tiny(name)
    torch.manual_seed(1)
    third = build_network(name, TINY[name]).eval()
    with torch.no_grad():
        torch.testing.assert_close(one(x, rr), other(x, rr), rtol=0, atol=0)
        assert not torch.allclose(one(x, rr), third(x, rr))


@EVERY
def test_a_config_builds_the_like(name):
    network, _, _ = tiny(name)
    again = build_network(name, network_config(network))
    assert again.config == network.config
    assert {k: p.shape for k, p in again.state_dict().items()} == {
        k: p.shape for k, p in network.state_dict().items()
    }


@EVERY
def test_every_network_says_where_it_is_from(name):
    entry = NETWORKS[name]
    assert entry.title
    assert entry.source
    assert [other.title for other in NETWORKS.values()].count(entry.title) == 1


@EVERY
def test_rr_is_looked_at_exactly_where_it_is_taken(name):
    network, x, rr = tiny(name)
    with torch.no_grad():
        moved = torch.allclose(network(x, rr), network(x, rr + 1), rtol=0, atol=0)
    assert moved == (rr.shape[1] == 0)


@pytest.mark.parametrize("name", ATTENTIVE)
def test_attention_is_over_the_sequence_and_follows_the_rr_query(name):
    network, x, rr = tiny(name)
    with torch.no_grad():
        features = network.features(x)
        one = network.attention(features, rr)
        other = network.attention(features, rr + 1.0)
    assert one.shape == (4, network.config.heads, features.shape[-1])
    assert features.shape[-1] > 1
    torch.testing.assert_close(one.sum(dim=-1), torch.ones(one.shape[:2]))
    assert not torch.allclose(one, other, atol=1e-6)


def test_an_unknown_network_names_those_there_are():
    with pytest.raises(CheckpointError, match=r"'nonsense'.*resunet-b2"):
        build_network("nonsense", {})


def test_an_unknown_setting_is_named():
    with pytest.raises(CheckpointError, match="widht"):
        build_network("resunet-b2", {"widht": 3})


def test_settings_that_don_t_fit_are_said():
    with pytest.raises(CheckpointError, match="3 heads"):
        build_network("resunet-b2", {"channels": 8, "heads": 3})
    with pytest.raises(CheckpointError, match="at least one RR feature"):
        build_network("resunet-a1", {"rr_features": 0})
