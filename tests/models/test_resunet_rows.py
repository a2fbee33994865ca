"""The five ResUNet rows: one backbone, the study's full size, and what sets each row apart."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgcore.models.registry import build_network
from ecgcore.models.resunet import SOURCE_SIZE
from tests.models.tiny import tiny

# As the docstring of resunet_rows tells.
WEIGHTS = {
    "resunet": 878_314,
    "resunet-a1": 947_434,
    "resunet-a2": 1_077_394,
    "resunet-b1": 1_272_514,
    "resunet-b2": 1_338_214,
}


@settings(max_examples=15, deadline=None)
@given(points=st.integers(48, 300))
def test_four_points_make_a_token(points):
    network, _, _ = tiny("resunet-b2")
    with torch.no_grad():
        features = network.features(torch.randn(4, 1, points))
    halved = -(-points // 2)
    assert features.shape == (4, 8, -(-halved // 2))


@pytest.mark.parametrize("name", sorted(WEIGHTS))
def test_the_study_s_size_has_180_tokens_of_180_channels(name):
    heads = {"heads": 9} if name in ("resunet-a2", "resunet-b2") else {}
    network = build_network(name, {**SOURCE_SIZE, **heads, "rr_features": 7}).eval()
    with torch.no_grad():
        features = network.features(torch.randn(1, 1, 720))
        embedding = network.embed(features, torch.randn(1, 7))
        if heads:
            assert network.attention(features, torch.randn(1, 7)).shape == (1, 9, 180)
    assert features.shape == (1, 180, 180)
    assert embedding.shape == (1, 180 if name == "resunet" else 360)
    assert sum(p.numel() for p in network.parameters()) == WEIGHTS[name]


def test_all_rows_have_the_same_backbone():
    """One seed gives every row the same backbone, so that rows differ in the fusion alone."""
    backbones = [tiny(name)[0].backbone.state_dict() for name in sorted(WEIGHTS)]
    for other in backbones[1:]:
        assert other.keys() == backbones[0].keys()
        assert all(torch.equal(other[key], backbones[0][key]) for key in other)


def test_the_order_of_tokens_matters_to_attention_only():
    for name in sorted(WEIGHTS):
        network, x, rr = tiny(name)
        with torch.no_grad():
            features = network.features(x)
            same = torch.allclose(
                network.head(features, rr), network.head(features.flip(-1), rr), atol=1e-6
            )
        assert same == (name not in ("resunet-a2", "resunet-b2")), name


@pytest.mark.parametrize("name", ["resunet-a1", "resunet-a2", "resunet-b1", "resunet-b2"])
def test_standardised_rr_has_mean_0_and_spread_1(name):
    network, x, _ = tiny(name)
    rr = torch.randn(500, 3) * torch.tensor([0.1, 5.0, 1.0]) + torch.tensor([2.0, -1.0, 0.0])
    network.standardise_rr(rr)
    z = network.fusion.standardise(rr)
    torch.testing.assert_close(z.mean(dim=0), torch.zeros(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(z.std(dim=0, unbiased=False), torch.ones(3))
    # A unit, such as ms for s, then changes nothing.
    with torch.no_grad():
        before = network(x, rr[:4])
        network.standardise_rr(1000 * rr)
        torch.testing.assert_close(network(x, 1000 * rr[:4]), before, rtol=1e-3, atol=1e-4)
