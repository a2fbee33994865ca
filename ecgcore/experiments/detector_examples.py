"""What ``beatlens`` learns from: candidates of the tuning records, clean, noisy and faster.

Every recording is heard several times: as it is, in both leads; and with synthetic electrode
motion of changing size, a little faster or slower than it was, fainter here and there, and with
pauses in which nothing but faint noise is left. Between them stand traces of noise alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgcore.dsp.matching import EC57_WINDOW_S
from ecgcore.dsp.qrs.front import Front, front
from ecgcore.dsp.stress import motion_noise, noise_gain
from ecgcore.records.annotations import annotated_peaks, flutter_stretches
from ecgcore.records.catalog import database
from ecgcore.records.reader import read_record
from ecgcore.records.splits import SPLITS
from ecgcore.schema import DoubleArray, FloatArray, IntArray, Record

# (lead, with noise, how often, weight of each example)
HEARINGS: Final = (
    (0, False, 1, 2.0),
    (1, False, 1, 0.7),
    (0, True, 3, 0.5),
    (1, True, 1, 0.4),
)
NOISE_ONLY_WEIGHT: Final = 0.5
NOISE_ONLY_S: Final = 150.0
DECIBELS: Final = (-8.0, 24.0)
STRETCH_S: Final = (15.0, 120.0)  # of one noise level
SHARE_CLEAN: Final = 0.3
TEMPO: Final = (0.88, 1.12)
FAINT: Final = (0.15, 0.7)  # of the trace, in stretches like those
PAUSE_S: Final = (2.5, 30.0)
PAUSES_PER_S: Final = 1 / 120
PAUSE_NOISE: Final = (0.001, 0.05)  # of the trace's own spread
REACH_S: Final = 0.11  # within which the best candidate is the annotated beat


@dataclass(frozen=True, kw_only=True, eq=False)
class Hearing:
    """One trace's candidates and what they are."""

    stage: Front
    label: IntArray  # (c,): 1 a beat, 0 none, -1 can't be said
    weight: float


def hearings(seed: int, said: Callable[[str], None]) -> Iterator[Hearing]:
    """Yield every hearing of the tuning records, in an order fixed by ``seed``."""
    rng = np.random.default_rng(seed)
    source = database("mitdb")
    for name in SPLITS["detector-tuning"]:
        record = read_record(source, name)
        said(name)
        for lead, noisy, times, weight in HEARINGS:
            for _ in range(times):
                trace = record.signal[:, lead]
                tempo, pauses = 1.0, np.zeros((0, 2), dtype=np.int64)
                if noisy:
                    tempo = rng.uniform(*TEMPO)
                    trace = _worse(trace, annotated_peaks(record).sample, record.fs, rng)
                    trace, pauses = _with_pauses(trace, record.fs, rng)
                stage = front(trace, record.fs * tempo)
                label = labels(stage, record)
                _mark_pauses(label, stage, pauses, record.fs)
                yield Hearing(stage=stage, label=label, weight=weight)
        for noise in _nothing(round(NOISE_ONLY_S * record.fs), record.fs, rng):
            stage = front(noise, record.fs)
            label = np.zeros(stage.position.size, dtype=np.int64)
            yield Hearing(stage=stage, label=label, weight=NOISE_ONLY_WEIGHT)


def labels(stage: Front, record: Record) -> IntArray:
    """Return what each candidate (c,) of ``stage`` is by the annotations of ``record``.

    Of the candidates within 110 ms of an annotated beat the highest and nearest is the beat; the
    others within 150 ms, and those in ventricular flutter, are neither beats nor none.
    """
    at = stage.recorded(stage.position)
    beats = annotated_peaks(record).sample.astype(np.float64)
    after = np.clip(np.searchsorted(beats, at), 1, beats.size - 1)
    nearest = after - (np.abs(beats[after - 1] - at) < np.abs(beats[after] - at))
    away = np.abs(beats[nearest] - at) / record.fs
    label = np.where(away <= EC57_WINDOW_S, -1, 0)
    worth = stage.height * np.exp(-((away / 0.06) ** 2))
    close = np.flatnonzero(away < REACH_S)
    order = close[np.lexsort((-worth[close], nearest[close]))]
    best = np.concatenate(([True], np.diff(nearest[order]) > 0))[: order.size]
    label[order[best]] = 1
    if record.annotations is not None:
        for first, stop in flutter_stretches(record.annotations, record.header.length).tolist():
            label[(at >= first - record.fs) & (at < stop + record.fs)] = -1
    return label


def _worse(x: FloatArray, beats: IntArray, fs: float, rng: np.random.Generator) -> FloatArray:
    """Return the trace with noise whose size changes from stretch to stretch."""
    noise = motion_noise(x.size, fs, rng)
    unit = noise_gain(x, beats, noise, fs, 0.0)
    size, loud = np.zeros(x.size), np.ones(x.size)
    begin = 0
    while begin < x.size:
        stop = begin + round(fs * rng.uniform(*STRETCH_S))
        if rng.random() > SHARE_CLEAN:
            size[begin:stop] = 10 ** (-rng.uniform(*DECIBELS) / 20)
        elif rng.random() < SHARE_CLEAN:
            loud[begin:stop] = rng.uniform(*FAINT)
        begin = stop
    return (loud * x + unit * size * noise).astype(np.float32)


def _with_pauses(x: FloatArray, fs: float, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
    """Return the trace with stretches of faint noise instead of it, and these (k, 2)."""
    paused, spread = x.copy(), float(x.std())
    starts = rng.integers(0, x.size, rng.poisson(PAUSES_PER_S * x.size / fs))
    stops = starts + np.rint(fs * rng.uniform(*PAUSE_S, starts.size)).astype(np.int64)
    for first, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        part = paused[first:stop]
        noise = rng.normal(size=part.size)
        if rng.random() < 0.5:
            noise = np.cumsum(noise) / np.sqrt(part.size) + rng.uniform(0, 0.3) * noise
        size = spread * np.exp(rng.uniform(*np.log(PAUSE_NOISE)))
        part[:] = part[0] + size * noise
    return paused, np.stack((starts, stops), axis=1)


def _mark_pauses(label: IntArray, stage: Front, pauses: IntArray, fs: float) -> None:
    """Set in place what candidates in pauses are: no beats; at their edges, unknown."""
    at = stage.recorded(stage.position)
    for first, stop in pauses.tolist():
        label[(at >= first) & (at < stop)] = 0
    edge = EC57_WINDOW_S * fs
    for sample in pauses.ravel().tolist():
        label[np.abs(at - sample) < edge] = -1


def _nothing(n: int, fs: float, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Yield traces (n,) without a heart: motion, hiss, hum, pulses, a converter's last bit."""
    time: DoubleArray = np.arange(n) / fs
    hiss = rng.normal(size=n)
    yield motion_noise(n, fs, rng).astype(np.float32)
    yield hiss.astype(np.float32)
    yield np.cumsum(hiss).astype(np.float32)
    hum = np.sin(2 * np.pi * rng.uniform(4, 25) * time) + rng.uniform(0.01, 0.5) * hiss
    yield hum.astype(np.float32)
    pulses = np.sign(np.sin(2 * np.pi * rng.uniform(0.3, 2.5) * time))
    yield (pulses + rng.uniform(0, 0.05) * hiss).astype(np.float32)
    yield np.round(rng.uniform(0.3, 1.5) * hiss).astype(np.float32)
