"""Short-time Fourier transform power of a stretch of signal or of many beats at once.

Definition: X(f, t) = Σ w[k] x[t + k] exp(−2πi f k / fs), power density P = |X|² / (fs Σ w²),
doubled between 0 and fs/2 because the spectrum is one-sided (Welch 1967; the same scaling as
``scipy.signal.spectrogram`` with ``scaling="density"``). With that, the sum of P over frequency
times the bin's width is the windowed mean square of the signal (Parseval).
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import scipy.fft
from scipy.signal import get_window

from ecgcore.errors import EcgError
from ecgcore.schema import DoubleArray, FloatArray, Spectrogram

Window = Literal["hann", "hamming", "blackman", "flattop", "boxcar"]
Padding = Literal["none", "zero", "reflect"]
Scale = Literal["db", "linear"]
WINDOWS: Final[tuple[Window, ...]] = get_args(Window)

# How much of the frames' spectra is held at a time: it stays in the cache and memory is bounded.
_CHUNK = 1 << 18


@dataclass(frozen=True, kw_only=True)
class SpectrogramSpec:
    """How a spectrogram is computed.

    ``length`` is the window in seconds, so that a spec means the same at every sampling rate;
    ``overlap`` the share of it that neighbouring windows have in common (0 to below 1); ``nfft``
    the FFT's size in samples, by default the next power of two; a larger one interpolates the
    frequency axis and resolves nothing more.

    ``padding``: "none" takes only windows that lie wholly within the signal, so that the first
    column stands at half a window; "zero" and "reflect" extend the signal by half a window on
    either side, so that the first column stands at its first sample.

    ``detrend`` takes each window's mean out of it, or the baseline would leak into the lowest
    bins. ``floor_db`` is what a power of zero becomes in decibels, which otherwise has none;
    quantisation noise of 5 µV at 360 Hz is near −79 dB. ``max_frequency`` (Hz) drops the rows
    above it.
    """

    window: Window = "hann"
    length: float = 0.25
    overlap: float = 0.75
    nfft: int | None = None
    scale: Scale = "db"
    padding: Padding = "none"
    detrend: bool = True
    max_frequency: float | None = None
    floor_db: float = -100.0

    def samples(self, fs: float) -> int:
        """Return the window's length in samples."""
        return round(self.length * fs)

    def hop(self, fs: float) -> int:
        """Return the samples from one window to the next."""
        return max(1, self.samples(fs) - round(self.overlap * self.samples(fs)))

    def size(self, fs: float) -> int:
        """Return the FFT's size."""
        return self.nfft or 1 << max(self.samples(fs) - 1, 1).bit_length()


def spectrogram(x: FloatArray, fs: float, spec: SpectrogramSpec) -> Spectrogram:
    """Return the power of ``x`` (..., n), mV, by window of time and frequency.

    The power has shape (..., frequencies, times); the leading axes are those of ``x``. Windows
    that touch a gap (NaN) are NaN. Computed in single precision, as the signal is stored.

    Raises EcgError when the window is shorter than 4 samples, longer than the signal or than the
    FFT, or when the overlap leaves no step.
    """
    length, hop, size = _check(x.shape[-1], fs, spec)
    lead = x.shape[:-1]
    flat = np.asarray(x, dtype=np.float32).reshape(-1, x.shape[-1])
    padded = _pad(flat, length, spec.padding)
    taper = get_window(spec.window, length).astype(np.float32)
    frequency: DoubleArray = np.arange(size // 2 + 1, dtype=np.float64) * (fs / size)
    rows = frequency.size
    if spec.max_frequency is not None:
        rows = max(int(np.searchsorted(frequency, spec.max_frequency, side="right")), 1)

    frames = np.lib.stride_tricks.sliding_window_view(padded, length, axis=-1)[:, ::hop]
    count, times = frames.shape[:2]
    power = np.empty((count, rows, times), dtype=np.float32)
    scale = _one_sided(size, fs, taper)[:rows]
    step = max(1, _CHUNK // (times * size))
    for start in range(0, count, step):
        part = frames[start : start + step]
        if spec.detrend:
            part = part - part.mean(axis=-1, keepdims=True)
        found = scipy.fft.rfft(part * taper, n=size, axis=-1)[..., :rows]
        density = (found.real**2 + found.imag**2) * scale
        power[start : start + step] = density.swapaxes(-1, -2)
    if spec.scale == "db":
        power = decibels(power, spec.floor_db)
    return Spectrogram(
        power=power.reshape(*lead, rows, times),
        frequency=frequency[:rows],
        time=_centres(times, hop, length, fs, spec.padding),
        unit=power_unit(spec.scale),
    )


def power_unit(scale: Scale, signal_unit: str = "mV") -> str:
    """Return the unit of the power of a signal in ``signal_unit``; no mV where it is a guess."""
    if signal_unit != "mV":
        return f"dB, {signal_unit}" if scale == "db" else f"power, {signal_unit}"
    return "dB re 1 mV²/Hz" if scale == "db" else "mV²/Hz"


def decibels(power: FloatArray, floor_db: float) -> FloatArray:
    """Return 10 log10 of ``power``, never below ``floor_db``; NaN stays NaN."""
    lowest = np.float32(10 ** (floor_db / 10))
    db: FloatArray = np.float32(10) * np.log10(np.maximum(power, lowest))
    return db


def _check(n: int, fs: float, spec: SpectrogramSpec) -> tuple[int, int, int]:
    length, size = spec.samples(fs), spec.size(fs)
    if length < 4:
        raise EcgError(
            f"A window of {spec.length:g} s is {length} samples at {fs:g} Hz; choose a longer one."
        )
    if length > n:
        raise EcgError(
            f"A window of {spec.length:g} s is longer than the signal of {n / fs:.3g} s; "
            f"choose a shorter one."
        )
    if size < length:
        raise EcgError(
            f"An FFT of {size} points is shorter than the window of {length} samples; "
            f"choose at least {1 << (length - 1).bit_length()}."
        )
    if not 0 <= spec.overlap < 1:
        raise EcgError(f"The overlap is {spec.overlap:g}; choose one from 0 to below 1.")
    return length, spec.hop(fs), size


def _pad(x: FloatArray, length: int, padding: Padding) -> FloatArray:
    if padding == "none":
        return x
    width = ((0, 0), (length // 2, length // 2))
    return np.pad(x, width, mode="reflect" if padding == "reflect" else "constant")


def _one_sided(size: int, fs: float, taper: FloatArray) -> FloatArray:
    """Return what turns |X|² into one-sided density, per frequency (size // 2 + 1,)."""
    scale = np.full(size // 2 + 1, 2.0 / (fs * float(np.sum(taper.astype(float) ** 2))))
    scale[0] /= 2
    if size % 2 == 0:
        scale[-1] /= 2
    return scale.astype(np.float32)


def _centres(times: int, hop: int, length: int, fs: float, padding: Padding) -> DoubleArray:
    first = length / 2 if padding == "none" else length / 2 - length // 2
    centres: DoubleArray = (first + hop * np.arange(times, dtype=np.float64)) / fs
    return centres
