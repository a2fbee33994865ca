"""Network inputs: shapes, invariances, another sampling rate."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ecgcore.dsp.filters import BandPass, BaselineMedians, Notch
from ecgcore.dsp.segmentation import WindowSpec
from ecgcore.errors import EcgError
from ecgcore.features.beat_image import BeatImageSpec
from ecgcore.features.inputs import InputSpec, beat_inputs, hour_of
from ecgcore.features.rr import RR_IRREGULARITY, RR_LOG_RATIOS, RR_SEVEN, rr_features
from ecgcore.features.spectrogram import SpectrogramSpec
from ecgcore.schema import Peaks, Record, RecordHeader

EVERY = ("raw", "difference", "previous", "next")
IMAGE = InputSpec(
    kind="spectrogram",
    channels=("raw",),
    scale="beat",
    spectrogram=SpectrogramSpec(length=0.2, overlap=0.9, max_frequency=50.0),
)
DRAWN = InputSpec(
    kind="image", channels=("raw",), scale="record", image=BeatImageSpec(height=32, width=48)
)
# The beat and the early RR rows of the DAEAC study.
DAEAC = InputSpec(
    filters=(BaselineMedians(first=0.2, second=0.6),),
    window=WindowSpec(kind="daeac"),
    points=128,
    channels=("raw", "rr_pre_global", "rr_pre_local"),
    scale="range",
    rr=RR_SEVEN,
)


def made(fs: float = 360.0, start: int = 0, seconds: float = 60.0) -> tuple[Record, Peaks]:
    """A record of identical beats on every second of absolute time, except a wide one at 30 s."""
    header = RecordHeader(
        database="made",
        name="made",
        fs=fs,
        length=round(seconds * fs),
        leads=("V1", "MLII"),
        units=("mV", "mV"),
        comments=(),
        annotators=(),
        digest="",
    )
    time = np.arange(start, header.length) / fs
    phase = (time + 0.5) % 1 - 0.5  # s from the nearest whole second
    beat = np.exp(-((phase / 0.02) ** 2)) + 0.2 * np.exp(-(((phase - 0.25) / 0.05) ** 2))
    wide = (time > 29.5) & (time < 30.5)
    lead = np.where(wide, -1.5 * np.exp(-((phase / 0.08) ** 2)), beat)
    signal = np.stack([0.1 * lead, lead], axis=1).astype(np.float32)
    seconds_of_beats = np.arange(np.ceil(start / fs) + 1, seconds - 1)
    sample = np.rint(seconds_of_beats * fs).astype(np.int64)
    record = Record(header=header, signal=signal, start=start)
    return record, Peaks(sample=sample, source="made", fs=fs)


@pytest.mark.parametrize(
    "spec",
    [
        InputSpec(),
        replace(IMAGE, rr=RR_LOG_RATIOS),
        DRAWN,
        replace(DRAWN, image=BeatImageSpec(limits="own")),
        DAEAC,
        InputSpec(
            lead="V1",
            fs=128.0,
            filters=(BandPass(), Notch(), BaselineMedians()),
            window=WindowSpec(kind="cycle"),
            channels=("difference", "next"),
            rr=RR_IRREGULARITY,
        ),
    ],
)
def test_a_spec_survives_json(spec: InputSpec) -> None:
    again = InputSpec.from_json(json.loads(json.dumps(spec.to_json())))
    assert again == spec
    assert hash(again) == hash(spec)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "image"}, "kind"),
        ({"channels": ["median"]}, "channels"),
        ({"rr": ["age"]}, "no RR feature 'age'"),
        ({"kind": "spectrogram"}, "spectrogram"),
        ({"points": 1}, "two points"),
        ({"image": {}}, "image"),
        ({"kind": "image", "image": {}, "channels": ["raw", "next"]}, "one channel"),
        ({"kind": "image", "image": {}, "channels": ["rr_pre_local"]}, "one channel"),
        ({"kind": "image", "image": {"height": 0}}, "0 × 64"),
        ({"jitter": 0.1}, "hold jitter"),
    ],
)
def test_a_foreign_spec_is_refused_with_a_reason(change: dict[str, object], said: str) -> None:
    with pytest.raises(EcgError, match=said):
        InputSpec.from_json({**InputSpec().to_json(), **change})


@pytest.mark.parametrize(
    ("share", "hours", "said"),
    [
        (0.0, 24.0, "hour 1 of 24"),
        (0.5, 24.0, "hour 13 of 24"),
        (1.0, 24.0, "hour 24 of 24"),
        (0.99, 2.2, "hour 3 of 3"),
        (0.5, 1.0, ""),
    ],
)
def test_hours_are_counted_from_one(share: float, hours: float, said: str) -> None:
    assert hour_of(share, hours) == said


def test_shapes_and_types() -> None:
    record, peaks = made()
    found = beat_inputs(record, peaks, InputSpec(channels=EVERY, rr=RR_LOG_RATIOS))
    assert found.x.shape == (len(peaks), 4, 128)
    assert found.rr.shape == (len(peaks), 4)
    assert found.x.dtype == found.rr.dtype == np.float32
    assert found.beats.lead == "MLII"
    image = beat_inputs(record, peaks, IMAGE)
    assert image.x.ndim == 4
    assert image.x.shape[:2] == (len(peaks), 1)
    assert image.rr.shape == (len(peaks), 0)
    np.testing.assert_allclose(image.x.mean(axis=(1, 2, 3)), 0, atol=1e-4)


def test_a_drawn_beat_is_a_picture_of_its_waveform() -> None:
    record, peaks = made()
    found = beat_inputs(record, peaks, DRAWN)
    assert found.x.shape == (len(peaks), 1, 32, 48)
    assert found.x.dtype == np.float32
    centre = found.x[:, 0].sum(axis=1).argmax(axis=1)  # the column with most ink: R is steepest
    assert np.abs(np.delete(centre, 29) - 0.36 / 0.86 * 48).max() < 2


@pytest.mark.parametrize("spec", [InputSpec(channels=EVERY), IMAGE, DRAWN])
def test_some_beats_look_as_they_do_among_all(spec: InputSpec) -> None:
    record, peaks = made()
    torn = record.signal.copy()
    torn[360 * 10 : 360 * 10 + 50] = np.nan
    found = beat_inputs(replace(record, signal=torn), peaks, spec)
    some = slice(7, 12)
    np.testing.assert_allclose(found.take(some), found.x[some], atol=1e-6)
    assert not found.take(some)[2].any()
    assert len(found.take(slice(0))) == 0


def test_the_daeac_input_has_the_beat_and_two_rows_of_rhythm() -> None:
    record, peaks = made()
    early = replace(peaks, sample=peaks.sample - np.where(np.arange(len(peaks)) == 12, 90, 0))
    found = beat_inputs(record, early, DAEAC)
    assert found.x.shape == (len(peaks), 3, 128)
    np.testing.assert_allclose(np.ptp(found.x[:, 0], axis=1), 1, atol=1e-4)
    ratios = rr_features(early, ("pre_over_global", "pre_over_local")).values
    np.testing.assert_allclose(found.x[:, 1:].mean(axis=2), ratios, atol=1e-5)
    assert found.x[12, 1, 0] < 0.8 < 1.2 < found.x[13, 1, 0]
    # From the previous R + 0.14 s to this one's R + 0.28 s.
    np.testing.assert_allclose(found.beats.start[1:], early.sample[:-1] + 0.14 * 360)


def test_the_difference_shows_only_what_is_unusual() -> None:
    record, peaks = made()
    found = beat_inputs(record, peaks, InputSpec(channels=EVERY))
    size = np.abs(found.x[:, 1]).max(axis=1)
    assert size.argmax() == 29 - 0
    assert np.delete(size, 29).max() < 0.01 * size[29]
    np.testing.assert_array_equal(found.x[1:, 2], found.x[:-1, 1])
    np.testing.assert_array_equal(found.x[:-1, 3], found.x[1:, 1])
    assert not found.x[0, 2].any()
    assert not found.x[-1, 3].any()


@pytest.mark.parametrize("scale", ["record", "beat", "range"])
def test_gain_does_not_matter(scale: str) -> None:
    record, peaks = made()
    spec = InputSpec(channels=EVERY, scale=scale)
    louder = replace(record, signal=3 * record.signal)
    np.testing.assert_allclose(
        beat_inputs(louder, peaks, spec).x, beat_inputs(record, peaks, spec).x, atol=1e-5
    )


def test_a_window_of_the_record_gives_the_same_beats() -> None:
    record, peaks = made()
    part, later = made(start=7201)
    spec = InputSpec(fs=128.0, scale="none", channels=("raw",))
    whole = beat_inputs(record, peaks, spec)
    window = beat_inputs(part, later, spec)
    shared = np.isin(peaks.sample, later.sample)
    np.testing.assert_allclose(window.beats.start, whole.beats.start[shared], atol=2.0)
    # The new samples fall elsewhere between the old ones, by up to half a new sample.
    close = np.abs(window.x - whole.x[shared]).max(axis=(1, 2))
    assert np.median(close) < 0.25


@pytest.mark.parametrize("fs", [250.0, 500.0])
def test_another_rate_is_brought_to_the_specs_rate(fs: float) -> None:
    spec = InputSpec(fs=360.0, channels=("raw", "difference"), rr=RR_LOG_RATIOS)
    record, peaks = made()
    other, other_peaks = made(fs=fs)
    here, there = beat_inputs(record, peaks, spec), beat_inputs(other, other_peaks, spec)
    assert there.beats.peaks.fs == fs
    np.testing.assert_allclose(there.beats.start / fs, here.beats.start / 360, atol=2 / 250)
    np.testing.assert_allclose(there.beats.stop / fs, here.beats.stop / 360, atol=2 / 250)
    np.testing.assert_allclose(there.rr, here.rr, atol=1e-4)
    assert np.abs(there.x - here.x).max() < 0.15  # R is on a whole sample of either rate


def test_a_rate_that_is_nearly_the_specs_moves_no_beat() -> None:
    """128.05 to 128 Hz: after half an hour a beat is still in the middle of its window."""
    fs, seconds = 128.05, 1800.0
    record, peaks = made(fs=fs, seconds=seconds)
    spec = InputSpec(fs=128.0, scale="none", channels=("raw",), points=110)
    found = beat_inputs(record, peaks, spec)
    r = found.x[:, 0].argmax(axis=1)
    expected = 0.36 / 0.86 * 110
    assert np.abs(np.delete(r, 29) - expected).max() <= 1.0
    assert found.beats.usable.all()


@pytest.mark.parametrize("fs", [250.0, 128.0])
def test_windows_at_another_rate_stay_where_they_were(fs: float) -> None:
    """Nothing is rounded to the new grid: ends are those of the recording's own rate."""
    record, peaks = made()
    here = beat_inputs(record, peaks, InputSpec()).beats
    there = beat_inputs(record, peaks, InputSpec(fs=fs)).beats
    np.testing.assert_array_equal(there.start, here.start)
    np.testing.assert_array_equal(there.stop, here.stop)
    np.testing.assert_array_equal(there.padded, here.padded)


