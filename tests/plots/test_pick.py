"""pick: every place of the signal can be chosen, nothing fades, and little goes to the browser."""

import numpy as np
import pytest

from ecgcore.plots.pick import MAX_PLACES
from ecgcore.plots.signal import SignalWindow, signal_figure
from ecgcore.plots.theme import LIGHT
from ecgcore.schema import Peaks


def window(seconds: float, **more) -> SignalWindow:
    raw = np.sin(np.arange(round(seconds * 360)) / 50).astype(np.float32)
    peaks = Peaks(
        sample=np.array([3700, 4000]),
        source="layer x",
        fs=360.0,
        symbol=np.array(["N", "V"]),
        aami=np.array(["N", "V"]),
    )
    return SignalWindow(
        start=3600, fs=360.0, lead="MLII", unit="mV", raw=raw, annotated=peaks, **more
    )


@pytest.mark.parametrize("seconds", [5, 10, 60])
def test_the_unseen_points_lie_on_the_signal(seconds):
    there = window(seconds)
    figure = signal_figure(there, LIGHT, pick=True)
    places = figure.data[-1]
    assert places.marker.opacity == 0
    assert len(places.y) <= MAX_PLACES
    step = places.dx * 360
    samples = np.rint(places.x0 * 360 + step * np.arange(len(places.y))).astype(int)
    assert np.array_equal(np.asarray(places.y), there.raw[samples - 3600])
    assert samples[-1] > there.start + there.raw.size - 1 - step
    assert step <= 6  # as fine as a snap to R needs, at the widest of the narrow windows


def test_only_points_take_the_click_and_none_fades():
    figure = signal_figure(window(10, cursor=12.0), LIGHT, pick=True)
    for trace in figure.data[:-1]:
        if trace.mode == "lines":
            assert trace.hoverinfo == "skip"
        else:
            assert trace.unselected.marker.opacity == 1
    assert figure.layout.hoverdistance == -1
    assert any(shape.x0 == shape.x1 == 12.0 for shape in figure.layout.shapes)
    plain = signal_figure(window(10), LIGHT)
    assert len(plain.data) == len(figure.data) - 1


def test_it_costs_the_browser_little():
    more = len(signal_figure(window(60), LIGHT, pick=True).to_json())
    assert more - len(signal_figure(window(60), LIGHT).to_json()) < 30_000
