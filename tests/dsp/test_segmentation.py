import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.dsp import blocks
from ecgcore.dsp.filters import BandPass, apply_filters
from ecgcore.dsp.quality import unusable
from ecgcore.dsp.segmentation import WindowSpec, cut_beats
from ecgcore.errors import SignalError
from ecgcore.records.database import Database
from ecgcore.records.reader import read_record
from ecgcore.records.splits import DS1, DS2
from ecgcore.schema import Peaks, Record, RecordHeader

KINDS = ("fixed", "cycle", "daeac")


def made_record(trace: np.ndarray, fs: float = 360.0, start: int = 0) -> Record:
    header = RecordHeader(
        database="made",
        name="trace",
        fs=fs,
        length=start + trace.size,
        leads=("MLII",),
        units=("mV",),
        comments=(),
        annotators=(),
        digest="",
    )
    return Record(header=header, signal=trace.astype(np.float32)[:, None], start=start)


def made_peaks(sample: list[int] | np.ndarray, fs: float = 360.0) -> Peaks:
    return Peaks(sample=np.asarray(sample, dtype=np.int64), source="made", fs=fs)


def test_a_window_of_as_many_points_as_samples_returns_the_samples() -> None:
    trace = np.random.default_rng(0).normal(size=2000)
    beats = cut_beats(
        made_record(trace), made_peaks([700, 1100]), WindowSpec(before=0.5, after=0.5), 360
    )
    for row, r in zip(beats.waveform, (700, 1100), strict=True):
        np.testing.assert_array_equal(row, trace[r - 180 : r + 180].astype(np.float32))


@given(st.integers(5, 700), st.floats(-2, 2), st.floats(-1e-2, 1e-2), st.sampled_from(KINDS))
def test_a_straight_line_stays_one(points: int, level: float, slope: float, kind: str) -> None:
    sample = np.arange(3000)
    beats = cut_beats(
        made_record(level + slope * sample),
        made_peaks([900, 1200, 1600, 2000]),
        WindowSpec(kind=kind),
        points,
    )
    position = beats.start[:, None] + np.arange(points) * (
        (beats.stop - beats.start)[:, None] / (points - 1)
    )
    fortieth = 1e-4 + abs(slope) / 40
    np.testing.assert_allclose(beats.waveform, level + slope * position, atol=fortieth)


@pytest.mark.parametrize("kind", KINDS)
def test_edge_beats_are_padded_and_kept(kind: str) -> None:
    trace = np.cos(np.arange(1000) / 20)
    beats = cut_beats(made_record(trace), made_peaks([0, 300, 999]), WindowSpec(kind=kind), 128)
    assert len(beats) == 3
    assert beats.padded.tolist() == [True, False, True]
    assert beats.usable.all()
    assert beats.waveform[0, 0] == pytest.approx(1.0)


def test_a_beat_on_a_gap_is_zero_and_unusable() -> None:
    trace = np.cos(np.arange(2000) / 20)
    trace[1000:1010] = np.nan
    beats = cut_beats(made_record(trace), made_peaks([400, 1000, 1700]), WindowSpec(), 128)
    assert beats.usable.tolist() == [True, False, True]
    assert not beats.waveform[1].any()
    assert np.isfinite(beats.waveform).all()


def test_peaks_outside_the_window_read_are_kept_as_unusable() -> None:
    record = made_record(np.cos(np.arange(2000) / 20), start=5000)
    beats = cut_beats(record, made_peaks([100, 5500, 9000]), WindowSpec(), 64)
    assert beats.usable.tolist() == [False, True, False]


@given(st.integers(0, 10**7), st.sampled_from(KINDS))
def test_an_absolute_shift_changes_nothing(shift: int, kind: str) -> None:
    trace = np.random.default_rng(1).normal(size=3000)
    sample = np.array([500, 820, 1100, 1500, 2600])
    here = cut_beats(made_record(trace), made_peaks(sample), WindowSpec(kind=kind), 100)
    there = cut_beats(
        made_record(trace, start=shift), made_peaks(sample + shift), WindowSpec(kind=kind), 100
    )
    np.testing.assert_allclose(there.waveform, here.waveform, atol=1e-5)


def test_what_lies_above_the_new_nyquist_frequency_is_damped() -> None:
    """64 points a second pass 10 Hz and must not show 120 Hz as an alias of 8 Hz."""
    time = np.arange(3600) / 360
    spec = WindowSpec(before=1, after=1)
    peaks = made_peaks([1800])
    slow = cut_beats(made_record(np.sin(2 * np.pi * 10 * time)), peaks, spec, 128).waveform
    fast = cut_beats(made_record(np.sin(2 * np.pi * 120 * time)), peaks, spec, 128).waveform
    assert np.std(slow) > 0.9 * np.sqrt(0.5)
    assert np.std(fast) < 0.05


def test_cycles_meet_in_the_middle() -> None:
    begin, end = WindowSpec(kind="cycle").bounds(made_peaks([100, 400, 800, 1000]))
    np.testing.assert_allclose(end[:-1], begin[1:])


def test_the_first_rr_is_the_median() -> None:
    begin, _ = WindowSpec(kind="daeac").bounds(made_peaks([1000, 1300, 1700, 2000]))
    assert begin[0] == pytest.approx(1000 - 300 + 0.14 * 360)


