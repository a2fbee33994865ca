import numpy as np
import pytest
import torch

from ecgcore.dsp.segmentation import WindowSpec
from ecgcore.errors import EcgError
from ecgcore.explain.beat import explain_beat
from ecgcore.features.inputs import InputSpec
from ecgcore.features.spectrogram import SpectrogramSpec
from tests.make_record import make_checkpoint, make_record
from tests.tiny_networks import Convolutional, Patches

FS = 360.0
FIXED = WindowSpec(kind="fixed", before=0.25, after=0.25)  # 180 samples at 360 Hz
RAW = InputSpec(window=FIXED, points=180, channels=("raw",), scale="none")


def _reading_the_trace():
    """Return a checkpoint whose Grad-CAM for "up" is the trace where it is above zero."""
    return make_checkpoint(Patches(torch.tensor([[1.0], [-1.0]]), (1,)), RAW, ("up", "down"))


def test_values_lie_on_the_recordings_own_samples():
    record, peaks = make_record()
    checkpoint = _reading_the_trace()
    for beat in (0, 7, 19):
        found = explain_beat(checkpoint, record, peaks, beat, "gradcam", "up")
        sample = np.arange(found.start_sample, found.start_sample + found.values.size)
        assert sample[0] == peaks.sample[beat] - 90
        trace = np.maximum(record.lead()[sample - record.start], 0)
        np.testing.assert_allclose(found.values, trace / trace.max(), atol=1e-5)
        assert np.abs(sample[found.values.argmax()] - peaks.sample[beat]) <= 3


def test_a_window_further_on_only_shifts_the_map():
    here = explain_beat(_reading_the_trace(), *make_record(), 5, "gradcam", "up")
    later = explain_beat(_reading_the_trace(), *make_record(start=10_000), 5, "gradcam", "up")
    assert later.start_sample == here.start_sample + 10_000
    np.testing.assert_allclose(later.values, here.values, atol=1e-6)


def test_another_rate_keeps_the_time():
    record, peaks = make_record(fs=500.0)
    spec = InputSpec(window=FIXED, points=180, channels=("raw",), scale="none", fs=FS)
    checkpoint = make_checkpoint(Patches(torch.tensor([[1.0], [-1.0]]), (1,)), spec, ("up", "down"))
    found = explain_beat(checkpoint, record, peaks, 7, "gradcam", "up")
    assert found.fs == 500.0
    assert "500 Hz" in found.notes[0]
    assert found.values.size == pytest.approx(0.5 * 500, abs=3)
    sample = found.start_sample + int(found.values.argmax())
    assert abs(sample - peaks.sample[7]) / 500.0 < 0.008


def test_an_edge_beat_has_values_inside_the_recording_only():
    record, peaks = make_record()
    wide = InputSpec(
        window=WindowSpec(kind="fixed", before=3.0, after=3.0), points=200, channels=("raw",)
    )
    checkpoint = make_checkpoint(Patches(torch.tensor([[1.0], [-1.0]]), (1,)), wide, ("up", "down"))
    first = explain_beat(checkpoint, record, peaks, 0)
    last = explain_beat(checkpoint, record, peaks, len(peaks) - 1)
    assert first.start_sample == 0
    assert "beyond the recording" in first.notes[0]
    assert not explain_beat(checkpoint, record, peaks, 10).notes
    assert last.start_sample + last.values.size == record.stop


def test_the_default_target_is_the_predicted_class():
    record, peaks = make_record()
    found = explain_beat(_reading_the_trace(), record, peaks, 3)
    assert found.target == max(found.prediction, key=found.prediction.get) == "up"
    assert sum(found.prediction.values()) == pytest.approx(1)
    assert not found.notes


def test_it_says_when_nothing_spoke_for_the_target():
    record, peaks = make_record()
    positive = record.signal - record.signal.min()
    record.signal[:] = positive
    found = explain_beat(_reading_the_trace(), record, peaks, 3, target="down")
    assert not found.values.any()
    assert "down" in found.notes[0]


def test_values_are_shares_of_the_largest():
    record, peaks = make_record()
    spec = InputSpec(rr=("pre", "post"), channels=("difference", "raw"))
    for seed in range(5):
        checkpoint = make_checkpoint(Convolutional(seed), spec, ("N", "S", "V"))
        found = explain_beat(checkpoint, record, peaks, 4)
        assert found.values.min() >= 0
        assert found.values.max() <= 1 + 1e-6


def test_a_tile_has_the_beats_own_hertz_and_seconds():
    """A tone of 30 Hz in the beat must be a bright row near 30 Hz, also in a long cycle."""
    record, peaks = make_record(beats=12)
    rr = np.diff(peaks.sample)
    longest = 1 + int(rr[:-1].argmax())
    centre = peaks.sample[longest]
    at = np.arange(record.signal.shape[0])
    burst = np.sin(2 * np.pi * 30 * at / FS) * np.exp(-(((at - centre) / FS / 0.1) ** 2))
    record.signal[:, 0] = (0.01 * record.signal[:, 0] + burst).astype(np.float32)
    spec = InputSpec(
        kind="spectrogram",
        window=WindowSpec(kind="cycle"),
        points=256,
        channels=("raw",),
        scale="beat",
        spectrogram=SpectrogramSpec(
            length=0.2, overlap=0.9, nfft=1024, scale="linear", padding="zero"
        ),
    )
    checkpoint = make_checkpoint(Patches(torch.tensor([[1.0], [-1.0]]), (1, 1)), spec, ("a", "b"))
    found = explain_beat(checkpoint, record, peaks, longest, target="a")
    assert found.tile.shape == (found.frequency.size, found.time.size)
    row, column = np.unravel_index(found.tile.argmax(), found.tile.shape)
    assert abs(found.frequency[row] - 30) < 1  # at the median beat's rate it would be 2 Hz off
    assert abs(found.time[column]) < 0.05
    brightest = (found.start_sample + int(found.values.argmax()) - centre) / FS
    assert abs(brightest - found.time[column]) < 0.03
    assert found.values.max() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(
    ("change", "named"),
    [({"beat": 99}, "99"), ({"target": "Z"}, "'Z'"), ({"method": "guess"}, "'guess'")],
)
def test_what_is_not_there_is_named(change, named):
    record, peaks = make_record()
    with pytest.raises(EcgError, match=named):
        explain_beat(_reading_the_trace(), record, peaks, **{"beat": 0, **change})


def test_a_beat_in_a_gap_has_no_explanation():
    record, peaks = make_record()
    record.signal[peaks.sample[5] - 5 : peaks.sample[5] + 5] = np.nan
    with pytest.raises(EcgError, match="no usable signal"):
        explain_beat(_reading_the_trace(), record, peaks, 5)
    explain_beat(_reading_the_trace(), record, peaks, 8)
