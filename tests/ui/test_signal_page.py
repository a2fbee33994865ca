"""The Home and Signal pages on the demo database, without a browser."""

import json

import pytest


@pytest.fixture(autouse=True)
def _demo(monkeypatch, tmp_path):
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "empty"))


def test_home_shows_the_way_and_the_banner(open_page):
    app = open_page("home")
    assert any("Synthetic demo data" in box.value for box in app.warning)
    assert any("Not for clinical use" in text.value for text in app.caption)


def test_signal_counts_agreement(open_page):
    app = open_page("signal")
    figures = {metric.label: metric.value for metric in app.metric}
    annotated, missed = (int(figures[k].replace(",", "")) for k in ("annotated", "missed"))
    agree = int(figures["agree"].replace(",", ""))
    assert agree + missed == annotated > 100


def test_a_page_on_moves_the_window_and_the_url(open_page):
    app = open_page("signal")
    app.button(key="page_chevron_right").click().run()
    assert app.query_params["t"] == "10"
    app.button(key="page_chevron_left").click().run()
    assert "t" not in app.query_params


def test_jumping_finds_each_disagreement_or_beat_once(open_page):
    app = open_page("signal")
    app.button(key="jump_Next").click().run()
    first = app.session_state["cursor"]
    app.button(key="jump_Next").click().run()
    second = app.session_state["cursor"]
    app.button(key="jump_Previous").click().run()
    assert first < second
    assert app.session_state["cursor"] == first


def test_what_is_not_there_is_said(open_page):
    cases = (
        ({"db": "nowhere"}, "no database 'nowhere'"),
        ({"db": "demo", "rec": "../etc"}, "no record"),
        ({"lead": "aVX"}, "no lead 'aVX'"),
    )
    for url, sentence in cases:
        said = [box.value.replace("\\", "") for box in open_page("signal", **url).warning]
        assert any(sentence in text for text in said), (url, said)


def test_the_beat_of_the_url_is_pointed_out(open_page):
    def bands(**url):
        figure = json.loads(open_page("signal", **url).get("plotly_chart")[0].proto.spec)
        return len(figure["layout"].get("shapes", []))

    assert bands(beat="5", t="0") == bands(t="0") + 1


def test_a_window_that_can_not_be_is_told_and_the_usual_one_shown(open_page):
    for url, sentence in (
        ({"t": "noon"}, "Not understood in the address and left out: t=noon"),
        ({"span": "7"}, "There is no window of 7 s; 10 s are shown instead."),
        ({"t": "99999"}, "The recording ends at"),
    ):
        app = open_page("signal", **url)
        said = [box.value.replace("\\", "") for box in app.warning]
        assert any(sentence in text for text in said), (url, said)
        assert app.selectbox(key="span").value == 10
        figure = json.loads(app.get("plotly_chart")[0].proto.spec)
        first, last = figure["layout"]["xaxis"]["range"]
        assert last - first == pytest.approx(10, abs=0.1)
    # One that is only too wide for this recording was somewhere else's: nothing to tell.
    app = open_page("signal", span="7200")
    assert not any("window of" in box.value for box in app.warning)
