"""Beats in bad stretches are marked on every page that shows beats."""

import numpy as np
import pytest

from ecgcore.ui import cache
from ecgcore.ui.quality_note import not_trusted, quality_count
from tests.ui.conftest import Open


def test_beats_in_bad_seconds_are_counted_by_reason():
    quality = np.array(["good", "noisy", "flat", "noisy", "good"])
    assert quality_count(quality) == ("3 beats lie in seconds not to be trusted (1 flat, 2 noisy).")
    assert quality_count(quality[[0, 4]]) == ""


def test_the_reason_is_told():
    assert "noisy" in not_trusted("noisy")
    assert "(flat)" in not_trusted("flat")


@pytest.mark.parametrize("page", ["explain", "compare"])
@pytest.mark.parametrize("quality", ["good", "noisy"])
def test_a_beat_in_a_noisy_second_is_not_to_be_trusted(
    open_page: Open, monkeypatch, tmp_path, page, quality
):
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "empty"))
    monkeypatch.setattr(cache, "quality", lambda *_: np.full(3600, quality))
    app = open_page(page, db="demo", ckpt="resunet-b2")
    told = any("Don't trust this beat" in box.value.replace("\\", "") for box in app.warning)
    assert told == (quality == "noisy")


def test_the_feature_table_marks_them(open_page: Open, mitdb):
    app = open_page("beats", db="mitdb", rec="105")
    app.segmented_control(key="beats_panel").set_value("Feature table").run()
    table = app.dataframe[0].value
    noisy = int((table["signal"] == "noisy").sum())
    assert 0 < noisy < len(table) / 2  # the record's notes tell of high-grade noise
    said = " ".join(box.value for box in app.caption)
    assert f"{noisy:,} noisy" in said or noisy >= 5000 - 1
