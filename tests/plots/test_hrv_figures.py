"""The figures of heart rate variability are small, whole, and say what is missing."""

import numpy as np
import pytest

from ecgcore.features.hrv.analysis import hrv
from ecgcore.features.hrv.nn import nn_intervals
from ecgcore.features.hrv.windows import hrv_windows
from ecgcore.plots.hrv import poincare_figure, spectrum_figure
from ecgcore.plots.theme import DARK, LIGHT
from ecgcore.plots.trend import cut_short, trend_figure
from tests.features.hrv.peaks import peaks_at, peaks_of
from tests.features.hrv.series import SERIES


@pytest.mark.parametrize("name", list(SERIES))
def test_figures_are_small_and_bands_are_named(name: str) -> None:
    sample, fs = SERIES[name]()
    found = hrv(peaks_at(sample, fs))
    drawn = spectrum_figure(found, LIGHT)
    names = [trace.name.split()[0] for trace in drawn.data]
    assert names == {"rest": ["LF", "HF"], "hour": ["VLF", "LF", "HF"]}.get(
        name, ["ULF", "VLF", "LF", "HF"]
    )
    cloud = poincare_figure(found, DARK)
    assert len(drawn.to_json()) + len(cloud.to_json()) < 200_000
    ellipse = cloud.data[2]
    long_axis = np.hypot(np.ptp(ellipse.x), np.ptp(ellipse.y)) / 2
    spread = np.hypot(found.value("sd1"), found.value("sd2"))
    assert long_axis == pytest.approx(spread, rel=0.01)


def test_what_is_missing_is_written_into_the_figure() -> None:
    for count in (0, 1, 5):
        found = hrv(peaks_of([800] * count))
        said = spectrum_figure(found, LIGHT).layout.annotations[0].text
        assert "not available: needs 30 NN intervals" in said
        assert poincare_figure(found, LIGHT).data is not None


def test_a_trend_carries_where_to_go() -> None:
    sample, fs = SERIES["hour"]()
    windows = hrv_windows(nn_intervals(peaks_at(sample, fs)), 3600.0, seconds=600)
    drawn = trend_figure(windows, "rmssd", LIGHT)
    assert drawn.data[0].customdata.tolist() == [300, 900, 1500, 2100, 2700, 3300]
    assert drawn.data[0].x.tolist() == [5, 15, 25, 35, 45, 55]
    assert "RMSSD (ms)" in drawn.layout.yaxis.title.text


def test_a_last_window_that_is_shorter_stands_apart() -> None:
    sample, fs = SERIES["hour"]()
    nn = nn_intervals(peaks_at(sample, fs))
    windows = hrv_windows(nn, 3600.0, seconds=1000)
    assert cut_short(windows) == 600
    line, alone = trend_figure(windows, "sdnn", LIGHT).data[:2]
    assert (len(line.x), len(alone.x)) == (3, 1)
    assert alone.marker.symbol == "circle-open"
    assert alone.customdata.tolist() == [3300]
    assert "last 600 s only" in alone.hovertemplate
    assert cut_short(hrv_windows(nn, 3600.0, seconds=600)) is None
    assert cut_short(hrv_windows(nn, 3600.0, seconds=7200)) is None  # the only one
