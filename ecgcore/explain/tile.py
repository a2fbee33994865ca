"""The axes of a map over a picture of a beat: frequency or amplitude upwards, time to the right."""

from dataclasses import dataclass

import numpy as np

from ecgcore.features.beat_image import column_centres, row_centres
from ecgcore.features.channels import scaling
from ecgcore.features.inputs import BeatInputs, points_rate
from ecgcore.features.spectrogram import spectrogram
from ecgcore.schema import DoubleArray


@dataclass(frozen=True, kw_only=True, eq=False)
class TileAxes:
    """Where a map's rows and columns stand; rows are either frequencies or amplitudes."""

    column: DoubleArray  # (times,), counted in the beat's points
    frequency: DoubleArray | None = None  # (rows,), Hz
    amplitude: DoubleArray | None = None  # (rows,), mV


def tile_axes(inputs: BeatInputs, fs: float, beat: int) -> TileAxes:
    """Return the axes of the picture of one beat of a recording at ``fs`` Hz.

    Raises ValueError where the network sees no picture.
    """
    if inputs.spec.spectrogram is not None:
        return _of_spectrogram(inputs, fs, beat)
    if inputs.spec.image is not None:
        return _of_drawing(inputs, beat)
    raise ValueError("an input of kind 'waveform' has no picture")


def _of_spectrogram(inputs: BeatInputs, fs: float, beat: int) -> TileAxes:
    # A beat that was stretched to the common number of points had its frequencies stretched the
    # other way: the axes given are the beat's own Hz.
    spec, beats = inputs.spec, inputs.beats
    assert spec.spectrogram is not None
    common = points_rate(beats, fs)
    own = (spec.points - 1) * fs / float(beats.stop[beat] - beats.start[beat])
    empty = spectrogram(np.zeros((1, spec.points), np.float32), common, spec.spectrogram)
    return TileAxes(column=empty.time * common, frequency=empty.frequency * (own / common))


def _of_drawing(inputs: BeatInputs, beat: int) -> TileAxes:
    # Rows stand in the scaled beat's units: brought back to mV of what was drawn.
    spec, beats = inputs.spec, inputs.beats
    assert spec.image is not None
    scales = scaling(beats, spec.scale)
    level, span = (float(np.broadcast_to(part, (len(beats), 1))[beat, 0]) for part in scales)
    if spec.channels != ("raw",):
        level = 0.0  # a difference has none
    drawn = inputs.rows(np.array([beat]))[0, 0]
    amplitude = level + span * row_centres(drawn, spec.image)
    return TileAxes(column=column_centres(spec.points, spec.image), amplitude=amplitude)
