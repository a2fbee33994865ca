"""What every network keeps to, and what B2's attention must do."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgcore.errors import CheckpointError
from ecgcore.models.fusion import CrossAttention, sinusoidal_positions
from ecgcore.models.registry import NETWORKS, build_network, network_config

TINY = {
    "resunet-b2": {"channels": 8, "middle": 4, "heads": 2, "kernel": 5, "rr_features": 3},
    "identity-cnn": {"filters": [4, 6, 8], "grid": [2, 3], "embedding": 5, "classes": 3},
}
SHAPE = {"resunet-b2": (1, 128), "identity-cnn": (1, 20, 30)}


def tiny(name: str):
    torch.manual_seed(0)
    network = build_network(name, TINY[name]).eval()
    x = torch.randn(4, *SHAPE[name])
    return network, x, torch.randn(4, network.config.rr_features)


def test_every_network_is_tested_here():
    assert set(TINY) == set(NETWORKS)


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_forward_joins_features_and_head(name):
    network, x, rr = tiny(name)
    with torch.no_grad():
        features = network.features(x)
        embedding = network.embed(features, rr)
        torch.testing.assert_close(network(x, rr), network.head(features, rr), rtol=0, atol=0)
        torch.testing.assert_close(
            network.head(features, rr), network.classifier(embedding), rtol=0, atol=0
        )
    assert features.shape[0] == 4
    assert features.ndim == x.ndim
    assert embedding.shape == (4, network.classifier.in_features)
    assert network(x, rr).shape == (4, network.config.classes)


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_in_use_beats_don_t_see_each_other(name):
    network, x, rr = tiny(name)
    with torch.no_grad():
        alone = torch.cat([network(x[i : i + 1], rr[i : i + 1]) for i in range(4)])
        torch.testing.assert_close(network(x, rr), alone)


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_the_features_carry_a_gradient_to_the_target(name):
    network, x, rr = tiny(name)
    features = network.features(x).detach().requires_grad_()
    gradient = torch.autograd.grad(network.head(features, rr)[:, 0].sum(), features)[0]
    assert gradient.shape == features.shape
    assert gradient.abs().sum() > 0


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_a_config_builds_the_like(name):
    network, _, _ = tiny(name)
    again = build_network(name, network_config(network))
    assert again.config == network.config
    assert [p.shape for p in again.parameters()] == [p.shape for p in network.parameters()]


@settings(max_examples=15, deadline=None)
@given(points=st.integers(48, 300))
def test_resunet_takes_any_number_of_points(points):
    network, _, _ = tiny("resunet-b2")
    with torch.no_grad():
        features = network.features(torch.randn(4, 1, points))
    halved = -(-points // 2)
    assert features.shape == (4, 8, -(-halved // 2))


def test_attention_is_over_the_sequence_and_follows_the_rr_query():
    network, x, rr = tiny("resunet-b2")
    with torch.no_grad():
        features = network.features(x)
        one = network.attention(features, rr)
        other = network.attention(features, rr + 1.0)
    assert one.shape == (4, 2, 32)
    torch.testing.assert_close(one.sum(dim=-1), torch.ones(4, 2))
    assert not torch.allclose(one, other, atol=1e-6)


def test_attention_weights_are_those_that_are_used():
    torch.manual_seed(1)
    attention = CrossAttention(8, 2, dropout=0.0).eval()
    query, tokens = torch.randn(3, 8), torch.randn(3, 5, 8)
    with torch.no_grad():
        weight = attention.weights(query, tokens)  # (3, 2, 5)
        value = attention.to_value(tokens).view(3, 5, 2, 4)
        wanted = attention.out(torch.einsum("bht,bthd->bhd", weight, value).reshape(3, 8))
        torch.testing.assert_close(attention(query, tokens), wanted)


def test_positions_tell_places_apart():
    table = sinusoidal_positions(64, 9)
    distance = torch.cdist(table, table) + torch.eye(64)
    assert table.shape == (64, 9)
    assert distance.min() > 1e-2


def test_standardised_rr_has_mean_0_and_spread_1():
    network, _, _ = tiny("resunet-b2")
    rr = torch.randn(500, 3) * torch.tensor([0.1, 5.0, 1.0]) + torch.tensor([2.0, -1.0, 0.0])
    network.standardise_rr(rr)
    z = network.fusion.standardise(rr)
    torch.testing.assert_close(z.mean(dim=0), torch.zeros(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(z.std(dim=0, unbiased=False), torch.ones(3))


def test_an_unknown_network_names_those_there_are():
    with pytest.raises(CheckpointError, match=r"'nonsense'.*resunet-b2"):
        build_network("nonsense", {})


def test_an_unknown_setting_is_named():
    with pytest.raises(CheckpointError, match="widht"):
        build_network("resunet-b2", {"widht": 3})


def test_settings_that_don_t_fit_are_said():
    with pytest.raises(CheckpointError, match="3 heads"):
        build_network("resunet-b2", {"channels": 8, "heads": 3})
