"""Beats that are alike, from a network's inputs: the same whatever the network sees of them."""

from dataclasses import replace

import numpy as np
import pytest

from ecgcore.features import alike as module
from ecgcore.features.alike import how_far, most_alike
from ecgcore.features.inputs import InputSpec, beat_inputs
from ecgcore.features.likeness import likeness
from ecgcore.features.spectrogram import SpectrogramSpec
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.reader import read_record

SHAPE = InputSpec(channels=("deviation",), scale="record")
PICTURE = SpectrogramSpec(length=0.2, overlap=0.9)


@pytest.mark.parametrize(
    "spec",
    [
        replace(SHAPE, channels=("typical_deviation", "ectopic_part")),
        replace(SHAPE, channels=("raw",), scale="beat"),
        replace(SHAPE, channels=("deviation",), scale="beat"),
        replace(SHAPE, channels=("raw",), kind="spectrogram", spectrogram=PICTURE),
    ],
    ids=["known already", "raw", "of another scale", "pictures"],
)
def test_beats_are_compared_by_shape_and_rhythm_whatever_a_network_sees(mitdb, spec: InputSpec):
    record = read_record(mitdb, "119")
    peaks = annotated_peaks(record)
    found = beat_inputs(record, peaks, spec)
    deviation = beat_inputs(record, peaks, SHAPE).stacked[:, 0]
    usable = found.beats.usable
    wanted = most_alike(deviation, peaks, usable)
    alike, far = likeness(found)
    assert np.array_equal(alike[usable], wanted[usable])
    assert np.array_equal(far[usable], how_far(deviation, peaks, wanted)[usable])
    one = int(np.flatnonzero(usable)[50])
    others = np.delete(np.flatnonzero(usable), np.flatnonzero(usable) == one)
    rest = how_far(deviation, peaks, np.resize(others, (len(peaks), others.size)))[one]
    assert far[one].max() <= np.sort(rest)[alike.shape[1] - 1] * (1 + 1e-5)


def test_a_day_is_gone_through_a_block_at_a_time(mitdb):
    """What is asked for together is a block of beats, or those that all are compared with."""
    peaks = annotated_peaks(read_record(mitdb, "119"))
    asked: list[int] = []

    class Noted:
        def __getitem__(self, rows):
            asked.append(rows.size)
            return np.zeros((rows.size, 8), np.float32)

    pool = np.arange(0, len(peaks), 40)
    how_far(Noted(), peaks, np.resize(pool, (len(peaks), 8)))
    assert max(asked) <= max(module._BLOCK, pool.size)
    assert sum(asked) == len(peaks) + pool.size
