"""The strip over a whole recording: small, whole, and every place of it can be clicked."""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.dsp.envelope import Envelope
from ecgcore.features.course import course
from ecgcore.plots.overview import BOTTOM, LEFT, RIGHT, TOP, overview_figure, place_of
from ecgcore.plots.theme import THEMES
from ecgcore.schema import Peaks

FS = 128.0
HOURS = 24


@pytest.fixture(scope="module", params=list(THEMES))
def figure(request):
    rng = np.random.default_rng(0)
    length = round(HOURS * 3600 * FS)
    sample = np.cumsum(rng.integers(70, 130, 108_000))
    sample = sample[sample < length]
    aami = rng.choice(list("NNNNNNSVF"), sample.size)
    peaks = Peaks(sample=sample, source="atr", fs=FS, symbol=aami, aami=aami)
    bad = np.array([[1_000_000, 1_300_000], [5_000_000, 5_050_000]])
    low = rng.normal(-1, 0.1, 8640).astype(np.float32)
    envelope = Envelope(width=1280, length=length, low=low, high=low + 3)
    return overview_figure(
        envelope, course(peaks, bad, length, FS), FS, THEMES[request.param], peaks
    )


def _shown(figure):
    """Return time (s) and height (px from the plot's top) of all that takes a click."""
    height = figure.layout.height - TOP - BOTTOM
    found = []
    for trace in figure.data:
        if trace.hoverinfo == "skip":
            continue
        assert "markers" in trace.mode, "what takes the pointer and has no marks loses the click"
        if trace.x is not None:
            x = np.asarray(trace.x, dtype=float)
            # A lane. Plotly.js takes a step of 0, or none, for 1: marks would climb out of it.
            y = trace.y0 + (trace.dy or 1) * np.arange(x.size)
            assert y.max() - y.min() < 0.01
        else:
            y = np.asarray(trace.y, dtype=float)
            x = np.arange(y.size) * trace.dx
        axis = figure.layout["yaxis" + (trace.yaxis or "y")[1:]]
        low, high = axis.range
        share = axis.domain[0] + (y - low) / (high - low) * (axis.domain[1] - axis.domain[0])
        found.append(np.stack([x, (1 - share) * height], axis=1))
    at = np.concatenate(found)
    return at[np.isfinite(at).all(axis=1)], height


def test_a_click_anywhere_means_its_own_time(figure) -> None:
    """The browser takes the nearest thing within 20 px: it must be there, and of that time."""
    at, height = _shown(figure)
    wide = 1180 - LEFT - RIGHT
    rng = np.random.default_rng(1)
    for _ in range(400):
        x, y = rng.uniform(0, wide), rng.uniform(0, height)
        distance = np.hypot(at[:, 0] / (HOURS * 3600) * wide - x, at[:, 1] - y)
        nearest = distance.argmin()
        assert distance[nearest] < 20
        assert abs(at[nearest, 0] / (HOURS * 3600) * wide - x) < 8  # px


def test_what_is_a_little_noisy_looks_otherwise_than_what_is_all_noise() -> None:
    """Steps of 10 s: a fifth of one, and two that are noisy from beginning to end."""
    length = round(600 * FS)
    noisy = (np.array([[100, 102], [200, 220]]) * FS).astype(np.int64)
    flat = np.zeros(60, np.float32)
    figure = overview_figure(
        Envelope(width=1280, length=length, low=flat, high=flat + 1),
        course(None, np.empty((0, 2), np.int64), length, FS, noisy),
        FS,
        THEMES["light"],
    )
    (drawn,) = (trace for trace in figure.data if trace.fill == "toself")
    low = np.nanmin(drawn.y)
    full = -low - 0.06  # of the lane at the top: up to a little under its edge
    drawn_at = zip(drawn.x, drawn.y, strict=True)
    heights = {round(float(x)): (y - low) / full for x, y in drawn_at if y > low}
    assert heights == pytest.approx({100: 0.2, 200: 1.0}, abs=1e-5)  # from there on
    (told,) = (trace for trace in figure.data if "noisy" in (trace.hovertemplate or ""))
    assert dict(zip(told.x.tolist(), told.customdata.tolist(), strict=True)) == {
        105: 20,
        205: 100,
        215: 100,
    }
    assert "noisy 22 s" in [note.text for note in figure.layout.annotations]


def test_no_row_leaves_a_dead_stretch_between_itself_and_the_next(figure) -> None:
    domains = sorted(figure.layout[name].domain for name in ("yaxis", "yaxis2", "yaxis3"))
    assert domains[0][0] == 0
    assert domains[-1][1] == 1
    for (_, end), (begin, _) in pairwise(domains):
        assert begin == pytest.approx(end)


def test_the_axes_keep_their_margins_and_the_figure_is_small(figure) -> None:
    axes = [figure.layout[name] for name in ("xaxis", "yaxis", "yaxis2", "yaxis3")]
    assert all(axis.automargin is False for axis in axes)
    assert figure.layout.margin.l == LEFT
    assert figure.layout.margin.r == RIGHT
    assert len(figure.to_json()) < 130_000


@given(st.floats(0, 86_000), st.floats(1, 7200))
def test_the_window_lies_over_its_own_time(start, span) -> None:
    duration, page = 86_400.0, 1180.0
    left, width = place_of(start, min(start + span, duration), duration)
    share = float(re.search(r"\* ([\d.]+)\)", left).group(1))
    drawn = LEFT + (page - LEFT - RIGHT) * share
    assert drawn == pytest.approx(LEFT + (page - LEFT - RIGHT) * start / duration, abs=0.01)
    wide = float(re.search(r"\* ([\d.]+)\)", width).group(1)) * (page - LEFT - RIGHT)
    assert drawn + wide <= page - RIGHT + 0.01
    assert f"100% - {LEFT + RIGHT}px" in left
