"""Figures of clusters: every cluster with its name and colour, nothing of nowhere."""

import numpy as np
import pytest

from ecgcore.clusters.stretch import ClusterStretch
from ecgcore.clusters.waves import WAVES
from ecgcore.plots.cluster_colours import WAVE_COLOURS, cluster_colours, letter_colours
from ecgcore.plots.clusters import (
    cluster_bars,
    count_figure,
    mean_waves_figure,
    panels_beside,
    segmentation_figure,
)
from ecgcore.plots.theme import THEMES, contrast

BOTH = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
LABELS = ("baseline", "QRS", "QRS 2")
NAMES = ("baseline", "QRS", "QRS")


@BOTH
def test_a_wave_has_one_colour_and_its_clusters_differ(theme):
    assert set(WAVE_COLOURS) == {*WAVES, "any"}
    assert len(set(WAVE_COLOURS.values())) == len(WAVE_COLOURS)
    first, second, third = cluster_colours(("QRS", "T", "QRS"), theme)
    assert (first, second) == (WAVE_COLOURS["QRS"], WAVE_COLOURS["T"])
    assert third not in (first, second)
    assert len(set(letter_colours(12, theme))) == 12


@BOTH
def test_no_cluster_is_lost_against_the_page_or_taken_for_another(theme):
    for wave in WAVE_COLOURS:
        alike = cluster_colours((wave,) * 4, theme)
        assert len(set(alike)) == 4
        assert min(contrast(colour, theme.paper) for colour in alike) >= 1.8
        light = [contrast(colour, theme.paper) for colour in alike]
        apart = np.diff(np.sort(light)) / np.sort(light)[1:]
        assert apart.min() > 0.1  # in lightness, which every eye sees
    assert min(contrast(colour, theme.paper) for colour in letter_colours(12, theme)) >= 1.8


@BOTH
def test_each_sample_is_drawn_in_its_clusters_colour(theme):
    n = 60
    cluster = np.repeat([0, 1, -1], 20)
    entropy = np.where(cluster < 0, np.nan, 0.3).astype(np.float32)
    found = ClusterStretch(sample=np.arange(n), cluster=cluster, entropy=entropy)
    trace = np.sin(np.arange(n)).astype(np.float32)
    colours = cluster_colours(NAMES, theme)
    figure = segmentation_figure(
        np.arange(n) / 360, trace, found, LABELS, colours, theme, window=(0.0, 0.1), axis="II (mV)"
    )
    lines = [trace for trace in figure.data if trace.name]
    assert [line.name for line in lines] == list(LABELS)
    assert [line.visible for line in lines] == [True, True, "legendonly"]
    assert [line.line.color for line in lines] == list(colours)
    # A run is drawn to the point after it, so that neighbours join.
    assert [int(np.isfinite(line.y).sum()) for line in lines] == [21, 21, 0]
    np.testing.assert_array_equal(np.isfinite(lines[0].y), np.arange(n) <= 20)
    assert np.isnan(np.array(figure.data[-1].z)[0, cluster < 0]).all()


@BOTH
def test_bars_say_shares_and_signed_contributions(theme):
    share = np.array([0.6, 0.3, 0.1], np.float32)
    part = np.array([0.0, 2.5, -1.0], np.float32)
    figure = cluster_bars(
        share, share[::-1], part, LABELS, cluster_colours(NAMES, theme), theme, target="<V>"
    )
    bars = [trace for trace in figure.data if trace.type == "bar"]
    np.testing.assert_allclose(bars[0].x, share)
    (said,) = (trace for trace in figure.data if trace.type == "scatter" and trace.mode == "text")
    assert [text.strip() for text in said.text] == ["60 % (10 %)", "30 % (30 %)", "10 % (60 %)"]
    assert (np.array(said.x) >= share).all()
    assert list(bars[1].text) == ["0.00", "+2.50", "−1.00"]
    assert "&lt;V&gt;" in figure.layout.annotations[1].text
    low, high = figure.layout.xaxis2.range
    assert low == -high
    assert high > 2.5


def test_a_cluster_has_no_mean_wave_where_it_is_not():
    mass = np.array([[10.0, 9.0, 0.0], [0.0, 1.0, 10.0]])
    wave = np.where(mass > 0, 1.0, np.nan)
    figure = mean_waves_figure(
        np.arange(3.0), wave, mass, LABELS[:2], ("#111111", "#222222"), THEMES["light"], axis="mV"
    )
    mine = [trace for trace in figure.data if trace.line.color == "#111111"]
    drawn = np.any([np.isfinite(np.array(trace.y, dtype=float)) for trace in mine], axis=0)
    assert drawn.tolist() == [True, True, False]
    other = [trace for trace in figure.data if trace.line.color == "#222222"]
    drawn = np.any([np.isfinite(np.array(trace.y, dtype=float)) for trace in other], axis=0)
    assert drawn.tolist() == [False, True, True]


def test_a_cluster_that_a_recording_hardly_has_says_so_and_times_stand_below_every_column():
    mass = np.full((7, 3), 10.0)
    mass[4] = 0.1
    figure = mean_waves_figure(
        np.arange(3.0), np.ones((7, 3)), mass, tuple("ABCDEGH"), ("#111111",) * 7,
        THEMES["light"], axis="mV",
    )  # fmt: skip
    rare = [note for note in figure.layout.annotations if note.text == "rare in this recording"]
    assert [note.xref for note in rare] == ["x5 domain"]
    axes = [getattr(figure.layout, f"xaxis{k or ''}") for k in (0, 2, 3, 4, 5, 6, 7)]
    told = [axis.showticklabels is not False and axis.title.text == "s from R" for axis in axes]
    assert told == [False, False, False, True, True, True, True]


@pytest.mark.parametrize(
    ("count", "wide"), [(2, 2), (4, 4), (5, 5), (6, 3), (7, 4), (8, 4), (9, 3), (10, 5), (12, 4)]
)
def test_panels_leave_as_few_places_empty_as_can_be(count, wide):
    assert panels_beside(count) == wide


def test_the_chosen_number_stands_out():
    figure = count_figure(np.array([4, 5, 6]), np.array([0.5, 0.7, 0.7]), 5, THEMES["light"])
    sizes = list(figure.data[0].marker.size)
    assert sizes[1] > sizes[0] == sizes[2]
