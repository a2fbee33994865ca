"""augment: what time warps leave, and that settings that are off draw nothing."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.training.augment import (
    augment,
    blurred,
    in_some_lead,
    in_some_rhythm,
    other_waves,
    stretched,
)
from ecgcore.training.config import Optimisation

R = 0.4
SHAPES = ((3, 1, 101), (3, 2, 64), (3, 1, 5, 40))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_stretch_by_one_changes_nothing(shape):
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(stretched(x, torch.ones(3, 2), R), x, atol=1e-5, rtol=0)


@given(before=st.floats(0.8, 1.25), after=st.floats(0.8, 1.25))
def test_a_wave_moves_away_from_r_by_the_stretch_and_the_qrs_stays(before, after):
    time = torch.arange(201.0)
    qrs, t_wave, p_wave = 80.0, 140.0, 40.0
    x = sum(torch.exp(-(((time - at) / 4) ** 2)) for at in (qrs, t_wave, p_wave))[None, None]
    y = stretched(x, torch.tensor([[before, after]]), R)[0, 0]
    still = 0.13 * 201
    torch.testing.assert_close(y[60:100], x[0, 0, 60:100], atol=2e-3, rtol=0)
    found = 106 + int(y[106:].argmax())
    assert found == pytest.approx(qrs + still + (t_wave - qrs - still) * after, abs=1.5)
    found = int(y[:54].argmax())
    assert found == pytest.approx(qrs - still - (qrs - still - p_wave) * before, abs=1.5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "name", ["warp", "drift", "wander", "noise", "gain", "t_gain", "t_bump", "p_gain"]
)
def test_each_change_is_each_beat_s_own_and_keeps_the_shape(shape, name):
    torch.manual_seed(0)
    one = torch.randn(1, *shape[1:])
    y = augment(one.expand(shape), replace(Optimisation(), **{name: 0.3}))
    assert y.shape == shape
    assert torch.isfinite(y).all()
    assert not torch.allclose(y[0], y[1])


@pytest.mark.parametrize(
    ("name", "changes", "stays"),
    [
        ("t_gain", slice(125, 160), slice(0, 100)),
        ("t_bump", slice(140, 180), slice(0, 100)),
        ("p_gain", slice(30, 50), slice(80, 201)),
    ],
)
def test_other_waves_are_where_p_and_t_are_and_the_qrs_stays(name, changes, stays):
    torch.manual_seed(0)
    time = torch.arange(201.0)
    beat = sum(torch.exp(-(((time - at) / 5) ** 2)) for at in (80.0, 140.0, 40.0))
    x = beat.expand(500, 1, 201)
    y = other_waves(x, replace(Optimisation(), warp_about=R, **{name: 0.5}))
    assert (y - x)[..., stays].std(dim=0).max() < 0.02
    assert (y - x)[..., changes].std(dim=0).max() > 0.2


@pytest.mark.parametrize("shape", SHAPES)
def test_a_blur_keeps_what_is_even_and_rounds_what_is_sharp(shape):
    share = torch.full((3,) + (1,) * (len(shape) - 1), 0.25)
    torch.testing.assert_close(blurred(torch.ones(shape), share), torch.ones(shape))
    sharp = torch.zeros(shape)
    sharp[..., 20] = 1
    found = blurred(sharp, share)[0].reshape(-1, shape[-1])[0]
    torch.testing.assert_close(found[18:23], torch.tensor([0.0, 0.25, 0.5, 0.25, 0.0]))
    assert torch.equal(blurred(sharp, 0 * share), sharp)


def test_a_blur_is_each_beat_s_own():
    torch.manual_seed(0)
    x = torch.randn(1, 1, 50).expand(2, 1, 50)
    y = augment(x, replace(Optimisation(), blur=0.2))
    assert not torch.allclose(y[0], y[1])


def test_what_is_off_draws_no_random_number():
    how = Optimisation(noise=0.1, shift=1)
    x = torch.randn(4, 1, 50)
    found = []
    for settings in (how, replace(how, warp_about=0.2)):
        torch.manual_seed(3)
        found.append(augment(x, settings))
    assert torch.equal(*found)
    assert augment(x, Optimisation()) is x


@pytest.fixture
def versions() -> torch.Tensor:
    """Three versions of ten beats; each number tells version and beat."""
    number = 100.0 * torch.arange(1, 4)[:, None] + torch.arange(10)
    return number[:, :, None, None].expand(3, 10, 2, 5).half()


def test_all_beats_in_their_own_lead_are_as_they_were(versions):
    x = torch.randn(4, 2, 5)
    assert torch.equal(in_some_lead(x, versions, torch.tensor([7, 0, 3, 3]), 1.0), x)


def test_no_beat_in_its_own_lead_is_some_version_of_that_very_beat(versions):
    torch.manual_seed(0)
    beats = torch.arange(10).repeat(30)
    y = in_some_lead(torch.full((300, 2, 5), -1.0), versions, beats, 0.0)
    assert y.dtype == torch.float32
    assert (y == y[:, :1, :1]).all()  # one version for all of a beat's channels and points
    assert torch.equal(y[:, 0, 0] % 100, beats.float())
    assert set((y[:, 0, 0] // 100).tolist()) == {1.0, 2.0, 3.0}


def test_a_share_of_beats_stays_in_its_own_lead(versions):
    torch.manual_seed(0)
    y = in_some_lead(torch.full((4000, 2, 5), -1.0), versions, torch.arange(4000) % 10, 0.3)
    assert float((y[:, 0, 0] < 0).float().mean()) == pytest.approx(0.3, abs=0.03)


@given(share=st.floats(0, 1), seed=st.integers(0, 1000))
def test_only_normal_beats_move_to_drawn_rhythms(share, seed):
    torch.manual_seed(seed)
    rr = torch.randn(50, 3)
    normal = torch.rand(50) < 0.5
    drawn = 10 + torch.arange(7.0)[:, None].expand(7, 3)
    y = in_some_rhythm(rr, normal, drawn, share)
    moved = (y >= 10).all(dim=1)
    assert torch.equal(y[~moved], rr[~moved])
    assert not (moved & ~normal).any()
    assert (y[moved] == y[moved][:, :1]).all()  # one drawn beat's features, never a mixture
    if share == 0:
        assert not moved.any()


def test_all_normal_beats_may_move():
    torch.manual_seed(0)
    normal = torch.arange(40) % 2 == 0
    y = in_some_rhythm(torch.zeros(40, 2), normal, torch.ones(5, 2), 1.0)
    assert torch.equal(y.bool().all(dim=1), normal)
