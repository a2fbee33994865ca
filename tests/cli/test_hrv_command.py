"""``hrv`` on the demo database."""

import json

import pytest
from typer.testing import CliRunner

from ecgcore.cli.app import build
from ecgcore.errors import EcgError
from ecgcore.features.hrv.measure import MEASURES


@pytest.fixture(autouse=True)
def _demo(monkeypatch, tmp_path):
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "empty"))


def test_json_has_every_measure_and_the_windows() -> None:
    done = CliRunner().invoke(build(), ["hrv", "demo/demo01", "--json", "--windows", "60"])
    found = json.loads(done.stdout)
    assert list(found["measures"]) == list(MEASURES)
    assert found["measures"]["sdnn"]["unit"] == "ms"
    assert found["measures"]["ulf"]["value"] is None
    assert "needs 18 h" in found["measures"]["ulf"]["not_available"]
    assert len(found["windows"]) == 6
    assert found["peaks"] == "annotated"
    assert found["nn_intervals"] + sum(found["left_out"].values()) == found["intervals"]


def test_detected_peaks_and_the_table() -> None:
    done = CliRunner().invoke(build(), ["hrv", "demo/demo01", "--peaks", "pan_tompkins"])
    assert "RMSSD" in done.stdout
    assert "(pan_tompkins) are NN" in done.stderr


def test_windows_that_are_too_short_are_refused() -> None:
    with pytest.raises(EcgError, match="30 s or more"):
        CliRunner().invoke(
            build(), ["hrv", "demo/demo01", "--windows", "2"], catch_exceptions=False
        )
