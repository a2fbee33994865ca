"""Occlusion, LIME and SmoothGrad against hand calculation, captum and scikit-learn."""

import numpy as np
import pytest
import torch
from captum._utils.models.linear_model import SkLearnRidge
from captum.attr import LimeBase, NoiseTunnel, Occlusion, Saliency
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from ecgcore.explain.attribution import Reference
from ecgcore.explain.lime import kernel, lime, masks, segments
from ecgcore.explain.occlusion import occlusion
from ecgcore.explain.smoothgrad import smoothgrad
from tests.models.tiny import tiny
from tests.tiny_networks import Convolutional, Patches

WEIGHT = torch.tensor([[1.0, -2.0], [0.5, 3.0]])
TARGET = torch.tensor([0, 1, 1])


def _inputs(*axes, rr=0, seed=0):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(3, 2, *axes, generator=generator)
    away = torch.randn(1, 2, *axes, generator=generator)
    return x, torch.randn(3, rr, generator=generator), away


def _reference(x, rr, away):
    return Reference(x=away, rr=torch.zeros_like(rr[:1]))


@pytest.mark.parametrize("axes", [(24,), (6, 8)])
def test_occlusion_of_a_linear_network_is_the_mean_of_what_the_windows_hold(axes):
    x, rr, away = _inputs(*axes)
    network = Patches(WEIGHT, (1,) * len(axes))
    found = occlusion(
        network, x, rr, TARGET, _reference(x, rr, away), window=(1,) * len(axes),
        stride=(1,) * len(axes),
    )  # fmt: skip
    by_hand = torch.einsum("bk,bk...->b...", WEIGHT[TARGET], x - away) / x[0, 0].numel()
    torch.testing.assert_close(found.map, by_hand, atol=1e-5, rtol=1e-3)


@pytest.mark.parametrize(("window", "stride"), [(8, 2), (6, 6), (5, 3)])
def test_occlusion_agrees_with_captum(window, stride):
    network = Convolutional()
    x, rr, away = _inputs(64, rr=2)
    theirs = Occlusion(network).attribute(
        x,
        sliding_window_shapes=(2, window),
        strides=(2, stride),
        baselines=away.expand_as(x),
        target=TARGET,
        additional_forward_args=(rr,),
    )
    ours = occlusion(
        network, x, rr, TARGET, _reference(x, rr, away), window=(window,), stride=(stride,)
    )
    torch.testing.assert_close(ours.map, theirs[:, 0], atol=1e-5, rtol=1e-3)
    torch.testing.assert_close(theirs[:, 0], theirs[:, 1])  # captum repeats it for each channel


def test_occlusion_of_a_picture_agrees_with_captum():
    network, x, rr = tiny("identity-cnn", 2)
    target = torch.tensor([0, 1])
    theirs = Occlusion(network).attribute(
        x,
        sliding_window_shapes=(1, 4, 6),
        strides=(1, 2, 4),
        baselines=0.0,
        target=target,
        additional_forward_args=(rr,),
    )
    away = Reference(x=torch.zeros_like(x[:1]), rr=rr[:1])
    ours = occlusion(network, x, rr, target, away, window=(4, 6), stride=(2, 4))
    torch.testing.assert_close(ours.map, theirs[:, 0], atol=1e-5, rtol=1e-3)


def test_occlusion_of_a_picture_is_a_loop_over_its_windows():
    network, x, rr = tiny("identity-cnn", 2)
    target = torch.tensor([0, 1])
    away = Reference(x=torch.full_like(x[:1], 0.3), rr=rr[:1])
    found = occlusion(network, x, rr, target, away, window=(5, 4), stride=(5, 4)).map
    rows, columns = x.shape[2:]
    with torch.no_grad():
        start = network(x, rr).gather(1, target[:, None])[:, 0]
        for top in range(0, rows, 5):
            for left in range(0, columns, 4):
                place = (slice(None), slice(top, top + 5), slice(left, left + 4))
                covered = x.clone()
                covered[:, 0][place] = 0.3
                drop = start - network(covered, rr).gather(1, target[:, None])[:, 0]
                torch.testing.assert_close(
                    found[place],
                    drop[:, None, None].expand_as(found[place]),
                    atol=1e-5,
                    rtol=1e-3,
                )


