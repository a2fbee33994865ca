"""Explain and Compare on recordings that are odd: a clear sentence, or the page, and no failure."""

from pathlib import Path

import numpy as np
import pytest
import wfdb

from ecgcore.dsp import blocks
from tests.make_record import save_tiny_checkpoints
from tests.ui.seen import figure, finished, text
from tests.wfdb_files import write_record

SECONDS = 120
MISSING = -32768  # what format 16 stores where there is no sample


def _heart(beats: np.ndarray, seconds: int = SECONDS) -> np.ndarray:
    """A trace (n, 2) at 100 Hz with a QRS complex and a T wave at each beat, and a little noise."""
    time = np.arange(100 * seconds)[:, None]
    trace = np.zeros(100 * seconds)
    for some in np.array_split(beats, max(1, beats.size // 20)):
        away = time - some
        trace += (np.exp(-((away / 2) ** 2)) + 0.3 * np.exp(-(((away - 25) / 6) ** 2))).sum(axis=1)
    noise = np.random.default_rng(0).normal(0, 0.01, trace.size)
    return np.rint(200 * (trace + noise))[:, None].astype(int) * [1, 1]


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Write a recording ``odd/r`` and return what does it; it counts as long."""
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("ECG_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(blocks, "BLOCK_S", 20.0)
    save_tiny_checkpoints(tmp_path / "checkpoints")

    def write(signal: np.ndarray, sample: np.ndarray, symbol: list[str]) -> None:
        folder = tmp_path / "data" / "odd"
        write_record(folder, signal=signal)
        wfdb.wrann("r", "atr", sample, symbol, write_dir=str(folder))

    return write


def _said(app) -> str:
    return text(app) + " ".join(box.value for box in app.error)


def _both(open_page, **url):
    for page in ("explain", "compare"):
        yield finished(open_page(page, whole=False, db="odd", rec="r", ckpt="tiny", **url))


def test_a_beat_that_is_marked_twice_counts_once(odd, open_page) -> None:
    beats = np.arange(50, 11900, 80)
    twice = np.repeat(beats, 2)
    symbol = ["N", "V"] * beats.size
    odd(_heart(beats), np.append(twice, twice[-1]), [*symbol, "+"])
    explain, compare = _both(open_page)
    assert f"Beat (0–{beats.size - 1:,})" in explain.number_input(key="step_beat").label
    assert figure(explain, "saliency")["data"]
    assert f"{beats.size} beats of 1 recording" in text(compare)


@pytest.mark.parametrize("what", ["nothing", "flat"])
@pytest.mark.parametrize("marked", [True, False])
def test_a_stretch_is_missing(odd, open_page, what: str, marked: bool) -> None:
    beats = np.arange(50, 11900, 80)
    signal = _heart(beats)
    signal[4000:8000] = MISSING if what == "nothing" else 7
    inside = (beats > 3950) & (beats < 8050)
    there = beats if marked else beats[~inside]
    odd(signal, there, ["N"] * there.size)
    explain, compare = _both(open_page)
    assert figure(explain, "saliency")["data"]
    assert figure(explain, "timeline")["data"]
    if marked:
        assert "without usable signal" in text(compare)
        middle = int(np.flatnonzero(inside)[20])
        lost = finished(
            open_page("explain", whole=False, db="odd", rec="r", ckpt="tiny", beat=str(middle))
        )
        assert "has no usable signal" in _said(lost)


def test_one_beat(odd, open_page) -> None:
    odd(_heart(np.array([6000])), np.array([6000]), ["N"])
    for app in _both(open_page):
        assert "two beats" in _said(app)


def test_no_signal_at_all(odd, open_page) -> None:
    beats = np.arange(50, 11900, 80)
    odd(np.full((12000, 2), 7), beats, ["N"] * beats.size)
    for app in _both(open_page):
        assert "no usable beat" in _said(app)
