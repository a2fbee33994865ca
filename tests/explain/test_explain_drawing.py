"""Maps over a drawn beat: the rows are millivolts, and the mean over them lies on the samples."""

import numpy as np
import pytest
import torch

from ecgcore.dsp.segmentation import WindowSpec
from ecgcore.explain.beat import explain_beat
from ecgcore.explain.tile import tile_axes
from ecgcore.features.beat_image import BeatImageSpec
from ecgcore.features.inputs import InputSpec, beat_inputs
from tests.make_record import make_checkpoint, make_record
from tests.tiny_networks import Patches

FIXED = WindowSpec(kind="fixed", before=0.25, after=0.25)


def _drawn(scale="none", channels=("raw",), limits=(-1.0, 2.0), window=FIXED):
    return InputSpec(
        kind="image",
        window=window,
        points=180,
        channels=channels,
        scale=scale,
        image=BeatImageSpec(height=60, width=90, limits=limits),
    )


def _explained(spec, beat=7, **made):
    """Explain with a network whose map is the picture itself."""
    record, peaks = make_record(**made)
    network = Patches(torch.tensor([[1.0], [-1.0]]), (1, 1))
    checkpoint = make_checkpoint(network, spec, ("ink", "paper"))
    return record, peaks, explain_beat(checkpoint, record, peaks, beat, "gradcam", "ink")


@pytest.mark.parametrize("scale", ["none", "record", "beat", "range"])
@pytest.mark.parametrize("limits", [(-4.0, 6.0), "own"])
def test_the_line_in_the_map_stands_at_the_signals_own_millivolts(scale, limits):
    record, peaks, found = _explained(_drawn(scale, limits=limits))
    assert found.frequency is None
    assert found.tile.shape == (found.amplitude.size, found.time.size) == (60, 90)
    row = found.amplitude[1] - found.amplitude[0]
    trace = record.lead()
    for column in range(5, 85):
        ink = found.tile[:, column]
        place = (ink * found.amplitude).sum() / ink.sum()
        at = peaks.sample[7] + found.time[column] * 360
        near = trace[int(at) - 1 : int(at) + 3]
        assert near.min() - 2 * row <= place <= near.max() + 2 * row


def test_a_differences_rows_are_its_millivolts():
    record, peaks = make_record()
    record.signal[peaks.sample[7] + 40, 0] += 2.0
    spec = _drawn("beat", channels=("difference",), limits="own")
    inputs = beat_inputs(record, peaks, spec)
    axes = tile_axes(inputs, 360.0, 7)
    bottom, top = axes.amplitude[0], axes.amplitude[-1]
    assert bottom < 0 < top
    assert top - bottom == pytest.approx(2.0, rel=0.25)  # the added spike, not the whole beat


def test_the_mean_over_rows_lies_on_the_recordings_samples():
    """Ink is densest where the line is steepest, which is at R."""
    _, peaks, found = _explained(_drawn(limits=(-0.5, 1.5)))
    assert found.start_sample == peaks.sample[7] - 90
    assert found.values.max() == pytest.approx(1, abs=0.05)
    brightest = found.start_sample + int(found.values.argmax())
    assert abs(brightest - peaks.sample[7]) <= 15
    marginal = found.tile.mean(axis=0)
    assert found.time[marginal.argmax()] == pytest.approx(
        (brightest - peaks.sample[7]) / 360, abs=0.006
    )


def test_time_is_the_beats_own_also_where_it_was_stretched():
    _, peaks, found = _explained(_drawn(window=WindowSpec(kind="cycle")), beat=9)
    before, after = np.diff(peaks.sample[8:11]) / 360
    assert found.time[0] == pytest.approx(-before / 2, abs=0.01)
    assert found.time[-1] == pytest.approx(after / 2, abs=0.02)


def test_a_waveform_has_no_picture():
    record, peaks = make_record()
    with pytest.raises(ValueError, match="no picture"):
        tile_axes(beat_inputs(record, peaks, InputSpec()), 360.0, 3)
