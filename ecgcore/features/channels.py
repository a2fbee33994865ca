"""Beats as a network's channels: scaled, compared with the record's median beat, or as an image.

Scales, all applied to the beat before anything is taken from it:

- "none": mV;
- "record": divided by the peak-to-peak of the record's median beat, so that gain and electrode
  placement go and a beat's size relative to the person's ordinary beat stays;
- "beat": each beat's mean taken off, divided by its standard deviation (z-score);
- "range": each beat divided by its own maximum minus minimum.

Channels: "raw" is the scaled beat; "difference" is it minus the record's own median beat, which
leaves what is unusual and takes away who the person is; "previous" and "next" are the differences
of the neighbouring beats, zero at the record's ends and where the neighbour is not usable. The
median uses the whole recording without labels.
"""

from dataclasses import replace
from typing import Literal

import numpy as np

from ecgcore.features.spectrogram import SpectrogramSpec, spectrogram
from ecgcore.features.templates import median_beat
from ecgcore.schema import Beats, FloatArray

Channel = Literal["raw", "difference", "previous", "next"]
Scale = Literal["none", "record", "beat", "range"]

# mV; a smaller span than this is a flat line, which is divided by it instead of by zero.
_FLAT = 1e-4


def stack_channels(beats: Beats, channels: tuple[Channel, ...], scale: Scale) -> FloatArray:
    """Return the beats' channels (b, channels, points), zero where a beat is not usable.

    Raises RecordError when a median beat is needed and no beat is usable.
    """
    usable = beats.usable[:, None]
    scaled = np.where(usable, _scaled(beats, scale), np.float32(0))
    found: dict[Channel, FloatArray] = {"raw": scaled}
    if set(channels) - {"raw"}:
        median = median_beat(replace(beats, waveform=scaled))
        found["difference"] = np.where(usable, scaled - median, np.float32(0))
        found["previous"] = _shifted(found["difference"], 1)
        found["next"] = _shifted(found["difference"], -1)
    stacked: FloatArray = np.stack([found[name] for name in channels], axis=1)
    return stacked


def beat_image(x: FloatArray, fs: float, spec: SpectrogramSpec) -> FloatArray:
    """Return the spectrogram of each beat (b, 1, frequencies, times) of ``x`` (b, 1, points).

    Each image is standardised (mean 0, standard deviation 1): its level says nothing that the
    scale of the beat has not already taken away.
    """
    power = spectrogram(x, fs, spec).power
    mean = power.mean(axis=(-2, -1), keepdims=True)
    spread = power.std(axis=(-2, -1), keepdims=True)
    image: FloatArray = (power - mean) / np.maximum(spread, np.float32(1e-6))
    return image


def _scaled(beats: Beats, scale: Scale) -> FloatArray:
    x = beats.waveform
    divisor: FloatArray
    match scale:
        case "none":
            return x
        case "record":
            median = median_beat(beats)
            divisor = np.asarray(median.max() - median.min())
        case "beat":
            x = x - x.mean(axis=1, keepdims=True)
            divisor = x.std(axis=1, keepdims=True)
        case "range":
            divisor = x.max(axis=1, keepdims=True) - x.min(axis=1, keepdims=True)
    return (x / np.maximum(divisor, np.float32(_FLAT))).astype(np.float32, copy=False)


def _shifted(x: FloatArray, by: int) -> FloatArray:
    """Return row k − ``by`` in row k, zeros where there is none."""
    moved = np.zeros_like(x)
    if by > 0:
        moved[by:] = x[:-by]
    else:
        moved[:by] = x[-by:]
    return moved
