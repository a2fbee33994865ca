"""Channels made of few beats at a time: as those of all beats at once, for any number of beats."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgcore.features import alike, stack, templates
from ecgcore.features.alike import most_alike
from ecgcore.features.channels import CHANNEL_WORDS, Channel
from ecgcore.features.stack import prepare, stack_channels
from ecgcore.schema import Beats
from tests.make_beats import beats_of

EVERY: tuple[Channel, ...] = tuple(CHANNEL_WORDS)
POINTS = 24


def drawn(seed: int = 0, count: int = 300) -> Beats:
    """Noisy beats of two shapes, some early, some not usable."""
    rng = np.random.default_rng(seed)
    wave = np.sin(np.linspace(0, 6, POINTS))[None] + rng.normal(0, 0.1, (count, POINTS))
    odd = np.arange(5, count, 20)
    wave[odd] *= -2
    rr = rng.integers(280, 320, count)
    rr[odd] = 150
    usable = rng.random(count) < 0.95
    return beats_of(wave, usable, sample=np.cumsum(rr), around=(100.0, 200.0))


@settings(max_examples=25, deadline=None)
@given(
    channels=st.lists(st.sampled_from(EVERY), min_size=1, max_size=5, unique=True),
    scale=st.sampled_from(["none", "record", "beat", "range"]),
    rows=st.lists(st.integers(0, 59), max_size=8),
)
def test_beats_have_the_channels_that_they_have_among_all(channels, scale, rows) -> None:
    made = prepare(drawn(1, 60), tuple(channels), scale)
    whole = made.rows(np.arange(60))
    some = np.array(rows, dtype=np.int64)
    np.testing.assert_array_equal(made.rows(some), whole[some])


def test_each_channel_is_what_its_words_say() -> None:
    beats = drawn()
    x = dict(zip(EVERY, stack_channels(beats, EVERY, "record").swapaxes(0, 1), strict=True))
    usable = beats.usable
    median = np.median(x["raw"][usable], axis=0)
    np.testing.assert_allclose(x["difference"][usable], x["raw"][usable] - median, atol=1e-6)
    for before, after, own in (
        ("previous", "next", "difference"),
        ("previous_deviation", "next_deviation", "deviation"),
        ("previous_typical", "next_typical", "typical_deviation"),
    ):
        np.testing.assert_array_equal(x[before][1:], x[own][:-1])
        np.testing.assert_array_equal(x[after][:-1], x[own][1:])
        assert not x[before][0].any()
        assert not x[after][-1].any()
        assert not x[own][~usable].any()
    nearest = most_alike(x["deviation"], beats.peaks, usable)
    for name in ("difference", "deviation"):
        mean = (x[name] + x[name][nearest].sum(axis=1)) / (1 + nearest.shape[1])
        np.testing.assert_allclose(x[f"typical_{name}"][usable], mean[usable], atol=1e-5)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_of_hardly_any_beat(count: int) -> None:
    beats = drawn(0, 40)
    beats = replace(beats, usable=np.arange(40) < count)
    if count == 0:
        assert not stack_channels(beats, ("raw",), "none").any()
        return
    x = stack_channels(beats, EVERY[:12], "record")
    assert np.isfinite(x).all()
    assert x[:count, EVERY.index("raw")].any()


def test_more_beats_than_of_an_hour_and_a_half_are_done_in_blocks(monkeypatch) -> None:
    beats = drawn(2, 400)
    whole = stack_channels(beats, EVERY, "beat")
    for module in (templates, alike):
        monkeypatch.setattr(module, "LONG", 100)
    monkeypatch.setattr(templates, "_BLOCK", 37)
    monkeypatch.setattr(alike, "_BLOCK", 64)
    np.testing.assert_allclose(stack_channels(beats, EVERY, "beat"), whole, atol=2e-6)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), rows=st.integers(1, 20), n=st.integers(8, 400))
def test_the_nearest_by_groups_are_the_nearest(seed: int, rows: int, n: int) -> None:
    far = np.random.default_rng(seed).normal(size=(rows, n)).astype(np.float32)
    far[0, : n // 3] = np.inf
    far[-1] = np.round(far[-1], 1)  # ties
    count = min(8, n)
    found = alike._nearest(far, count)
    assert all(len(set(row)) == count for row in found.tolist())
    np.testing.assert_array_equal(
        np.sort(np.take_along_axis(far, found, 1), axis=1), np.sort(far, axis=1)[:, :count]
    )


def test_progress_is_told_and_may_end_the_work() -> None:
    told: list[float] = []

    def stop(share: float) -> None:
        told.append(share)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stack.prepare(drawn(), ("typical_deviation",), "record", stop)
    assert told == [0.0]
