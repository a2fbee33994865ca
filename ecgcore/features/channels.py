"""Beats as a network's channels: scaled, compared with the record's median beat, with the rhythm.

Scales, all applied to the beat before anything is taken from it:

- "none": mV;
- "record": divided by the peak-to-peak of the record's median beat, so that gain and electrode
  placement go and a beat's size relative to the person's ordinary beat stays;
- "beat": each beat's mean taken off, divided by its standard deviation (z-score);
- "range": each beat divided by its own maximum minus minimum.

Channels: "raw" is the scaled beat; "difference" is it minus the record's own median beat, which
leaves what is unusual and takes away who the person is; "previous" and "next" are the differences
of the neighbouring beats, zero at the record's ends and where the neighbour is not usable.
"deviation" is the difference over the record's usual spread at each point (see ``templates``),
through asinh(·) / 2, so that a missing P wave in a quiet record weighs as much as a QRS change and
noise as little as it is usual; "previous_deviation" and "next_deviation" are the neighbours'.
"typical_difference" and "typical_deviation" are the means of the beat's own and of those of the
eight beats of the recording that are most like it (see ``alike``), "previous_typical" and
"next_typical" the neighbours' typical deviations. "ectopic_part" is what of the difference lies
along that of the record's ectopic beats (see ``ectopic``). The median, the spread, the likeness and
the ectopic direction use the whole recording without labels. "rr_pre_global" and "rr_pre_local" are
the RR interval before the beat over the record's mean one and over the mean of the last ten, each
repeated along the beat and not scaled: the early fusion of the DAEAC and ECG–RR fusion studies.
"""

from typing import Final, Literal

import numpy as np

from ecgcore.features.spectrogram import SpectrogramSpec, spectrogram
from ecgcore.features.templates import median_beat, row_blocks
from ecgcore.schema import Beats, FloatArray

Channel = Literal[
    "raw",
    "difference",
    "previous",
    "next",
    "deviation",
    "previous_deviation",
    "next_deviation",
    "typical_difference",
    "typical_deviation",
    "previous_typical",
    "next_typical",
    "ectopic_part",
    "rr_pre_global",
    "rr_pre_local",
]
Scale = Literal["none", "record", "beat", "range"]

CHANNEL_WORDS: Final[dict[Channel, str]] = {
    "raw": "the beat itself",
    "difference": "the beat minus the record's own median beat",
    "previous": "the same of the beat before",
    "next": "the same of the beat after",
    "deviation": "the difference over the record's usual spread",
    "previous_deviation": "that of the beat before",
    "next_deviation": "that of the beat after",
    "typical_difference": "the difference, averaged with the eight beats most alike",
    "typical_deviation": "the deviation, averaged with the eight beats most alike",
    "previous_typical": "that average of the beat before",
    "next_typical": "that average of the beat after",
    "ectopic_part": "what of the difference is as in the record's early, odd beats",
    "rr_pre_global": "its RR interval over the record's mean one",
    "rr_pre_local": "its RR interval over the mean of the last ten",
}
# The channels that are one RR feature, repeated along the beat.
RR_CHANNELS: Final[dict[Channel, str]] = {
    "rr_pre_global": "pre_over_global",
    "rr_pre_local": "pre_over_local",
}

TYPICAL: Final[frozenset[Channel]] = frozenset(
    ("typical_difference", "typical_deviation", "previous_typical", "next_typical")
)
DEVIATIONS: Final[frozenset[Channel]] = frozenset(
    ("deviation", "previous_deviation", "next_deviation")
)

# mV; a smaller span than this is a flat line, which is divided by it instead of by zero.
_FLAT = 1e-4


def scaling(beats: Beats, scale: Scale) -> tuple[FloatArray, FloatArray]:
    """Return level and span, mV, (b, 1) or (1, 1): a beat is scaled to (mV − level) / span.

    Raises RecordError when a median beat is needed and no beat is usable.
    """
    x = beats.waveform
    level, span = np.zeros((1, 1), np.float32), np.ones((1, 1), np.float32)
    match scale:
        case "none":
            return level, span
        case "record":
            median = median_beat(beats)
            span = np.full((1, 1), median.max() - median.min(), np.float32)
        case "beat":
            level, span = np.empty((len(x), 1), np.float32), np.empty((len(x), 1), np.float32)
            for rows in row_blocks(len(x)):  # what is computed on the way is as large as ``x``
                level[rows] = x[rows].mean(axis=1, keepdims=True)
                span[rows] = (x[rows] - level[rows]).std(axis=1, keepdims=True)
        case "range":
            span = x.max(axis=1, keepdims=True) - x.min(axis=1, keepdims=True)
    return level, np.maximum(span, np.float32(_FLAT))


def spectrogram_images(x: FloatArray, fs: float, spec: SpectrogramSpec) -> FloatArray:
    """Return the spectrogram of each beat (b, 1, frequencies, times) of ``x`` (b, 1, points).

    Each image is standardised (mean 0, standard deviation 1): its level says nothing that the
    scale of the beat has not already taken away.
    """
    power = spectrogram(x, fs, spec).power
    mean = power.mean(axis=(-2, -1), keepdims=True)
    spread = power.std(axis=(-2, -1), keepdims=True)
    image: FloatArray = (power - mean) / np.maximum(spread, np.float32(1e-6))
    return image
