"""The Spectrogram page, without a browser."""

import pytest

from tests.ui.conftest import Open


@pytest.fixture(autouse=True)
def _demo(monkeypatch, tmp_path):
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "empty"))


@pytest.mark.parametrize("mode", ["Stretch", "One beat", "Mean by class"])
@pytest.mark.parametrize("scale", ["dB", "linear"])
def test_every_mode_draws(open_page: Open, mode: str, scale: str) -> None:
    app = open_page("spectrogram")
    app.segmented_control(key="stft_scale").set_value(scale)
    app.segmented_control(key="spectrogram_mode").set_value(mode).run()
    assert not app.exception
    assert not app.error
    assert not [box for box in app.warning if "choose" in box.value]
    assert len(app.get("plotly_chart")) == 1


def test_beats_are_stepped_through(open_page: Open) -> None:
    app = open_page("spectrogram")
    app.segmented_control(key="spectrogram_mode").set_value("One beat").run()
    before = app.number_input(key="step_beat").value
    app.button(key="step_Next").click().run()
    assert app.number_input(key="step_beat").value == before + 1
    assert app.query_params["beat"] == str(before + 1)
    app.button(key="step_Previous").click().run()
    assert app.number_input(key="step_beat").value == before


def test_a_window_longer_than_the_beat_still_draws(open_page: Open) -> None:
    app = open_page("spectrogram")
    app.number_input(key="stft_length").set_value(4000)
    app.segmented_control(key="spectrogram_mode").set_value("One beat").run()
    assert not app.exception
    assert not app.error
    assert len(app.get("plotly_chart")) == 1
