"""The figures of a batch: the recordings that stand out, with units."""

import pandas as pd
import pytest

from ecgcore.plots.batch import MOST, classes_figure, quality_figure, rhythm_figure
from ecgcore.plots.theme import AAMI_COLOURS, LIGHT


@pytest.fixture
def summary() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"record": "<b>", "state": "done", "beats": 100, "beats_N": 90, "beats_S": 4}
            | {"beats_V": 6, "mean_hr_per_min": 70.0, "sdnn_ms": 40.0, "flat_s": 0.0}
            | {"missing_s": 0.0},
            {"record": "b", "state": "done", "beats": 100, "beats_N": 50, "beats_S": 0}
            | {"beats_V": 50, "mean_hr_per_min": 90.0, "sdnn_ms": None, "flat_s": 3.0}
            | {"missing_s": 0.0},
            {"record": "c", "state": "failed"},
        ]
    )


def test_recordings_with_most_ectopy_come_first(summary: pd.DataFrame):
    figure = classes_figure(summary, LIGHT)
    assert figure is not None
    s, v = figure.data
    assert (s.name, v.name) == ("S", "V")
    assert list(v.x) == ["b", "&lt;b&gt;"]  # names are escaped; what failed has no bar
    assert list(v.y) == [0.5, 0.06]
    assert v.marker.color == AAMI_COLOURS["V"]
    assert figure.layout.yaxis.title.text == "share of beats"


def test_more_recordings_than_can_be_read_are_cut(summary: pd.DataFrame):
    many = pd.concat([summary.iloc[:1]] * (3 * MOST), ignore_index=True)
    figure = classes_figure(many, LIGHT)
    assert figure is not None
    assert len(figure.data[0].x) == MOST


def test_rhythm_and_quality_have_units_and_leave_out_what_is_not_known(summary: pd.DataFrame):
    rhythm = rhythm_figure(summary, LIGHT)
    assert rhythm is not None
    assert list(rhythm.data[0].x) == [70.0]
    assert rhythm.layout.xaxis.title.text == "heart rate (1/min)"
    assert rhythm.layout.yaxis.title.text == "SDNN (ms)"
    quality = quality_figure(summary, LIGHT)
    assert quality is not None
    assert [(one.name, list(one.x), list(one.y)) for one in quality.data] == [("flat", ["b"], [3])]


def test_a_figure_that_would_show_nothing_is_none(summary: pd.DataFrame):
    people = summary[["record", "state", "beats"]].assign(beats_anna=[5, 6, None])
    assert classes_figure(people, LIGHT) is None
    assert rhythm_figure(people, LIGHT) is None
    assert quality_figure(people.assign(flat_s=0.0), LIGHT) is None
