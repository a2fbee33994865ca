"""The picture CNN at the source's size, and what makes the plain CNN fit for activation maps."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.errors import CheckpointError
from ecgcore.explain.gradcam import gradcam
from ecgcore.models.registry import build_network
from tests.models.tiny import tiny


def test_the_source_s_size():
    network = build_network("beat-image-cnn", {"size": [256, 256]}).eval()
    kernels = [m.kernel_size for m in network.modules() if isinstance(m, torch.nn.Conv2d)]
    filters = [m.out_channels for m in network.modules() if isinstance(m, torch.nn.Conv2d)]
    assert kernels == [(4, 4), (2, 2), (2, 2)]
    assert filters == [32, 64, 64]
    with torch.no_grad():
        features = network.features(torch.randn(1, 1, 256, 256))
    assert features.shape == (1, 64, 64, 64)
    assert network.dense[3].in_features == 64 * 32 * 32
    assert network.dense(features).shape == (1, 64)


@given(st.integers(8, 70), st.integers(8, 70))
def test_a_picture_of_any_size_is_brought_to_the_network_s(height, width):
    network, _, rr = tiny("beat-spectrogram-cnn")
    x = torch.randn(2, 1, height, width)
    with torch.no_grad():
        assert network.features(x).shape == (2, 8, 4, 6)
    assert gradcam(network, x, rr[:2], torch.tensor([0, 1])).shape == (2, height, width)


def test_a_spectrogram_and_a_drawing_go_through_one_network():
    kinds = {name: type(tiny(name)[0]) for name in ("beat-spectrogram-cnn", "beat-image-cnn")}
    assert len(set(kinds.values())) == 1


def test_a_feature_stands_over_what_it_sees():
    """Or maps would be shifted: even kernels, all padded on one side, move them by 3.5 pixels."""
    network, _, _ = tiny("beat-image-cnn")
    seen = torch.zeros(32, 32)
    for seed in range(200):  # pooling passes one pixel of four on at a time
        torch.manual_seed(seed)
        x = torch.rand(1, 1, 32, 32, requires_grad=True)
        feature = network.backbone[:-1](x)[0, :, 3, 4].sum()  # before the last ReLU
        seen += torch.autograd.grad(feature, x)[0][0, 0].abs()
    rows, columns = (torch.nonzero(seen.sum(dim=axis)).flatten() for axis in (1, 0))
    for index, there in ((3, rows), (4, columns)):
        middle = (there.min() + there.max()) / 2
        assert abs(float(middle) - ((index + 0.5) * 4 - 0.5)) <= 0.5


def test_a_picture_too_small_to_be_halved_thrice_is_refused():
    with pytest.raises(CheckpointError, match="smaller than 8"):
        build_network("beat-image-cnn", {"size": [7, 64]})


def test_grad_cam_of_the_plain_cnn_is_its_class_activation_map():
    """Selvaraju et al. 2017, section 3.1: for pooling and a linear layer the two are one."""
    network, x, rr = tiny("cnn-gap")
    with torch.no_grad():
        features = network.features(x)
        for label in range(4):
            cam = torch.einsum("k,bkt->bt", network.classifier.weight[label], features)
            found = gradcam(network, x, rr, torch.full((4,), label))
            torch.testing.assert_close(found, torch.relu(cam) / features.shape[-1])


def test_the_activation_map_averages_to_the_score():
    network, x, rr = tiny("cnn-gap")
    with torch.no_grad():
        features = network.features(x)
        assert features.shape == (4, 6, x.shape[-1])
        maps = torch.einsum("ck,bkt->bct", network.classifier.weight, features)
        torch.testing.assert_close(
            maps.mean(dim=-1) + network.classifier.bias, network(x, rr), atol=1e-6, rtol=1e-5
        )


def test_an_even_kernel_is_refused():
    with pytest.raises(CheckpointError, match="no middle"):
        build_network("cnn-gap", {"kernels": [8, 5, 3]})
