"""The spectrogram of a stretch of a trace, filled up to the stretch's edges."""

from dataclasses import replace

import numpy as np

from ecgcore.features.pooling import in_parts, pooled_axis, steps
from ecgcore.features.spectrogram import SpectrogramSpec, decibels, power_unit, spectrogram
from ecgcore.schema import FloatArray, Spectrogram


def stretch_spectrogram(
    trace: FloatArray,
    fs: float,
    first: int,
    stop: int,
    spec: SpectrogramSpec,
    *,
    start: float = 0.0,
) -> Spectrogram:
    """Return the spectrogram of ``trace[first:stop]``; ``start`` is the time (s) of trace[0].

    Half a window of the trace on either side is taken in, where there is one, so that columns
    reach the stretch's edges without invented samples. Of a long stretch neighbouring windows are
    averaged, and of a large FFT neighbouring rows, to what a screen shows (``pooling``). Raises
    EcgError as ``spectrogram`` does.
    """
    half, length, hop = spec.samples(fs) // 2, spec.samples(fs), spec.hop(fs)
    begin, end = max(first - half, 0), min(stop + half, trace.size)
    linear = replace(spec, padding="none", scale="linear")
    # The first window says what is wrong with the settings, and where the rows lie.
    head = spectrogram(trace[begin : min(begin + length, end)], fs, linear)
    columns, rows = (end - begin - length) // hop + 1, head.frequency.size
    down, along = steps(rows, columns)

    def part(left: int, right: int) -> FloatArray:
        some = trace[begin + left * hop : begin + (right - 1) * hop + length]
        return spectrogram(some, fs, linear).power

    power = in_parts(part, spec.size(fs), columns, down, along)
    time = head.time[0] + hop / fs * np.arange(columns)
    return replace(
        head,
        power=decibels(power, spec.floor_db) if spec.scale == "db" else power,
        frequency=pooled_axis(head.frequency, down),
        time=pooled_axis(time, along) + begin / fs + start,
        unit=power_unit(spec.scale),
    )
