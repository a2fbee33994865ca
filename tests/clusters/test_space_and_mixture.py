"""The space of activations, and soft clusters in it."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import multivariate_normal

from ecgcore.clusters.blocks import last_blocks
from ecgcore.clusters.mixture import (
    KINDS,
    SOFTNESS,
    fit_mixture,
    log_density,
    memberships,
    uncertainty,
)
from ecgcore.clusters.space import coordinates, learn_space, upsample_blocks
from tests.models.tiny import tiny


def _concatenated(network, x, space_of):
    """Work the coordinates out the long way: normalise, interpolate, concatenate, project."""
    with torch.no_grad():
        blocks = last_blocks(network, torch.from_numpy(x))
        known = last_blocks(network, torch.from_numpy(space_of))
    parts = []
    for block, seen in zip(blocks, known, strict=True):
        centred = block - seen.mean(dim=(0, 2))[:, None]
        size = (seen - seen.mean(dim=(0, 2))[:, None]).pow(2).sum(dim=1).mean().sqrt()
        parts.append(upsample_blocks(centred / size, x.shape[-1]))
    return torch.cat(parts, dim=1).transpose(1, 2).numpy()


@pytest.mark.parametrize("name", ["resunet-b2", "macnn-se", "cnn-gap", "identity-cnn"])
def test_projecting_first_is_projecting_last(name):
    network, x, _ = tiny(name, batch=30)
    x = x.numpy()
    whole = _concatenated(network, x, x)
    full = learn_space(network, x, axes=whole.shape[-1])
    found = coordinates(network, x, full)
    assert full.explained == pytest.approx(1, abs=1e-4)
    # A change of axes: distances between points stay.
    flat, near = found.reshape(-1, full.width)[:50], whole.reshape(-1, whole.shape[-1])[:50]
    np.testing.assert_allclose(
        np.linalg.norm(flat[:, None] - flat, axis=-1),
        np.linalg.norm(near[:, None] - near, axis=-1),
        atol=2e-3,
    )


def test_few_axes_keep_the_largest_variance():
    network, x, _ = tiny("resunet-b2", batch=30)
    few, more = (learn_space(network, x.numpy(), axes=n) for n in (2, 6))
    assert 0 < few.explained < more.explained <= 1
    z = coordinates(network, x.numpy(), more)
    assert z.shape == (30, x.shape[-1], 6)
    spread = z.reshape(-1, 6).var(axis=0)
    assert (np.diff(spread) <= 1e-6).all()
    np.testing.assert_allclose(coordinates(network, x.numpy(), few), z[..., :2], atol=1e-4)


def test_depths_weigh_the_same():
    network, x, _ = tiny("macnn-se", batch=30)
    whole = _concatenated(network, x.numpy(), x.numpy())
    with torch.no_grad():
        widths = [block.shape[1] for block in last_blocks(network, x)]
    parts = np.split(whole, np.cumsum(widths)[:-1], axis=-1)
    energies = [float((part**2).sum(axis=-1).mean()) for part in parts]
    assert max(energies) < 1.6 * min(energies)  # interpolation takes a little of the coarse ones


def _blobs(seed=0, n=400):
    rng = np.random.default_rng(seed)
    centres = np.array([[0, 0], [6, 0], [0, 7]])
    kind = rng.integers(0, 3, n)
    return (centres[kind] + rng.normal(size=(n, 2))).astype(np.float32), kind


@pytest.mark.parametrize("of", KINDS)
def test_separate_blobs_are_found_and_sure(of):
    z, kind = _blobs()
    mixture = fit_mixture(z, 3, kind=of)
    soft = memberships(mixture, z)
    best = soft.argmax(axis=1)
    assert max(len(set(best[kind == k].tolist())) for k in range(3)) <= 2
    purity = sum(np.bincount(best[kind == k]).max() for k in range(3)) / len(z)
    assert purity > 0.98
    assert uncertainty(soft).mean() < 0.05
    middle = mixture.mean.mean(axis=0, keepdims=True)
    assert uncertainty(memberships(mixture, middle))[0] > uncertainty(soft).mean()


@pytest.mark.parametrize("of", KINDS)
def test_densities_are_those_of_gaussians(of):
    z, _ = _blobs()
    mixture = fit_mixture(z, 3, kind=of)
    found = log_density(mixture, z[:20])
    for k in range(3):
        covariance = np.linalg.inv(mixture.whitening[k] @ mixture.whitening[k].T)
        law = multivariate_normal(mixture.mean[k], covariance)
        expected = law.logpdf(z[:20]) + np.log(mixture.weight[k])
        np.testing.assert_allclose(found[:, k], expected, rtol=1e-3, atol=1e-3)


def test_soft_k_means_is_spherical_and_of_a_multiple_of_the_variance_about_the_centres():
    z, _ = _blobs(n=3000)
    mixture = fit_mixture(z, 3, kind="soft k-means")  # blobs of variance 1 along each axis
    np.testing.assert_allclose(mixture.weight, 1 / 3)
    scale = mixture.whitening[:, 0, 0]
    np.testing.assert_allclose(mixture.whitening, scale[:, None, None] * np.eye(2))
    np.testing.assert_allclose(scale**-2, SOFTNESS, rtol=0.1)


@pytest.mark.parametrize("of", KINDS)
def test_the_same_seed_gives_the_same_mixture_and_the_largest_is_first(of):
    z, _ = _blobs()
    one, two = fit_mixture(z, 4, 3, of), fit_mixture(z, 4, 3, of)
    np.testing.assert_array_equal(one.mean, two.mean)
    assert (np.diff(one.weight) <= 0).all()
    many = np.bincount(memberships(one, z).argmax(axis=1), minlength=4)
    assert of == "gaussians" or (np.diff(many) <= 0).all()


BLOBS = fit_mixture(_blobs()[0][:60], 3)


@given(
    arrays.arrays(
        np.float32,
        st.tuples(st.integers(1, 5), st.integers(1, 6), st.just(2)),
        elements=st.floats(-1e3, 1e3, width=32),
    )
)
def test_memberships_are_shares_wherever_a_point_lies(z):
    soft = memberships(BLOBS, z)
    assert soft.shape == (*z.shape[:2], 3)
    assert np.isfinite(soft).all()
    assert (soft >= 0).all()
    np.testing.assert_allclose(soft.sum(axis=-1), 1, atol=1e-5)
    entropy = uncertainty(soft)
    assert ((entropy >= 0) & (entropy <= 1)).all()


def test_entropy_is_one_for_equal_shares_and_zero_for_one():
    assert uncertainty(np.full((1, 5), 0.2, np.float32))[0] == pytest.approx(1)
    assert uncertainty(np.eye(5, dtype=np.float32)).max() == pytest.approx(0, abs=1e-6)
