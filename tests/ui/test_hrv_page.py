"""The HRV page, without a browser."""

import pytest

from tests.ui.conftest import Open


@pytest.fixture(autouse=True)
def _demo(monkeypatch, tmp_path):
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "empty"))


def _shown(app) -> str:
    return " ".join(str(e.proto) for e in app.main if e.type == "html")


def test_measures_have_units_help_and_reasons(open_page: Open) -> None:
    app = open_page("hrv")
    assert not app.exception
    page = " ".join(str(e.proto) for e in app.get("html"))
    for text in ("RMSSD", "Root mean square of the steps", "ms²", "not available: needs 18 h"):
        assert text in page, text
    assert any("RR intervals are NN" in c.value and "ectopic" in c.value for c in app.caption)
    assert any("ULF power" in c.value and "18 h" in c.value for c in app.caption)
    assert {str(c.key) for c in app.get("plotly_chart")} >= {"spectrum", "hrv_poincare"}


def test_windows_over_time_by_either_spectrum_and_detected_peaks(open_page: Open) -> None:
    app = open_page("hrv")
    app.selectbox(key="hrv_window").set_value(60.0)
    app.segmented_control(key="hrv_panel").set_value("Over time").run()
    assert not app.exception
    assert "hrv_trend_rmssd" in {str(c.key) for c in app.get("plotly_chart")}
    app.selectbox(key="hrv_method").set_value("welch")
    app.selectbox(key="peak_source").set_value("pan_tompkins")
    app.selectbox(key="hrv_measure").set_value("lf_hf").run()
    assert not app.exception
    assert "hrv_trend_lf_hf" in {str(c.key) for c in app.get("plotly_chart")}
