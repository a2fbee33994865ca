import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from ecgcore.dsp.detectors import DETECTORS, detect
from ecgcore.dsp.matching import match_peaks
from ecgcore.dsp.qrs.detector import beatlens, judge
from ecgcore.dsp.scoring import gross, score_detection
from ecgcore.dsp.stress import motion_noise, stressed
from ecgcore.errors import SignalError
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.database import Database
from ecgcore.records.reader import read_record
from tests.dsp.qrs.made_ecg import made_ecg

FS = 250.0


@pytest.mark.parametrize("fs", [50.0, 100.0, 128.0, 257.3, 360.0, 1000.0, 2000.0])
def test_every_beat_is_found_at_any_rate(fs: float) -> None:
    trace, r = made_ecg(fs)
    found = beatlens(trace, fs)
    assert found.size == r.size
    assert np.abs(found - r).max() <= max(1, 0.01 * fs)


@settings(max_examples=25, deadline=None)
@given(st.floats(1e-3, 1e4), st.sampled_from((1, -1)), st.floats(-5, 5), st.integers(0, 5))
def test_gain_polarity_and_offset_change_nothing(
    gain: float, sign: int, offset: float, seed: int
) -> None:
    trace, _ = made_ecg(noise=0.1, seed=seed)
    changed = ((trace + offset) * gain * sign).astype(np.float64)
    np.testing.assert_allclose(beatlens(changed, FS), beatlens(trace, FS), atol=1)


@settings(max_examples=15, deadline=None)
@given(st.floats(100, 1000), st.integers(0, 5))
def test_the_rate_changes_nothing(fs: float, seed: int) -> None:
    trace, r = made_ecg(fs, seed=seed)
    match = match_peaks(r, beatlens(trace, fs), fs, 0.05)
    assert match.missed.size == match.extra.size == 0


@pytest.mark.parametrize("level", [0.0, 3.0])
def test_a_flat_start_hides_no_beat(level: float) -> None:
    trace, r = made_ecg()
    found = beatlens(np.concatenate((np.full(5000, level, np.float32), trace)), FS) - 5000
    match = match_peaks(r, found, FS)
    assert match.missed.size == 0
    assert match.extra.size <= 1  # the step at its end


def test_a_heart_that_stops_has_no_more_beats() -> None:
    trace, r = made_ecg(seconds=60.0)
    stop = r[40] + round(0.5 * FS)
    trace[stop:] = 0.02 * np.random.default_rng(1).normal(size=trace.size - stop)
    found = beatlens(trace, FS)
    assert match_peaks(r[:41], found, FS).missed.size == 0
    assert (found > stop).sum() <= 1  # of some 35


def test_one_artefact_silences_nothing() -> None:
    trace, r = made_ecg()
    trace[5000:5020] += 60
    missed = match_peaks(r, beatlens(trace, FS), FS).missed
    assert (np.abs(r[missed] - 5010) < 0.5 * FS).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(500, 8000), st.integers(1, 1500))
def test_gaps_hide_only_what_is_in_them(first: int, length: int) -> None:
    trace, r = made_ecg()
    trace[first : first + length] = np.nan
    found = beatlens(trace, FS)
    assert not ((found >= first) & (found < first + length)).any()
    outside = (r < first - 0.15 * FS) | (r > first + length + 0.15 * FS)
    match = match_peaks(r[outside], found, FS)
    assert match.missed.size == 0
    assert (np.abs(found[match.extra] - first) < 0.15 * FS + length).all()  # at its edges


@pytest.mark.parametrize("n", [0, 1, 2, 10, 200, 5000])
@pytest.mark.parametrize("value", [0.0, 1.0, np.nan])
@pytest.mark.parametrize("name", DETECTORS)
def test_nothing_is_found_in_nothing(n: int, value: float, name: str) -> None:
    assert DETECTORS[name].find(np.full(n, value, dtype=np.float32), FS).size == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 400), st.integers(0, 1000))
def test_tiny_traces_are_no_trouble(n: int, seed: int) -> None:
    found = beatlens(np.random.default_rng(seed).normal(size=n), FS)
    assert ((found >= 0) & (found < n)).all()
    assert (np.diff(found) > 0).all()


@pytest.mark.parametrize("kind", ["motion", "hiss", "last bit", "hum"])
def test_there_is_hardly_a_beat_in_noise(kind: str) -> None:
    """A heart of 60 a minute would have 120."""
    rng = np.random.default_rng(4)
    n = int(120 * FS)
    noise = {
        "motion": lambda: motion_noise(n, FS, rng),
        "hiss": lambda: rng.normal(size=n),
        "last bit": lambda: np.round(0.6 * rng.normal(size=n)),
        "hum": lambda: np.sin(2 * np.pi * 50 * np.arange(n) / FS) + 0.1 * rng.normal(size=n),
    }[kind]()
    assert beatlens(noise, FS).size < 30


@pytest.mark.parametrize("fs", [0.0, 49.0, 2001.0, float("nan")])
def test_other_rates_are_refused(fs: float) -> None:
    with pytest.raises(SignalError, match="resample"):
        beatlens(np.zeros(1000), fs)


def test_the_beats_are_those_judged_so() -> None:
    trace, _ = made_ecg(noise=0.1)
    judged = judge(trace, FS)
    np.testing.assert_array_equal(np.unique(judged.peak[judged.is_beat]), beatlens(trace, FS))
    assert judged.log_odds[judged.is_beat].min() > judged.log_odds[~judged.is_beat].max() - 5


@pytest.mark.real
def test_the_published_records_are_found(mitdb: Database) -> None:
    """Five of the test half that are hard for others: noise, pauses, faint and paced beats."""
    names = ("105", "107", "210", "222", "228")
    records = [read_record(mitdb, name) for name in names]
    scores = [score_detection(one, detect(one)) for one in records]
    assert gross(scores).f1 > 0.997


@pytest.mark.real
def test_resampling_moves_no_beat(mitdb: Database) -> None:
    record = read_record(mitdb, "103", stop=216_000)
    here = detect(record).sample / record.fs
    for up, down in ((5, 18), (25, 36), (25, 9)):
        fs = record.fs * up / down
        there = beatlens(signal.resample_poly(record.lead().astype(np.float64), up, down), fs) / fs
        assert here.size == there.size
        assert np.median(np.abs(here - there)) < 0.005


@pytest.mark.real
def test_noise_hides_fewer_beats_than_from_pan_and_tompkins(mitdb: Database) -> None:
    record = read_record(mitdb, "100", stop=324_000)
    beats = annotated_peaks(record).sample
    noise = motion_noise(record.signal.shape[0], record.fs, np.random.default_rng(2))
    trace = stressed(record.lead(), beats, noise, record.fs, 0.0)
    wrong = {}
    for name in ("beatlens", "pan_tompkins"):
        match = match_peaks(beats, DETECTORS[name].find(trace, record.fs), record.fs)
        wrong[name] = match.missed.size + match.extra.size
    assert wrong["beatlens"] < 0.7 * wrong["pan_tompkins"]
