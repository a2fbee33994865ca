"""Rhythms that few training patients have: drawn intervals for beats whose class stays as it is.

Of the training patients of mitdb two have atrial fibrillation, so a network learns these people
instead of the rhythm, and elsewhere takes every early beat of an irregular rhythm for an ectopic
one. RR features depend on the intervals alone: a normal beat's waveform may therefore stand in
any rhythm in which beats are normal. In the same way most ventricular beats of the training are of
few patients, each with a coupling of their own; a ventricular beat's waveform may stand wherever
such beats do.

Our own construction. Fibrillation: independent gamma-distributed intervals above a refractory
floor, as the ventricular response is close to uncorrelated (Bootsma et al. 1970); a few beats in
some rhythms are early ventricular ones, which count for the intervals and are not given. Block:
a sinus rhythm with respiratory arrhythmia in which conducted beats are dropped at random. Ectopy:
a sinus rhythm with ventricular beats, most with a compensatory pause, a few interpolated, among
early supraventricular beats, alone or in runs, that reset it or are followed by a pause.
"""

from collections.abc import Callable, Sequence
from typing import Final, Literal

import numpy as np

from ecgcore.features.rr import rr_features
from ecgcore.schema import BoolArray, DoubleArray, FloatArray, Peaks

Kind = Literal["fibrillation", "block"]

_FS: Final = 360.0
_LEAST: Final = 0.25  # s; no shorter interval is drawn
_RHYTHMS: Final = 200
_BEATS: Final = 800  # of each


def drawn_features(names: tuple[str, ...], kinds: Sequence[Kind], seed: int = 0) -> FloatArray:
    """Return RR features (m, len(names)) of the normal beats of drawn rhythms.

    ``kinds`` are taken in turn; one may stand there more than once. The same seed gives the same.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(_RHYTHMS):
        rr, normal = _DRAW[kinds[number % len(kinds)]](rng, _BEATS)
        parts.append(rr_features(_peaks(rr), names).values[normal])
    return np.concatenate(parts)


def ventricular_features(names: tuple[str, ...], seed: int = 0) -> FloatArray:
    """Return RR features (m, len(names)) of the ventricular beats of drawn ectopy, as above."""
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(_RHYTHMS):
        rr, ventricular = ectopy(rng, _BEATS)
        parts.append(rr_features(_peaks(rr), names).values[ventricular])
    return np.concatenate(parts)


def fibrillation(rng: np.random.Generator, beats: int) -> tuple[DoubleArray, BoolArray]:
    """Return intervals (beats,), s, of one drawn fibrillation, and which beats are normal ones."""
    mean = np.exp(rng.uniform(np.log(0.4), np.log(1.1)))
    spread = rng.uniform(0.1, 0.3)
    above = rng.gamma(1 / spread**2, spread**2, beats)
    rr = mean * np.maximum(0.45 + 0.55 * above + rng.normal(0, 0.01, beats), 0.35)
    early = rng.random(beats) < rng.choice([0.0, 0.0, 0.03, 0.1])
    rr[early] *= rng.uniform(0.7, 0.95)
    return rr, ~early


def block(rng: np.random.Generator, beats: int) -> tuple[DoubleArray, BoolArray]:
    """Return intervals (beats,), s, of one drawn sinus rhythm that drops beats; all are normal."""
    sinus = _sinus(rng, 4 * beats)
    dropped = rng.uniform(0.02, 0.6)
    rr = np.empty(beats)
    at = 0
    for beat in range(beats):
        rr[beat] = sinus[at]
        at += 1
        while at < sinus.size and rr[beat] < 2.6 * sinus[at] and rng.random() < dropped:
            rr[beat] += sinus[at]
            at += 1
    return rr, np.ones(beats, dtype=np.bool_)


def ectopy(rng: np.random.Generator, beats: int) -> tuple[DoubleArray, BoolArray]:
    """Return intervals (beats,), s, of one drawn rhythm with ectopy, and which are ventricular."""
    sinus = _sinus(rng, beats)
    often = rng.choice([0.02, 0.05, 0.15])  # ventricular, of the beats that are no run
    atrial = rng.choice([0.0, 0.02, 0.1, 0.3])
    length = rng.choice([1.0, 1.3, 6.0])  # mean of an atrial run, beats
    early, reset = rng.uniform(0.5, 0.88), rng.choice([rng.uniform(0.9, 1.25), rng.uniform(1.3, 3)])
    rr: list[float] = []
    ventricular: list[bool] = []
    pause = 1.0
    while len(rr) < beats:
        usual = sinus[len(rr)]
        drawn = rng.random()
        if drawn < often:
            coupling = rng.uniform(0.5, 0.9)
            rr.append(usual * coupling)
            ventricular.append(True)
            interpolated = rng.random() < 0.1
            pause = 1.1 - coupling if interpolated else (2 - coupling) * rng.uniform(0.85, 1.05)
        elif drawn < often + atrial:
            run = int(rng.geometric(1 / length))
            rr += list(usual * np.clip(early + rng.normal(0, 0.04, run), 0.35, 0.95))
            ventricular += [False] * run
            pause = reset
        else:
            rr.append(usual * pause)
            ventricular.append(False)
            pause = 1.0
    return np.array(rr[:beats]), np.array(ventricular[:beats])


def _peaks(rr: DoubleArray) -> Peaks:
    sample = np.cumsum(np.maximum(rr, _LEAST) * _FS).round().astype(np.int64)
    return Peaks(sample=sample, source="drawn", fs=_FS)


def _sinus(rng: np.random.Generator, beats: int) -> DoubleArray:
    """Return sinus intervals (beats,), s, that breathe, drift and jitter."""
    mean = np.exp(rng.uniform(np.log(0.5), np.log(0.95)))
    depth = rng.uniform(0, 0.03) if rng.random() < 0.6 else rng.uniform(0.03, 0.15)
    breath = 2 * np.pi * rng.uniform(0.1, 0.35) * mean * np.arange(beats)
    drift = np.clip(np.cumsum(rng.normal(0, 0.004, beats)), -0.25, 0.25)
    jitter = rng.normal(0, rng.uniform(0.003, 0.02), beats)
    rr: DoubleArray = mean * np.exp(
        depth * np.sin(breath + rng.uniform(0, 2 * np.pi)) + drift + jitter
    )
    return rr


_DRAW: Final[dict[Kind, Callable[[np.random.Generator, int], tuple[DoubleArray, BoolArray]]]] = {
    "fibrillation": fibrillation,
    "block": block,
}
