"""MACNN-SE: the backbone as the study gives it, its four rows, and the gate."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from ecgcore.errors import CheckpointError
from ecgcore.models.macnn import ASPP, MACNN, MACNNConfig, PreActivationResidual, SqueezeExcite
from ecgcore.models.registry import build_network
from tests.models.tiny import tiny

# As the docstring of macnn_rows tells.
WEIGHTS = {
    "macnn-se": 90_420,
    "macnn-concat": 90_424,
    "macnn-mhca": 157_020,
    "macnn-hybrid": 157_044,
}
LATE = ("macnn-concat", "macnn-mhca", "macnn-hybrid")


@pytest.mark.parametrize("name", sorted(WEIGHTS))
def test_the_study_s_size(name):
    network = build_network(name, {}).eval()
    config = network.config
    assert config.in_channels == (3 if name in ("macnn-se", "macnn-hybrid") else 1)
    assert config.rr_features == (0 if name == "macnn-se" else 7)
    with torch.no_grad():
        features = network.features(torch.randn(2, config.in_channels, 128))
        embedding = network.embed(features, torch.randn(2, config.rr_features))
    assert features.shape == (2, 256, 64)
    wide = {"macnn-se": 256, "macnn-concat": 263}.get(name, 128)
    assert embedding.shape == (2, wide)
    assert sum(p.numel() for p in network.parameters()) == WEIGHTS[name]


def test_stages_are_16_64_and_256_wide():
    backbone = MACNN(MACNNConfig())
    stem = backbone.stem(torch.randn(2, 3, 128))
    one = backbone.first(stem)
    two = backbone.second(one)
    assert [tuple(t.shape[1:]) for t in (stem, one, two, backbone.third(two))] == [
        (4, 128),
        (16, 128),
        (64, 64),
        (256, 64),
    ]


def test_the_stem_is_a_3_by_3_convolution_over_the_rows():
    """The source's (B, 1, rows, T) → (B, 4, 1, T), without the dimension of one."""
    stem = MACNN(MACNNConfig()).stem
    flat = nn.Conv2d(1, 4, 3, padding=(0, 1), bias=False)
    with torch.no_grad():
        flat.weight.copy_(stem.weight[:, None])  # (4, rows, 3) -> (4, 1, rows, 3)
        x = torch.randn(5, 3, 128)
        torch.testing.assert_close(stem(x), flat(x[:, None])[:, :, 0], atol=1e-5, rtol=1e-5)


def test_the_branches_reach_as_far_as_their_dilation():
    aspp = ASPP(1, 3, (1, 6, 12, 18)).eval()
    x = torch.zeros(1, 1, 101)
    still = aspp(x)
    x[..., 50] = 1.0
    for branch in aspp.branches:
        nn.init.ones_(branch[0].weight)
    moved = (aspp(x) != still)[0]
    for row, dilation in zip(moved, (1, 6, 12, 18), strict=True):
        assert torch.nonzero(row).flatten().tolist() == [50 - dilation, 50, 50 + dilation]


def test_excitation_weighs_channels_between_0_and_1():
    x = torch.randn(3, 16, 20)
    weighed = SqueezeExcite(16, 4)(x)
    share = weighed / x
    assert (share > 0).all()
    assert (share < 1).all()
    torch.testing.assert_close(share, share[..., :1].expand_as(share), rtol=1e-4, atol=1e-5)


@given(st.integers(2, 80))
def test_a_residual_that_learnt_nothing_passes_the_beat_on(length):
    x = torch.randn(2, 4, length)
    for stride in (1, 2):
        block = PreActivationResidual(4, 3, stride)
        nn.init.zeros_(block.body[-1].weight)
        found = block(x)
        assert found.shape[-1] == -(-length // stride)
        if stride == 1:
            torch.testing.assert_close(found, x, rtol=0, atol=0)
        else:
            pairs = x[..., : length // 2 * 2].unflatten(-1, (-1, 2)).mean(dim=-1)
            torch.testing.assert_close(found[..., : length // 2], pairs)


@settings(max_examples=10, deadline=None)
@given(st.integers(20, 200))
def test_two_points_make_a_token(points):
    network, _, rr = tiny("macnn-mhca")
    with torch.no_grad():
        features = network.features(torch.randn(4, 1, points))
        assert network.attention(features, rr).shape == (4, 2, -(-points // 2))


def test_the_gate_starts_weak_and_opens_the_way_for_rr():
    network, x, rr = tiny("macnn-mhca")
    gate = torch.sigmoid(network.fusion.gate)
    torch.testing.assert_close(gate, torch.full_like(gate, 1 / (1 + math.exp(2))))
    width = network.config.fusion_width
    with torch.no_grad():
        features = network.features(x)
        before = network.embed(features, rr)
        network.fusion.gate.fill_(-100.0)
        shut = network.embed(features, rr)
        torch.testing.assert_close(shut, network.embed(features, rr + 1), rtol=0, atol=0)
        network.fusion.gate.fill_(100.0)
        open_wide = network.embed(features, rr)
    assert not shut[:, width:].any()
    for other in (shut, open_wide):  # the beat's own half knows no gate
        torch.testing.assert_close(other[:, :width], before[:, :width], rtol=0, atol=0)
    torch.testing.assert_close(before[:, width:], gate * open_wide[:, width:])


def test_the_answer_depends_on_the_sequence_not_on_its_mean():
    """Attention before pooling: two sequences of one mean are told apart, by late RR alone."""
    network, _, rr = tiny("macnn-mhca")
    width = network.config.fusion_width
    features = torch.randn(4, network.config.width, 30)
    with torch.no_grad():
        pooled = features.mean(dim=-1, keepdim=True)
        one, other = network.embed(features, rr), network.embed(pooled, rr)
        moved, still = network.embed(features, rr + 1), network.embed(pooled, rr + 1)
    torch.testing.assert_close(one[:, :width], other[:, :width], atol=1e-5, rtol=1e-4)
    assert (one[:, width:] - other[:, width:]).abs().max() > 1e-3
    # The rhythm moves the answer of a sequence; that of one pooled vector it can not.
    assert (one - moved).abs().max() > 1e-3
    torch.testing.assert_close(other, still, rtol=0, atol=0)


@pytest.mark.parametrize("name", LATE)
def test_late_rr_is_standardised_by_the_training_beats(name):
    network, x, _ = tiny(name)
    rr = torch.randn(300, 3) * torch.tensor([0.2, 3.0, 1.0]) + torch.tensor([0.8, 0.0, -2.0])
    network.standardise_rr(rr)
    with torch.no_grad():
        before = network(x, rr[:4])
        network.standardise_rr(1000 * rr)  # ms for s
        torch.testing.assert_close(network(x, 1000 * rr[:4]), before, rtol=1e-3, atol=1e-4)


def test_a_hybrid_without_rows_is_refused_and_says_why():
    with pytest.raises(CheckpointError, match="rr_pre_global"):
        build_network("macnn-hybrid", {"in_channels": 1})
