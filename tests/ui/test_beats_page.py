"""The Beats & RR page, without a browser."""

import pytest

from tests.ui.conftest import Open


@pytest.fixture
def _demo(monkeypatch, tmp_path):
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "empty"))


@pytest.mark.usefixtures("_demo")
@pytest.mark.parametrize("window", ["fixed", "cycle", "daeac"])
def test_every_window_draws_beats_and_rhythm(open_page: Open, window: str) -> None:
    app = open_page("beats")
    app.selectbox(key="beat_window").set_value(window).run()
    assert not app.exception
    assert not app.error
    shown = {chart.key for chart in app.get("plotly_chart")}
    assert {"beats_figure", "tachogram", "poincare"} <= {str(key) for key in shown}


@pytest.mark.usefixtures("_demo")
def test_detected_peaks_have_features_but_no_classes(open_page: Open) -> None:
    app = open_page("beats")
    app.segmented_control(key="beats_panel").set_value("Feature table").run()
    assert "class" in app.dataframe[0].value.columns
    app.selectbox(key="peak_source").set_value("pan_tompkins").run()
    assert not app.exception
    assert "class" not in app.dataframe[0].value.columns
    assert app.dataframe[0].value["pre-RR (s)"].gt(0).all()


def test_a_real_recording_has_a_row_a_beat(open_page: Open, mitdb) -> None:
    app = open_page("beats", db="mitdb", rec="208")
    app.segmented_control(key="beats_panel").set_value("Feature table").run()
    table = app.dataframe[0].value
    assert table["class"].value_counts().to_dict() == {
        "N": 1586, "S": 2, "V": 992, "F": 373, "Q": 2,
    }  # fmt: skip
    span = (table["sample"].iloc[-1] - table["sample"].iloc[0]) / 360
    assert table["pre-RR (s)"].iloc[1:].sum() == pytest.approx(span, rel=1e-4)
    assert any("2,955 beats" in text.value for text in app.caption)
