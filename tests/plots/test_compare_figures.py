"""Figures of the Compare page: what stands in them, and that names of files are only shown."""

import numpy as np

from ecgcore.compare.aligned import AXIS
from ecgcore.compare.difference import Band, Difference
from ecgcore.compare.exemplars import pool
from ecgcore.plots.beat_map import beat_map_figure
from ecgcore.plots.difference import difference_figure
from ecgcore.plots.theme import AAMI_COLOURS, DARK, LIGHT, readable_on
from tests.make_predictions import make_predictions

BAD = "<a href='x'>y</a>"


def test_the_map_names_each_beat_and_rings_the_chosen_one():
    part = make_predictions(["N", "S", "S", "X"], ["N", "N", "S", "N"], record=BAD)
    beats = pool([part])
    rows = np.array([0, 1, 2])
    place = np.arange(6.0).reshape(3, 2)
    figure = beat_map_figure(beats, rows, place, LIGHT, axes=("a", "b"), chosen=1)
    drawn = {row: trace for trace in figure.data[:-1] for row in trace.customdata}
    assert sorted(drawn) == [0, 1, 2]
    assert drawn[1].marker.symbol == "x-thin-open"
    assert drawn[2].marker.symbol == "circle"
    assert drawn[1].marker.color == drawn[2].marker.color == AAMI_COLOURS["S"]
    assert figure.data[-1].x[0] == 2.0
    assert "<a" not in figure.to_json().replace("\\u003c", "<")


def test_the_difference_is_shaded_where_it_is_marked_and_tells_its_unit():
    zero = np.zeros(AXIS.size)
    band = {"count": 3, "spread": zero + 0.1, "ratio": 1.0, "record": BAD, "reach": (-0.5, 0.5)}
    found = Difference(
        wrong=zero,
        true=Band(label="N", median=zero + 1, **band),
        predicted=Band(label="S", median=zero, **band),
        closer=zero + 10,
        marks=((-0.1, 0.0), (0.2, 0.3)),
        slight=False,
        wave=np.zeros(AXIS.size, np.int8),
        ratio=1.0,
        unit="mV",
        departures=False,
    )
    for theme in (LIGHT, DARK):
        figure = difference_figure(found, theme, ("N", "S"))
        assert [(shape.x0, shape.x1) for shape in figure.layout.shapes] == [(-0.1, 0.0), (0.2, 0.3)]
        assert figure.layout.yaxis.title.text == "mV"
        assert figure.layout.xaxis2.title.text == "time from the R-peak (s)"
        assert np.all(figure.data[-1].z == 1)
        assert "<a" not in figure.to_json().replace("\\u003c", "<")


def test_text_on_a_colour_can_be_read():
    assert readable_on("#332288") == "#FFFFFF"
    assert readable_on("#DDCC77") == "#15191E"
