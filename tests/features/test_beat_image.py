"""Drawn beats: the line is where the waveform is, unbroken, and nothing of it is lost."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.errors import EcgError
from ecgcore.features.beat_image import BeatImageSpec, column_centres, draw_beats, row_centres

SPEC = BeatImageSpec(height=40, width=50, limits=(-2.0, 2.0), line=1.5)
seeds = st.integers(0, 10_000)


def walk(seed: int, points: int = 60, beats: int = 3) -> np.ndarray:
    steps = np.random.default_rng(seed).normal(0, 0.2, (beats, 1, points))
    return np.clip(steps.cumsum(axis=-1), -1.9, 1.9).astype(np.float32)


@given(seeds, st.integers(2, 90), st.integers(2, 70), st.integers(4, 50))
def test_it_is_what_a_dense_trace_of_the_line_covers(seed, points, width, height):
    """Against the definition, worked out slowly: 400 places a column, lowest to highest."""
    spec = BeatImageSpec(height=height, width=width, limits=(-2.0, 2.0), line=1.5)
    x = walk(seed, points, beats=2)
    found = draw_beats(x, spec)[:, 0]
    place = np.linspace(0, points - 1, 400 * width + 1)
    for image, beat in zip(found, x[:, 0], strict=True):
        y = np.interp(place, np.arange(points), (beat + 2) / 4 * height)
        y = np.clip(y, 0.75, height - 0.75)
        for column in range(width):
            part = y[400 * column : 400 * (column + 1) + 1]
            low, high = part.min() - 0.75, part.max() + 0.75
            rows = np.arange(height)
            wanted = np.clip(np.minimum(high, rows + 1) - np.maximum(low, rows), 0, 1)
            # Between two of the 400 places a peak may lie higher by a little.
            steepest = np.abs(np.diff(y)).max()
            np.testing.assert_allclose(image[:, column], wanted, atol=1e-3 + steepest)


@given(seeds)
def test_pixels_are_shares(seed):
    image = draw_beats(walk(seed), SPEC)
    assert image.shape == (3, 1, 40, 50)
    assert image.dtype == np.float32
    assert image.min() == 0
    assert image.max() <= 1 + 1e-5


@given(seeds)
def test_the_line_is_unbroken(seed):
    """Neighbouring columns share the point between them, so their dark rows meet."""
    for image in draw_beats(walk(seed), SPEC)[:, 0]:
        rows = [np.flatnonzero(column > 0) for column in image.T]
        for here, there in pairwise(rows):
            assert np.all(np.diff(here) == 1)
            assert here[0] <= there[-1]
            assert there[0] <= here[-1]


@given(st.floats(-1.9, 1.9), st.floats(0.5, 4))
def test_a_flat_line_has_its_thickness_and_its_place(level, line):
    spec = BeatImageSpec(height=40, width=50, limits=(-2.0, 2.0), line=line)
    (image,) = draw_beats(np.full((1, 1, 30), level, np.float32), spec)[:, 0]
    np.testing.assert_allclose(image.sum(axis=0), line, atol=1e-3)
    rows = row_centres(np.zeros(30, np.float32), spec)
    place = (image * rows[:, None]).sum(axis=0) / image.sum(axis=0)
    np.testing.assert_allclose(place, level, atol=0.11)  # a row and a bit: half is cut to fit


def test_a_single_peak_between_two_columns_is_not_lost():
    x = np.zeros((1, 1, 400), np.float32)
    x[0, 0, 201] = 1.5  # eight points a column
    (image,) = draw_beats(x, SPEC)[:, 0]
    row = int(np.flatnonzero(image.sum(axis=1) > 0)[-1])
    assert row_centres(x[0, 0], SPEC)[row] == pytest.approx(1.5, abs=0.15)
    column = int(image[row].argmax())
    assert column_centres(400, SPEC)[column] == pytest.approx(201, abs=4.1)


@given(seeds)
def test_a_shift_of_a_row_moves_the_picture_by_a_row(seed):
    x = 0.5 * walk(seed)
    row = 4 / SPEC.height
    low, high = draw_beats(x, SPEC), draw_beats(x + np.float32(row), SPEC)
    np.testing.assert_allclose(high[:, :, 1:], low[:, :, :-1], atol=1e-3)


@given(seeds, st.floats(0.1, 10), st.floats(-5, 5))
def test_free_limits_make_gain_and_level_vanish(seed, gain, level):
    spec = BeatImageSpec(height=40, width=50, limits="own")
    x = walk(seed)
    other = (gain * x + level).astype(np.float32)
    np.testing.assert_allclose(draw_beats(other, spec), draw_beats(x, spec), atol=2e-2)
    rows = row_centres(other[0, 0], spec)
    assert other[0].min() < rows[0] < rows[-1] < other[0].max()


def test_what_lies_beyond_the_limits_runs_along_the_edge():
    x = np.array([[[-9.0, -9.0]], [[9.0, 9.0]]], np.float32)
    below, above = draw_beats(x, SPEC)[:, 0]
    np.testing.assert_allclose(below[0], 1)
    np.testing.assert_allclose(above[-1], 1)
    np.testing.assert_allclose(below, above[::-1], atol=1e-5)


@given(seeds)
def test_each_beat_is_drawn_alone(seed):
    x = walk(seed, beats=5)
    alone = np.concatenate([draw_beats(x[k : k + 1], SPEC) for k in range(5)])
    np.testing.assert_array_equal(draw_beats(x, SPEC), alone)


def test_many_beats_go_through_in_pieces():
    spec = BeatImageSpec(height=512, width=512)
    x = walk(0, beats=9)
    wide = draw_beats(x, spec)
    np.testing.assert_array_equal(wide[7:], draw_beats(x[7:], spec))
    assert draw_beats(x[:0], spec).shape == (0, 1, 512, 512)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"height": 1}, "1 × 64 pixels"),
        ({"width": 5000}, "64 × 5000"),
        ({"limits": (1.0, 1.0)}, "no height"),
        ({"line": 0.0}, "line of 0 pixels"),
    ],
)
def test_what_can_not_be_drawn_is_said(settings, said):
    with pytest.raises(EcgError, match=said):
        BeatImageSpec(**settings)
