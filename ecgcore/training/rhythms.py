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
early supraventricular beats, alone or in runs, that reset it or are followed by a pause. Bigeminy:
the same with up to every second beat ventricular, of which the normal beats are given. Breathing:
a sinus rhythm that breathes deeply. Atrial: a rhythm of which up to 85 % of the beats are early
supraventricular ones, in runs, with pauses after them.
"""

from collections.abc import Callable, Sequence
from typing import Final, Literal

import numpy as np

from ecgcore.features.rr import rr_features
from ecgcore.schema import BoolArray, DoubleArray, FloatArray, Peaks

Kind = Literal["fibrillation", "wide_fibrillation", "block", "bigeminy", "breathing"]

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
        parts.append(rr_features(drawn_peaks(rr), names).values[normal])
    return np.concatenate(parts)


def ventricular_features(names: tuple[str, ...], seed: int = 0) -> FloatArray:
    """Return RR features (m, len(names)) of the ventricular beats of drawn ectopy, as above."""
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(_RHYTHMS):
        rr, ventricular = ectopy(rng, _BEATS)
        parts.append(rr_features(drawn_peaks(rr), names).values[ventricular])
    return np.concatenate(parts)


def fibrillation(rng: np.random.Generator, beats: int) -> tuple[DoubleArray, BoolArray]:
    """Return intervals (beats,), s, of one drawn fibrillation, and which beats are normal ones.

    They spread by 5 to 17 % of the mean, less than most patients' do.
    """
    mean = np.exp(rng.uniform(np.log(0.4), np.log(1.1)))
    spread = rng.uniform(0.1, 0.3)
    above = rng.gamma(1 / spread**2, spread**2, beats)
    rr = mean * np.maximum(0.45 + 0.55 * above + rng.normal(0, 0.01, beats), 0.35)
    early = rng.random(beats) < rng.choice([0.0, 0.0, 0.03, 0.1])
    rr[early] *= rng.uniform(0.7, 0.95)
    return rr, ~early


def wide_fibrillation(rng: np.random.Generator, beats: int) -> tuple[DoubleArray, BoolArray]:
    """Return what ``fibrillation`` does, with intervals that spread by 12 to 32 % of the mean."""
    mean = np.exp(rng.uniform(np.log(0.4), np.log(1.1)))
    floor = rng.uniform(0.4, 0.6)  # of the mean
    spread = rng.uniform(0.12, 0.32) / (1 - floor)
    above = rng.gamma(1 / spread**2, spread**2, beats)
    rr = mean * (floor + (1 - floor) * above + rng.normal(0, 0.01, beats))
    early = rng.random(beats) < rng.choice([0.0, 0.0, 0.03, 0.1])
    rr[early] *= rng.uniform(0.7, 0.95)
    return np.maximum(rr, 0.28), ~early


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


def bigeminy(rng: np.random.Generator, beats: int) -> tuple[DoubleArray, BoolArray]:
    """Return intervals (beats,), s, of one drawn rhythm with much ectopy, and which are normal.

    Ventricular beats are of one coupling, more or less, and seldom follow one another.
    """
    sinus = _sinus(rng, beats)
    often, atrial = rng.choice([0.05, 0.15, 0.3, 0.5]), rng.choice([0.0, 0.0, 0.02, 0.1])
    early, reset = rng.uniform(0.5, 0.88), rng.choice([rng.uniform(0.9, 1.25), rng.uniform(1.2, 2)])
    usual, spread = rng.uniform(0.5, 0.9), rng.choice([0.02, 0.08])
    rr, normal = np.empty(beats), np.ones(beats, dtype=np.bool_)
    pause, after = 1.0, False  # after a ventricular beat
    for beat, sinus_rr in enumerate(sinus):
        drawn = rng.random()
        if drawn < often and (not after or rng.random() < 0.15):
            coupling = float(np.clip(usual + rng.normal(0, spread), 0.4, 0.97))
            rr[beat], normal[beat], after = sinus_rr * coupling, False, True
            interpolated = coupling < 0.7 and rng.random() < 0.07
            pause = 1.1 - coupling if interpolated else (2 - coupling) * rng.uniform(0.85, 1.05)
        elif drawn < often + atrial and not after:
            rr[beat] = sinus_rr * np.clip(early + rng.normal(0, 0.04), 0.35, 0.95)
            normal[beat], pause = False, reset
        else:
            rr[beat], pause, after = sinus_rr * pause, 1.0, False
    return rr, normal


def breathing(rng: np.random.Generator, beats: int) -> tuple[DoubleArray, BoolArray]:
    """Return intervals (beats,), s, of one drawn sinus arrhythmia; all beats are normal."""
    mean = np.exp(rng.uniform(np.log(0.55), np.log(1.2)))
    phase = 2 * np.pi * rng.uniform(0.1, 0.35) * mean * np.arange(beats)
    phase += np.cumsum(rng.normal(0, 0.15, beats))
    drift = np.clip(np.cumsum(rng.normal(0, 0.006, beats)), -0.3, 0.3)
    jitter = rng.normal(0, 0.015, beats)
    rr: DoubleArray = mean * np.exp(rng.uniform(0.05, 0.22) * np.sin(phase) + drift + jitter)
    return rr, np.ones(beats, dtype=np.bool_)


def mostly_atrial(
    rng: np.random.Generator, beats: int, share: float
) -> tuple[DoubleArray, BoolArray]:
    """Return intervals (beats,), s, of one drawn rhythm, and which beats are supraventricular.

    ``share``: how many of the beats are, about. Runs of early beats, of about one coupling each,
    between runs of sinus beats, which a pause or a reset goes before.
    """
    sinus = _sinus(rng, beats) * (rng.uniform(1, 1.8) if rng.random() < 0.5 else 1.0)
    early = rng.uniform(0.45, 0.9)
    reset = rng.choice([rng.uniform(0.95, 1.25), rng.uniform(1.2, 2.5)])
    length = rng.choice([1.0, 1.5, 3.0, 8.0, 20.0])  # mean of an atrial run, beats
    between = max(1.0, length * (1 - share) / share)  # mean of a sinus run
    length = between * share / (1 - share)
    factor: list[float] = []
    atrial: list[bool] = []
    while len(factor) < beats:
        normal, run = int(rng.geometric(1 / between)), int(rng.geometric(1 / max(length, 1.0)))
        factor += [reset * rng.uniform(0.92, 1.08) if factor else 1.0] + [1.0] * (normal - 1)
        coupling = early * rng.normal(1, 0.02)
        factor += list(np.clip(coupling + rng.normal(0, 0.03, run), 0.35, 0.97))
        atrial += [False] * normal + [True] * run
    return sinus * factor[:beats], np.array(atrial[:beats])


def drawn_peaks(rr: DoubleArray) -> Peaks:
    """Return the R-peaks (b,) that stand drawn intervals (b,), s, apart."""
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
    "wide_fibrillation": wide_fibrillation,
    "block": block,
    "bigeminy": bigeminy,
    "breathing": breathing,
}