def test_one_beat_and_none() -> None:
    trace = np.cos(np.arange(2000) / 20)
    for kind in KINDS:
        one = cut_beats(made_record(trace), made_peaks([1000]), WindowSpec(kind=kind), 50)
        assert one.waveform.shape == (1, 50)
        none = cut_beats(made_record(trace), made_peaks([]), WindowSpec(kind=kind), 50)
        assert none.waveform.shape == (0, 50)


class Watched:
    """A trace that remembers the longest slice that was taken of it."""

    def __init__(self, values: np.ndarray) -> None:
        self.values, self.longest = values, 0

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, some: slice) -> np.ndarray:
        self.longest = max(self.longest, len(self.values[some]))
        return self.values[some]


def test_a_long_trace_is_never_read_whole_however_few_its_beats(monkeypatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_S", 60.0)
    trace = np.cos(np.arange(360 * 600) / 20).astype(np.float32)
    record, watched = made_record(trace), Watched(trace)
    for at in ([100_000], [360, 720, 1080]):
        found = cut_beats(record, made_peaks(at), WindowSpec(), 50, signal=watched)
        assert watched.longest < 360 * 60
        whole = cut_beats(record, made_peaks([*at, 215_000]), WindowSpec(), 50, signal=watched)
        np.testing.assert_array_equal(found.waveform, whole.waveform[:-1])


@pytest.mark.parametrize("level", [0.0, 1.0, 0.505, 1.2345, -37.7])
def test_a_constant_is_unusable(level: float) -> None:
    """For less than a second too, which ``quality`` does not call flat."""
    trace = np.cos(np.arange(2000) / 20)
    trace[850:1150] = level
    beats = cut_beats(
        made_record(trace), made_peaks([400, 1000, 1600]), WindowSpec(before=0.3, after=0.3), 50
    )
    assert beats.usable.tolist() == [True, False, True]


def test_a_small_beat_on_a_large_offset_is_usable() -> None:
    trace = 5 + 0.01 * np.cos(np.arange(2000) / 20)
    assert cut_beats(made_record(trace), made_peaks([1000]), WindowSpec(), 50).usable.all()


def spoilt_trace(reason: str) -> np.ndarray:
    """Ten waves a second; from sample 2000 to 4000 a stretch that is no ECG."""
    trace = np.cos(np.arange(6000) / 20) + np.random.default_rng(0).normal(0, 0.05, 6000)
    stretch = slice(2000, 4000)
    at = np.arange(2000)
    trace[stretch] = {
        "flat": np.full(2000, 0.505),
        "saturated": np.where(at % 200 < 150, 9.0, trace[stretch]),
        "calibration": np.where(at // 180 % 2 == 0, 0.0, 1.0),
    }[reason]
    return trace


@pytest.mark.parametrize("reason", ["flat", "saturated", "calibration"])
def test_a_filter_does_not_make_a_beat_of_what_is_none(reason: str) -> None:
    record = made_record(spoilt_trace(reason))
    peaks = made_peaks([500, 1500, 2300, 3000, 3700, 4500, 5500])
    signal = apply_filters(record.lead(), record.fs, (BandPass(),))
    beats = cut_beats(record, peaks, WindowSpec(), 128, signal=signal)
    assert beats.usable.tolist() == [True, True, False, False, False, True, True]
    assert len(beats) == 7


def test_a_clipped_tip_is_still_a_beat() -> None:
    """40 samples (0.11 s) at the limit of the range are seen as such, and harm no beat."""
    trace = np.cos(np.arange(3000) / 20)
    trace[1480:1520] = 2.0
    record = made_record(trace)
    assert unusable(record.lead(), record.fs).sum() == 40
    assert cut_beats(record, made_peaks([1500]), WindowSpec(), 128).usable.all()


def test_a_trace_of_another_length_is_refused() -> None:
    record = made_record(np.zeros(2000))
    with pytest.raises(SignalError, match="trace"):
        cut_beats(record, made_peaks([1000]), WindowSpec(), 50, signal=np.zeros(1999))
    with pytest.raises(SignalError, match="250 Hz"):
        cut_beats(record, made_peaks([1000], fs=250.0), WindowSpec(), 50)
    with pytest.raises(SignalError, match="beat window"):
        WindowSpec(before=-1, after=0.5)


@pytest.mark.real
def test_no_beat_of_the_splits_is_lost(mitdb: Database) -> None:
    """Counts by de Chazal's split and EC57's classes, as published for DS1 and DS2."""
    expected = {
        DS1: {"N": 45866, "S": 944, "V": 3788, "F": 415, "Q": 8},
        DS2: {"N": 44259, "S": 1837, "V": 3221, "F": 388, "Q": 7},
    }
    for records, counts in expected.items():
        seen = dict.fromkeys(counts, 0)
        for name in records:
            record = read_record(mitdb, name)
            assert record.annotations is not None
            sample, symbol, aami = record.annotations.beats()
            peaks = Peaks(sample=sample, source="atr", fs=record.fs, symbol=symbol, aami=aami)
            beats = cut_beats(record, peaks, WindowSpec(kind="daeac"), 128)
            # Lead MLII of 116 is cut off at the limit of its range, for up to 0.74 s.
            assert beats.usable.all() or (name == "116" and 0 < (~beats.usable).sum() < 8)
            assert beats.peaks.aami is not None
            for one in beats.peaks.aami:
                seen[str(one)] += 1
        assert seen == counts
