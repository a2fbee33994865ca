"""The mean spectrogram of the beats of each class."""

from dataclasses import dataclass, replace

import numpy as np

from ecgcore.aami import AAMI_CLASSES
from ecgcore.dsp.segmentation import WindowSpec, cut_beats
from ecgcore.errors import RecordError
from ecgcore.features.pooling import MOST_CELLS, pooled, pooled_axis, steps
from ecgcore.features.shapes import evenly
from ecgcore.features.spectrogram import SpectrogramSpec, decibels, power_unit, spectrogram
from ecgcore.schema import FloatArray, Peaks, Recording, Sliceable, Spectrogram, choose_lead

# The mean over a class is steady long before this number.
MOST_BEATS = 600


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassSpectrogram:
    """Mean spectrogram of the beats of one class."""

    name: str  # an AAMI class, or "" where classes are not known
    count: int  # beats in the mean
    spectrogram: Spectrogram  # time in s from the R-peak


def class_spectrograms(
    record: Recording,
    peaks: Peaks,
    signal: Sliceable,
    spec: SpectrogramSpec,
    before: float,
    after: float,
    lead: str | None = None,
) -> tuple[ClassSpectrogram, ...]:
    """Return the mean spectrogram of each class that has usable beats.

    Parameters: ``signal`` (n,), mV, the record's lead as it shall be seen; ``before`` and
    ``after`` the R-peak, s, from the first column's centre to the last one's. Power is averaged
    before it is turned into decibels, and over cells that no screen tells apart (``pooling``). Of
    more than 600 beats in a class every k-th is used.

    Raises EcgError as ``spectrogram`` does, RecordError when no beat is usable.
    """
    half = spec.length / 2
    window = WindowSpec(kind="fixed", before=before + half, after=after + half)
    points = round((window.before + window.after) * record.fs)
    linear = replace(spec, scale="linear", padding="none")
    unit = power_unit(spec.scale, record.header.units[choose_lead(record.header.leads, lead)])
    found = []
    groups = AAMI_CLASSES if peaks.aami is not None else ("",)
    for name in groups:
        member = np.ones(len(peaks), bool) if peaks.aami is None else peaks.aami == name
        at = evenly(np.flatnonzero(member), MOST_BEATS)
        some = Peaks(sample=peaks.sample[at], source=peaks.source, fs=peaks.fs)
        beats = cut_beats(record, some, window, points, lead=lead, signal=signal)
        kept = beats.waveform[beats.usable]
        if not len(kept):
            continue
        each = spectrogram(kept, record.fs, linear)
        mean: FloatArray = each.power.mean(axis=0, dtype=np.float64).astype(np.float32)
        down, along = steps(mean.shape[0], mean.shape[1], MOST_CELLS // len(AAMI_CLASSES))
        power = pooled(mean, down, along)
        if spec.scale == "db":
            power = decibels(power, spec.floor_db)
        found.append(
            ClassSpectrogram(
                name=name,
                count=len(kept),
                spectrogram=replace(
                    each,
                    power=power,
                    frequency=pooled_axis(each.frequency, down),
                    time=pooled_axis(each.time, along) - window.before,
                    unit=unit,
                ),
            )
        )
    if not found:
        raise RecordError(f"Lead {record.lead_name(lead)} has no usable beat; choose another lead.")
    return tuple(found)
