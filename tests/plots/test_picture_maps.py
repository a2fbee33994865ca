"""Maps over pictures of a beat: the axis says what the rows are."""

from dataclasses import replace

import numpy as np
import pytest

from ecgcore.plots.panel import BeatPanel
from ecgcore.plots.saliency import saliency_figure, tile_map
from ecgcore.plots.theme import LIGHT
from ecgcore.plots.triptych import triptych_figure
from ecgcore.schema import Explanation
from tests.make_record import make_record

ROWS = {"frequency": np.linspace(0, 40, 6), "amplitude": np.linspace(-1, 2, 6)}
HEAT_BEGINS = "#00224e"  # of cividis
UNIT = {"frequency": "Hz", "amplitude": "mV"}


def _panel(rows: str) -> BeatPanel:
    record, peaks = make_record()
    first, last = int(peaks.sample[9]) - 100, int(peaks.sample[9]) + 140
    rng = np.random.default_rng(0)
    explanation = Explanation(
        method="gradcam",
        target="N",
        prediction={"N": 0.8, "V": 0.2},
        values=rng.random(last - first + 1, dtype=np.float32),
        start_sample=first,
        fs=record.fs,
        tile=rng.random((6, 9), dtype=np.float32),
        time=np.linspace(-0.25, 0.35, 9),
    )
    return BeatPanel(
        record=record,
        lead="MLII",
        peaks=peaks,
        beat=9,
        predicted=np.array(["N"] * len(peaks)),
        truth=None,
        explanation=replace(explanation, **{rows: ROWS[rows]}),
        classes=("N", "V"),
        window=(float(first), float(last)),
    )


@pytest.mark.parametrize("rows", sorted(ROWS))
def test_rows_stand_where_they_belong_and_carry_their_unit(rows):
    panel = _panel(rows)
    heat = tile_map(panel, LIGHT, show=False)
    np.testing.assert_array_equal(heat.y, ROWS[rows])
    np.testing.assert_allclose(heat.z / 100, panel.explanation.tile, atol=0.005)
    assert f" {UNIT[rows]} " in heat.hovertemplate
    figure = saliency_figure(panel, LIGHT, method="Grad-CAM")
    assert figure.get_subplot(3, 1).yaxis.title.text == UNIT[rows]


@pytest.mark.parametrize("rows", sorted(ROWS))
def test_the_triptych_says_the_same(rows):
    figure = triptych_figure(["There is none.", _panel(rows)], LIGHT, method="Grad-CAM")
    assert figure.get_subplot(4, 1).yaxis.title.text == UNIT[rows]


def test_without_a_picture_there_is_no_such_map():
    panel = _panel("frequency")
    without = replace(panel, explanation=replace(panel.explanation, tile=None))
    with pytest.raises(ValueError, match="no tile"):
        tile_map(without, LIGHT, show=False)


@pytest.mark.parametrize("rows", sorted(ROWS))
def test_what_the_network_sees_stands_over_its_map_on_the_same_axes(rows):
    panel = _panel(rows)
    seen = np.linspace(-2.5 if rows == "frequency" else 0, 1, 54, dtype=np.float32).reshape(6, 9)
    figure = saliency_figure(replace(panel, picture=seen), LIGHT, method="Grad-CAM")
    picture, tile = (
        next(t for t in figure.data if t.type == "heatmap" and t.yaxis == axis)
        for axis in ("y3", "y4")
    )
    np.testing.assert_allclose(picture.z, seen)
    np.testing.assert_array_equal(picture.x, tile.x)
    np.testing.assert_array_equal(picture.y, tile.y)
    for row in (3, 4):
        place = figure.get_subplot(row, 1)
        assert place.yaxis.title.text == UNIT[rows]
        assert place.xaxis.range == figure.get_subplot(2, 1).xaxis.range
    assert picture.colorscale[0][1] == HEAT_BEGINS
    assert ("SD" in picture.colorbar.title.text) == (rows == "frequency")
    lines = [t for t in figure.data if t.type == "contour"]
    assert {line.yaxis for line in lines} == {"y4"}
    assert {line.line.color for line in lines} == {"black", "white"}  # on dark and on bright
    assert "what the network sees" in {note.text for note in figure.layout.annotations}


def test_a_network_that_sees_the_waveform_has_no_picture():
    figure = saliency_figure(_panel("frequency"), LIGHT, method="Grad-CAM")
    assert not [t for t in figure.data if t.type == "contour"]