def test_lime_of_a_linear_network_is_exact_and_says_so():
    x, rr, away = _inputs(40)
    found = lime(
        Patches(WEIGHT, (1,)), x, rr, TARGET, _reference(x, rr, away), pieces=(8,), ridge=1e-8
    )
    points = torch.einsum("bk,bkt->bt", WEIGHT[TARGET], x - away) / 40
    by_hand = points.view(3, 8, 5).sum(dim=2)
    torch.testing.assert_close(found.map.view(3, 8, 5).sum(dim=2), by_hand, atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(found.fit, torch.ones(3), atol=1e-4, rtol=0)


def test_lime_is_scikit_learns_weighted_ridge_on_the_same_masks():
    network = Convolutional()
    x, rr, away = _inputs(64, rr=2)
    found = lime(network, x, rr, TARGET, _reference(x, rr, away), pieces=(10,), samples=200)
    kept, piece = masks(200, 10, 0), segments((64,), (10,))
    weight = kernel(kept, 0.25).numpy()
    for k in range(3):
        variants = torch.where(kept[:, piece].bool()[:, None], x[k], away[0])
        with torch.no_grad():
            score = network(variants, rr[k].expand(200, -1))[:, TARGET[k]].numpy()
        ridge = Ridge(alpha=1e-2).fit(kept.numpy(), score, sample_weight=weight)
        per_piece = found.map[k].new_zeros(10).index_add(0, piece, found.map[k])
        np.testing.assert_allclose(per_piece, ridge.coef_, atol=2e-5, rtol=1e-3)
        fit = ridge.score(kept.numpy(), score, sample_weight=weight)
        assert found.fit[k].item() == pytest.approx(fit, abs=1e-4)


def test_lime_agrees_with_captum_on_the_same_masks():
    network = Convolutional()
    x, rr, away = _inputs(64, rr=2)
    kept, piece = masks(120, 8, 0), segments((64,), (8,))
    rows = iter(kept)

    def next_mask(_original, **_more):
        return next(rows)[None].float()

    theirs = LimeBase(
        lambda x, rr: network(x, rr)[:, 1],
        SkLearnRidge(alpha=1e-2),
        similarity_func=lambda _o, _p, mask, **_m: kernel(mask, 0.25).item(),
        perturb_func=next_mask,
        perturb_interpretable_space=True,
        from_interp_rep_transform=lambda mask, original, **_m: torch.where(
            mask[:, piece].bool()[:, None], original, away
        ),
        to_interp_rep_transform=None,
    )
    given_ = theirs.attribute(
        x[1:2], additional_forward_args=(rr[1:2],), n_samples=120, perturbations_per_eval=1
    )
    ours = lime(
        network, x[1:2], rr[1:2], TARGET[1:2], _reference(x, rr, away), pieces=(8,), samples=120
    )
    per_piece = torch.zeros(8).index_add(0, piece, ours.map[0])
    torch.testing.assert_close(per_piece, given_[0].float(), atol=1e-4, rtol=1e-3)


def test_the_fit_falls_where_pieces_act_together():
    class Product(Patches):
        def embed(self, features, rr):  # noqa: ARG002
            halves = features.flatten(2).unflatten(2, (2, -1)).mean(dim=3)  # (B, C, 2)
            return halves[..., 0] * halves[..., 1] * 20

    x, rr, _ = _inputs(40)
    x = x.abs() + 1
    args = (x, rr, TARGET, _reference(x, rr, -x[:1]))
    together = lime(Product(WEIGHT, (1,)), *args, width=2.0).fit
    alone = lime(Patches(WEIGHT, (1,)), *args, width=2.0).fit
    assert (together < alone - 0.05).all()


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 12)), min_size=1, max_size=2))
def test_pieces_cover_every_point_once_and_are_nearly_equal(axes):
    size, wanted = tuple(n for n, _ in axes), tuple(p for _, p in axes)
    piece = segments(size, wanted)
    assert tuple(piece.shape) == size
    count = int(np.prod([min(n, p) for n, p in axes]))
    found = torch.bincount(piece.flatten(), minlength=count)
    assert len(found) == count
    assert found.min() > 0
    if len(axes) == 1:
        assert found.max() - found.min() <= 1
        assert (piece.diff() >= 0).all()


def test_smoothgrad_of_a_linear_network_is_its_weights():
    x, rr, away = _inputs(12, rr=1)
    found = smoothgrad(Patches(WEIGHT, (1,), rr=1), x, rr, TARGET, _reference(x, rr, away))
    by_hand = (WEIGHT[TARGET] / 12)[:, :, None].expand_as(x)
    torch.testing.assert_close(found.values, by_hand, atol=1e-6, rtol=1e-4)
    torch.testing.assert_close(found.rr, torch.ones(3, 1))


def test_without_noise_smoothgrad_is_captums_saliency():
    network = Convolutional()
    x, rr, away = _inputs(64, rr=2)
    theirs = Saliency(network).attribute(x, target=TARGET, abs=False, additional_forward_args=(rr,))
    ours = smoothgrad(network, x, rr, TARGET, _reference(x, rr, away), level=0.0, copies=2)
    torch.testing.assert_close(ours.values, theirs, atol=1e-6, rtol=1e-3)


def test_smoothgrad_comes_to_what_captums_noise_tunnel_comes_to():
    network = Convolutional()
    x, rr, away = _inputs(64, rr=2)
    x = x[:1] / (x[:1].amax(dim=2, keepdim=True) - x[:1].amin(dim=2, keepdim=True))
    torch.manual_seed(0)
    theirs = NoiseTunnel(Saliency(network)).attribute(
        x,
        nt_type="smoothgrad",
        nt_samples=3000,
        nt_samples_batch_size=500,
        stdevs=0.1,
        target=TARGET[:1],
        abs=False,
        additional_forward_args=(rr[:1],),
    )
    ours = smoothgrad(
        network, x, rr[:1], TARGET[:1], _reference(x, rr[:1], away), level=0.1, copies=3000
    )
    alike = np.corrcoef(ours.values.flatten(), theirs.flatten())[0, 1]
    assert alike > 0.98


def test_a_channel_that_is_zero_gets_no_noise_and_its_slope_all_the_same():
    network = Convolutional()
    x, rr, away = _inputs(64, rr=2)
    x[:, 1] = 0
    found = smoothgrad(network, x, rr, TARGET, _reference(x, rr, away), seed=3)
    assert found.values[:, 1].abs().max() > 0
    again = smoothgrad(network, x, rr, TARGET, _reference(x, rr, away), seed=3)
    torch.testing.assert_close(found.values, again.values, rtol=0, atol=0)
