"""What the figures of the Results page show of their numbers."""

import pytest

from ecgcore.plots.record_dependence import record_dependence_figure, weightiest
from ecgcore.plots.reliability import reliability_figure
from ecgcore.plots.theme import LIGHT


def test_the_recordings_on_which_most_hangs_stand_out():
    without = {"100": 0.50, "213": 0.42, "232": 0.31, "233": 0.52}
    bars = record_dependence_figure(without, 0.5, LIGHT).data[0]
    assert list(bars.x) == list(without)
    assert list(bars.y) == pytest.approx([0, -8, -19, 2])
    loud = [
        name
        for name, colour in zip(bars.x, bars.marker.color, strict=True)
        if colour == LIGHT.alarm
    ]
    assert loud == ["213", "232"]
    assert weightiest(without, 0.5) == ["232", "213"]
    assert [text for text in bars.text if text] == ["42.0", "31.0"]


@pytest.mark.parametrize("count", [5, 22, 48])
def test_every_recording_is_named_at_its_bar(count):
    without = {str(100 + k): 0.5 + k / 1000 for k in range(count)}
    figure = record_dependence_figure(without, 0.5, LIGHT)
    assert figure.layout.xaxis.dtick == 1  # none is skipped for want of room
    assert figure.layout.xaxis.tickfont.size * count <= 480  # px: upright they stand side by side
    assert figure.data[0].constraintext == "none"


def test_bins_without_beats_are_left_out_and_larger_ones_drawn_larger():
    points = reliability_figure((10, 0, 90), (0.2, 0.0, 0.9), (0.1, 0.0, 0.8), LIGHT).data[1]
    assert list(points.x) == [0.2, 0.9]
    assert list(points.y) == [0.1, 0.8]
    assert points.marker.size[1] > points.marker.size[0]
