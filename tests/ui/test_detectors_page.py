"""The Detectors page on the demo database, without a browser."""

import json

import pytest

from ecgcore.dsp.detectors import detect
from ecgcore.dsp.matching import match_peaks
from ecgcore.records.catalog import databases
from ecgcore.records.reader import read_record


@pytest.fixture(autouse=True)
def _demo(monkeypatch, tmp_path):
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "empty"))
    monkeypatch.setenv("ECG_RESULTS_DIR", str(tmp_path / "results"))


def choose(app, key, value):
    app.selectbox(key=key).set_value(value).run()
    assert not app.exception
    return app


def test_two_detectors_are_counted_and_named_in_the_address(open_page):
    app = open_page("detectors")
    assert app.query_params["a"] == "beatlens"
    assert app.query_params["b"] == "pan_tompkins"
    counts = {metric.label: metric.value for metric in app.metric}
    base = next(iter(databases().values()))
    record = read_record(base, app.query_params["rec"])
    first, second = (detect(record, name) for name in ("beatlens", "pan_tompkins"))
    match = match_peaks(first.sample, second.sample, record.fs)
    assert counts["found by both"] == f"{len(match.pairs):,}"
    assert counts["only by one"] == f"{len(match.missed) + len(match.extra):,}"


def test_a_choice_and_a_link_show_the_same(open_page):
    app = choose(open_page("detectors"), "detector_second", "beatlens_two_leads")
    assert app.query_params["b"] == "beatlens_two_leads"
    linked = open_page("detectors", a="pan_tompkins", b="beatlens_two_leads")
    assert linked.selectbox(key="detector_first").value == "pan_tompkins"
    assert linked.selectbox(key="detector_second").value == "beatlens_two_leads"


def test_a_detector_agrees_with_itself(open_page):
    app = open_page("detectors", a="pan_tompkins", b="pan_tompkins")
    assert any("same beats" in box.value for box in app.success)


def test_the_stages_are_drawn(open_page):
    app = open_page("detectors")
    app.segmented_control(key="detectors_panel").set_value("Stages of Pan–Tompkins").run()
    assert not app.exception
    assert "stages" in {str(chart.key) for chart in app.get("plotly_chart")}


def test_the_league_is_shown_where_it_was_made(open_page, tmp_path):
    app = open_page("detectors")
    app.segmented_control(key="detectors_panel").set_value("League table").run()
    assert any("no league table yet" in box.value for box in app.info)
    share = {"se": 0.5, "ppv": 0.5, "f1": 0.9876, "tp": 1, "fn": 1, "fp": 1}
    halves = {k: {"gross": share, "average": share} for k in ("whole", "tuning", "test")}
    entry = {
        "title": "Some detector",
        "version": "1",
        "from_start": halves,
        "after_five_minutes": halves,
        "noise": {"unseen": {"gross": share, "by_decibels": {"-6": share, "24": share}}},
    }
    document = {
        "protocol": {"scoring": "as ever"},
        "stressed": {"unseen": ["100"]},
        "detectors": {"some": entry},
    }
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "detectors.json").write_text(json.dumps(document))
    app.run()
    assert not app.exception
    clean, noisy = (table.value for table in app.dataframe[:2])
    assert clean["test half"].tolist() == ["98.76"]
    assert noisy.columns.tolist() == ["detector", "all", "24 dB", "−6 dB"]


def test_a_detector_that_is_none_is_told(open_page):
    app = open_page("detectors", a="wavelets", b="pan_tompkins")
    said = " ".join(box.value.replace("\\", "") for box in app.warning)
    assert "There is no detector 'wavelets'; BeatLens is shown instead." in said
    assert app.query_params["a"] == "beatlens"
