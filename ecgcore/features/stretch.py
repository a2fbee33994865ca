"""The spectrogram of a stretch of a trace, filled up to the stretch's edges."""

from dataclasses import replace

from ecgcore.features.spectrogram import SpectrogramSpec, spectrogram
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
    reach the stretch's edges without invented samples. Raises EcgError as ``spectrogram`` does.
    """
    half = spec.samples(fs) // 2
    begin, end = max(first - half, 0), min(stop + half, trace.size)
    found = spectrogram(trace[begin:end], fs, replace(spec, padding="none"))
    return replace(found, time=found.time + begin / fs + start)
