"""augment: what time warps leave, and that settings that are off draw nothing."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.training.augment import augment, stretched
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
@pytest.mark.parametrize("name", ["warp", "drift", "wander", "noise", "gain"])
def test_each_change_is_each_beat_s_own_and_keeps_the_shape(shape, name):
    torch.manual_seed(0)
    one = torch.randn(1, *shape[1:])
    y = augment(one.expand(shape), replace(Optimisation(), **{name: 0.3}))
    assert y.shape == shape
    assert torch.isfinite(y).all()
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
