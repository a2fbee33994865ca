"""The registry: what a detector found before it was changed is not taken for its own."""

import shutil
from pathlib import Path

import pytest

from ecgcore.dsp import detectors
from ecgcore.errors import SignalError

STATE = detectors.detector_state.__wrapped__  # what is kept would hide a change


def test_a_detector_s_state_follows_its_code_and_weights(monkeypatch, tmp_path) -> None:
    copied = tmp_path / "dsp"
    shutil.copytree(Path(detectors.__file__).parent, copied)
    before = {name: STATE(name) for name in detectors.DETECTORS}
    assert len(set(before.values())) == len(before)
    monkeypatch.setattr(detectors, "__file__", str(copied / "detectors.py"))
    assert {name: STATE(name) for name in detectors.DETECTORS} == before
    with (copied / "qrs" / "weights.npz").open("ab") as file:
        file.write(b" ")
    learned = {name for name, state in before.items() if STATE(name) != state}
    assert learned == {"beatlens", "beatlens_two_leads"}
    with (copied / "pan_tompkins.py").open("ab") as file:
        file.write(b" ")
    assert STATE("pan_tompkins") != before["pan_tompkins"]
    with pytest.raises(SignalError, match="tea"):
        STATE("tea")