def test_a_flat_stretch_is_no_beat_after_filters_and_at_another_rate() -> None:
    record, peaks = made()
    signal = record.signal.copy()
    signal[360 * 10 - 180 : 360 * 15 - 180] = 0.505
    for fs in (None, 128.0):
        spec = InputSpec(fs=fs, filters=(BandPass(),))
        found = beat_inputs(replace(record, signal=signal), peaks, spec)
        assert np.flatnonzero(~found.beats.usable).tolist() == [9, 10, 11, 12, 13]
        assert not found.x[9:14].any()


def test_unusable_beats_are_zeros_and_harm_no_other() -> None:
    record, peaks = made()
    torn = record.signal.copy()
    torn[360 * 10 : 360 * 10 + 50] = np.nan  # at the tenth second: beat 9
    spec = InputSpec(channels=EVERY)
    found = beat_inputs(replace(record, signal=torn), peaks, spec)
    whole = beat_inputs(record, peaks, spec)
    assert np.flatnonzero(~found.beats.usable).tolist() == [9]
    assert not found.x[9].any()
    assert np.isfinite(found.x).all()
    np.testing.assert_allclose(np.delete(found.x, 9, 0), np.delete(whole.x, 9, 0), atol=1e-3)


def test_one_beat_has_no_rhythm_but_a_shape() -> None:
    record, peaks = made()
    one = Peaks(sample=peaks.sample[:1], source="made", fs=360.0)
    assert beat_inputs(record, one, InputSpec()).x.shape == (1, 1, 128)
    with pytest.raises(EcgError, match="not available"):
        beat_inputs(record, one, InputSpec(rr=RR_LOG_RATIOS))
