"""The shape of one synthetic beat: P, QRS and T as sums of Gaussians in two leads.

Source of the idea: McSharry, Clifford, Tarassenko and Smith, IEEE Trans. Biomed. Eng. 50(3),
2003, who let Gaussian waves attract a limit cycle. We add the Gaussians in time directly, with a
width before and one after each peak, so that T waves can rise slowly and fall fast, and give each
wave one amplitude a lead in place of a vector's projection.
"""

from dataclasses import dataclass, replace

import numpy as np

from ecgcore.schema import DoubleArray

LEADS = ("MLII", "V1")


@dataclass(frozen=True, kw_only=True)
class Wave:
    """One Gaussian deflection."""

    at: float  # s, its peak relative to the R-peak
    rise: float  # s, standard deviation before the peak
    fall: float  # s, standard deviation after it
    mlii: float  # mV
    v1: float  # mV


Waves = tuple[Wave, ...]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The waves of a kind of beat; ``p`` is empty where the atria do not lead."""

    p: Waves = ()
    qrs: Waves
    t: Waves

    @property
    def ventricular(self) -> Waves:
        """QRS and T: what the ventricles make, whoever started the beat."""
        return self.qrs + self.t


def wave(at: float, width: float, mlii: float, v1: float, *, fall: float | None = None) -> Wave:
    """Return a wave of standard deviation ``width`` (after the peak ``fall``), in ms and mV."""
    seconds = width / 1000
    return Wave(
        at=at / 1000,
        rise=seconds,
        fall=seconds if fall is None else fall / 1000,
        mlii=mlii,
        v1=v1,
    )


def scaled(waves: Waves, amplitude: float) -> Waves:
    """Return the waves with every amplitude multiplied."""
    return tuple(replace(w, mlii=w.mlii * amplitude, v1=w.v1 * amplitude) for w in waves)


def stretched(waves: Waves, factor: float) -> Waves:
    """Return the waves with every time multiplied: QT follows the cycle's length."""
    return tuple(
        replace(w, at=w.at * factor, rise=w.rise * factor, fall=w.fall * factor) for w in waves
    )


def shifted(waves: Waves, seconds: float) -> Waves:
    """Return the waves moved in time."""
    return tuple(replace(w, at=w.at + seconds) for w in waves)


def fuse(normal: Shape, ectopic: Shape, share: float) -> Shape:
    """Return a fusion beat: both activations at once, ``share`` of it the normal one.

    The P wave stays: the sinus node was on time.
    """
    return Shape(
        p=normal.p,
        qrs=scaled(normal.qrs, share) + scaled(ectopic.qrs, 1 - share),
        t=scaled(normal.t, share) + scaled(ectopic.t, 1 - share),
    )


def add_waves(signal: DoubleArray, fs: float, time: float, waves: Waves) -> None:
    """Add the waves of a beat whose R-peak stands at ``time`` (s) to ``signal`` (n, 2), mV.

    Waves are cut off where they have fallen below 0.03 % (four standard deviations); what
    would fall outside the signal is left out.
    """
    if not waves:
        return
    first = max(int(np.ceil((time + min(w.at - 4 * w.rise for w in waves)) * fs)), 0)
    stop = min(int((time + max(w.at + 4 * w.fall for w in waves)) * fs) + 1, len(signal))
    if stop <= first:
        return
    at, rise, fall = (np.array([getattr(w, f) for w in waves]) for f in ("at", "rise", "fall"))
    amplitude = np.array([(w.mlii, w.v1) for w in waves])
    delay = (np.arange(first, stop) / fs - time)[:, None] - at
    signal[first:stop] += np.exp(-0.5 * (delay / np.where(delay < 0, rise, fall)) ** 2) @ amplitude
