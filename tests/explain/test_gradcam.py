from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.explain.gradcam import gradcam, upsample
from ecgcore.explain.registry import EXPLAINERS, explainer
from tests.tiny_networks import Convolutional, Patches


def _inputs(batch: int, *axes: int, rr: int = 0, channels: int = 2, seed: int = 0):
    torch.manual_seed(seed)
    return torch.randn(batch, channels, *axes), torch.randn(batch, rr)


@pytest.mark.parametrize("axes", [(12,), (6, 8)])
def test_the_map_is_the_one_worked_out_by_hand(axes):
    weight = torch.tensor([[1.0, -2.0], [0.5, 3.0], [-1.0, 0.0]])
    x, rr = _inputs(4, *axes)
    target = torch.tensor([0, 1, 2, 1])
    found = gradcam(Patches(weight, (1,) * len(axes)), x, rr, target)
    positions = np.prod(axes)
    by_hand = torch.relu(torch.einsum("bk,bk...->b...", weight[target] / positions, x))
    torch.testing.assert_close(found, by_hand)


def test_a_strided_feature_lies_in_the_middle_of_what_it_sees():
    weight = torch.tensor([[1.0]])
    for k in range(6):
        x = torch.zeros(1, 1, 24)
        x[0, 0, 4 * k : 4 * k + 4] = 1.0
        cam = gradcam(Patches(weight, (4,)), x, torch.empty(1, 0), torch.tensor([0]))[0]
        # the map is symmetric about the patch (edges hold their value, hence the middle ones)
        if 0 < k < 5:
            centre = (cam * torch.arange(24)).sum() / cam.sum()
            assert centre.item() == pytest.approx(4 * k + 1.5, abs=1e-4)


@given(st.integers(1, 9), st.integers(1, 8), st.floats(-3, 3))
def test_upsampling_keeps_size_bounds_and_constants(n, factor, level):
    cam = torch.randn(2, n)
    out = upsample(cam, (n * factor,))
    assert out.shape == (2, n * factor)
    assert out.min() >= cam.min() - 1e-5
    assert out.max() <= cam.max() + 1e-5
    torch.testing.assert_close(
        upsample(torch.full((1, n), level), (n * factor,)), torch.full((1, n * factor), level)
    )


@given(st.integers(1, 5))
def test_a_batch_gives_what_single_beats_give(batch):
    network = Convolutional()
    x, rr = _inputs(batch, 32, rr=2)
    target = torch.arange(batch) % 3
    together = gradcam(network, x, rr, target)
    for k in range(batch):
        one = gradcam(network, x[k : k + 1], rr[k : k + 1], target[k : k + 1])
        torch.testing.assert_close(together[k : k + 1], one, atol=1e-6, rtol=1e-4)


def test_it_leaves_the_network_and_the_input_as_they_were():
    network = Convolutional()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    x, rr = _inputs(3, 32, rr=2)
    copy = x.clone()
    gradcam(network, x, rr, torch.tensor([0, 1, 2]))
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert all(p.grad is None for p in network.parameters())
    assert torch.equal(x, copy)
    assert not x.requires_grad


def test_it_works_where_gradients_are_switched_off():
    network = Convolutional()
    x, rr = _inputs(2, 32, rr=2)
    target = torch.tensor([0, 1])
    with torch.no_grad():
        without = gradcam(network, x, rr, target)
    torch.testing.assert_close(without, gradcam(network, x, rr, target))


def test_four_threads_on_one_network_get_the_maps_of_one():
    network = Convolutional()
    jobs = [(*_inputs(4, 64, rr=2, seed=k), torch.arange(4) % 3) for k in range(200)]
    alone = [gradcam(network, *job) for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        shared = list(pool.map(lambda job: gradcam(network, *job), jobs))
    for one, other in zip(alone, shared, strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-4)


def test_another_target_and_another_network_give_another_map():
    x, rr = _inputs(8, 64, rr=2)
    target = torch.zeros(8, dtype=torch.int64)
    first = gradcam(Convolutional(0), x, rr, target)
    assert not torch.allclose(first, gradcam(Convolutional(0), x, rr, target + 1))
    assert not torch.allclose(first, gradcam(Convolutional(1), x, rr, target))


def test_it_agrees_with_captum():
    network = Convolutional()
    x, rr = _inputs(6, 64, rr=2)
    target = torch.arange(6) % 3
    theirs = LayerGradCam(network, network.body).attribute(
        x, target=target, additional_forward_args=(rr,), relu_attributions=True
    )
    ours = gradcam(network, x, rr, target)
    torch.testing.assert_close(ours, upsample(theirs[:, 0].detach(), (64,)), atol=1e-6, rtol=1e-4)


def test_a_network_in_training_is_refused():
    with pytest.raises(ValueError, match="evaluation mode"):
        gradcam(Convolutional().train(), *_inputs(2, 32, rr=2), torch.tensor([0, 1]))


def test_the_registry_names_what_it_has():
    assert explainer("gradcam") is EXPLAINERS["gradcam"]
    with pytest.raises(Exception, match="gradcam"):
        explainer("tea-leaves")
