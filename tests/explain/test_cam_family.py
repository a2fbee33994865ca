"""CAM, Grad-CAM++ and attention: what they are exactly."""

import pytest
import torch

from ecgcore.errors import EcgError
from ecgcore.explain.attention import attention, heads, why_no_attention
from ecgcore.explain.attribution import Reference, default_reference
from ecgcore.explain.cam import cam, why_no_cam
from ecgcore.explain.gradcam import gradcam
from ecgcore.explain.gradcam_pp import gradcam_pp
from tests.models.tiny import ATTENTIVE, TINY, tiny
from tests.tiny_networks import Patches

EVERY = pytest.mark.parametrize("name", sorted(TINY))
POOLED = ("cnn-gap", "resunet", "macnn-se", "macnn-concat")


@EVERY
def test_cam_is_offered_exactly_where_the_mean_goes_to_the_classes(name):
    """Pooled: what the last layer sees begins with the features' mean and is linear in RR."""
    network, x, rr = tiny(name)
    with torch.no_grad():
        features = network.features(x)
        seen = network.embed(features, rr)
    mean, channels = features.flatten(2).mean(dim=-1), features.shape[1]
    pooled = (
        seen.shape[1] >= channels
        and torch.allclose(seen[:, :channels], mean, atol=1e-6)
        and seen.shape[1] - channels in (0, rr.shape[1])
    )
    assert pooled == (not why_no_cam(network)) == (name in POOLED)


@pytest.mark.parametrize("name", POOLED)
def test_a_class_activation_map_adds_up_to_the_score(name):
    network, x, rr = tiny(name)
    if rr.shape[1]:
        network.standardise_rr(torch.randn(40, rr.shape[1]) + 2)
    target = torch.tensor([0, 1, 2, 3])
    for away in (
        default_reference(network, x, rr),
        Reference(x=torch.randn_like(x[:1]), rr=torch.randn(1, rr.shape[1])),
    ):
        found = cam(network, x, rr, target, away)
        total = found.map.sum(dim=1) + found.rest
        if rr.shape[1]:
            total = total + found.rr.sum(dim=1)
        with torch.no_grad():
            logit = network(x, rr).gather(1, target[:, None])[:, 0]
        torch.testing.assert_close(total, logit, atol=1e-5, rtol=1e-4)


def test_where_features_are_the_points_it_is_weight_times_feature():
    network, x = tiny("cnn-gap")[0], torch.randn(3, 1, 50)
    target = torch.tensor([0, 1, 3])
    with torch.no_grad():
        features = network.features(x)
        by_hand = (network.classifier.weight[target][:, :, None] * features).sum(dim=1) / 50
    found = cam(network, x, torch.empty(3, 0), target, default_reference(network, x, x[:, 0, :0]))
    torch.testing.assert_close(found.map, by_hand, atol=1e-6, rtol=1e-4)
    # what speaks for the class is what Grad-CAM shows of such a network
    torch.testing.assert_close(
        torch.relu(found.map), gradcam(network, x, torch.empty(3, 0), target), atol=1e-6, rtol=1e-4
    )


def test_others_are_refused_with_the_reason():
    network, x, rr = tiny("resunet-b2")
    with pytest.raises(EcgError, match="averaged over time"):
        cam(network, x, rr, torch.zeros(4, dtype=torch.int64), default_reference(network, x, rr))


@pytest.mark.parametrize("axes", [(12,), (6, 8)])
def test_grad_cam_pp_is_the_one_worked_out_by_hand(axes):
    """The slope g is w / positions everywhere, so alpha is 1 / (2 + g · sum of A)."""
    weight = torch.tensor([[1.0, -2.0], [0.5, 3.0]])
    x, target = torch.rand(3, 2, *axes), torch.tensor([0, 1, 1])
    positions = x[0, 0].numel()
    slope = weight[target] / positions
    alpha = 1 / (2 + slope * x.flatten(2).sum(dim=2))
    gain = alpha * torch.relu(slope) * positions
    by_hand = torch.relu(torch.einsum("bk,bk...->b...", gain, x))
    found = gradcam_pp(Patches(weight, (1,) * len(axes)), x, torch.empty(3, 0), target)
    torch.testing.assert_close(found, by_hand)


def test_grad_cam_pp_shows_several_places_more_evenly():
    """Its reason to be: of two copies of a pattern in two channels, the weaker one stays."""
    weight = torch.tensor([[1.0, 1.0]])
    x = torch.zeros(1, 2, 12)
    x[0, 0, 2:4], x[0, 1, 8] = 1.0, 1.0
    network, rr, target = Patches(weight, (1,)), torch.empty(1, 0), torch.tensor([0])
    one = gradcam(network, x, rr, target)[0]
    other = gradcam_pp(network, x, rr, target)[0]
    assert other[8] / other[2] >= one[8] / one[2]


@pytest.mark.parametrize("name", ATTENTIVE)
def test_attention_is_shared_out_over_the_points(name):
    network, x, rr = tiny(name)
    target = torch.zeros(4, dtype=torch.int64)
    found = attention(network, x, rr, target, default_reference(network, x, rr))
    torch.testing.assert_close(found.map.sum(dim=1), torch.ones(4))
    with torch.no_grad():
        tokens = network.attention(network.features(x), rr)
    assert heads(network, x, rr).shape == tokens.shape
    points = x.shape[-1] // tokens.shape[-1]
    first = found.map[:, :points].sum(dim=1)
    torch.testing.assert_close(first, tokens.mean(dim=1)[:, 0])
    moved = attention(network, x, rr + 1, target, default_reference(network, x, rr))
    assert not torch.allclose(moved.map, found.map, atol=1e-6)


@EVERY
def test_attention_is_offered_exactly_where_there_is_some(name):
    assert bool(why_no_attention(tiny(name)[0])) == (name not in ATTENTIVE)
