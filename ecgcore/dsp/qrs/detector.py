"""``beatlens``: R-peaks by evidence and rhythm. The stages are modules of their own."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ecgcore.dsp.qrs import evidence, rhythm, templates
from ecgcore.dsp.qrs.around import around
from ecgcore.dsp.qrs.front import Front, front, nothing
from ecgcore.dsp.qrs.thinning import strongest
from ecgcore.errors import SignalError
from ecgcore.schema import BoolArray, FloatArray, IntArray

MIN_FS: Final = 50.0
MAX_FS: Final = 2000.0
SHORTEST_S: Final = 0.5  # of a trace in which a beat can be told from anything else
CANDIDATE_TO_R: Final = 5  # samples at 64 Hz between an envelope's maximum and R, at most
FINE_S: Final = 0.016  # from there to the extreme of the trace itself
BESIDE_GAP_S: Final = 0.04  # a beat this near a gap may be the gap's own edge
HOPELESS: Final = -7.0  # log odds of the first look after which there is no second
CERTAIN: Final = 8.0  # log odds likewise, for the other side

networks = lru_cache(maxsize=1)(evidence.read_networks)


@dataclass(frozen=True, kw_only=True, eq=False)
class Heard:
    """The candidates of a trace that have a chance, before the rhythm is asked."""

    position: IntArray  # (c,), samples at 64 Hz or so, ascending
    peak: IntArray  # (c,), sample of the trace: its R-peak, were it a beat
    log_odds: FloatArray  # (c,), the evidence


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """Every candidate of a trace: where, how sure, and whether it was taken for a beat."""

    fs: float
    peak: IntArray  # (c,), sample of its R-peak, were it a beat
    log_odds: FloatArray  # (c,), the evidence alone
    is_beat: BoolArray  # (c,), evidence and rhythm


def beatlens(x: NDArray[np.floating], fs: float) -> IntArray:
    """Return the R-peaks (b,) of ``x`` (n,), mV, at ``fs`` Hz: samples counted from x[0].

    ``x`` may have NaN gaps. The result depends on neither gain, offset nor polarity. An R-peak
    is the extreme of the QRS complex's main deflection, up or down. Raises SignalError for a rate
    outside 50 to 2000 Hz.
    """
    trace, stage, log_odds = _listened(x, fs)
    beats = chosen(stage.position, log_odds)
    return distinct(r_peaks(trace, fs, stage.position[beats], stage))


def judge(x: NDArray[np.floating], fs: float) -> Judged:
    """Return every candidate of ``x`` (n,) and what was decided on it; as ``beatlens``."""
    heard = listen(x, fs)
    is_beat = np.zeros(heard.position.size, dtype=np.bool_)
    is_beat[chosen(heard.position, heard.log_odds)] = True
    return Judged(fs=fs, peak=heard.peak, log_odds=heard.log_odds, is_beat=is_beat)


def chosen(position: IntArray, log_odds: FloatArray) -> IntArray:
    """Return the candidates (indices) that evidence and rhythm together make beats."""
    opinion = strongest(position, log_odds, rhythm.REFRACTORY)
    opinion = opinion[log_odds[opinion] > 0]
    return rhythm.likeliest(position, log_odds, position[opinion])


def distinct(peaks: IntArray) -> IntArray:
    """Return the peaks in order, each once."""
    ordered = np.sort(peaks, kind="stable")
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))[: ordered.size]]


def listen(x: NDArray[np.floating], fs: float) -> Heard:
    """Return what is heard in ``x`` (n,). Raises SignalError as ``beatlens`` does.

    It compares with levels and shapes of the whole trace: give a long one in blocks of an hour or
    so, as ``dsp.blocks`` does.
    """
    trace, stage, log_odds = _listened(x, fs)
    peak = r_peaks(trace, fs, stage.position, stage)
    return Heard(position=stage.position, peak=peak, log_odds=log_odds)


def _listened(x: NDArray[np.floating], fs: float) -> tuple[FloatArray, Front, FloatArray]:
    """Return the trace without gaps, the candidates that have a chance, and their log odds."""
    if not MIN_FS <= fs <= MAX_FS:
        raise SignalError(
            f"R-peaks can't be found at {fs:g} Hz: resample to {MIN_FS:g} to {MAX_FS:g} Hz."
        )
    trace = np.asarray(x, dtype=np.float32)
    present = np.isfinite(trace)
    if trace.size < SHORTEST_S * fs or not present.any():
        return trace, nothing(fs), np.zeros(0, dtype=np.float32)
    if present.all():
        stage = front(trace, fs)
    else:
        trace = _without_gaps(trace, ~present)
        stage = front(trace, fs, ~present)
        stage = keep(stage, ~_near(~present, stage, fs))
    first, second = networks()
    look = evidence.Inputs(stage)
    log_odds = np.empty(stage.position.size, dtype=np.float32)
    kept = [look(slice(0, 0))]  # of those to be looked at again
    for begin in range(0, log_odds.size, evidence.ROWS):
        some = slice(begin, begin + evidence.ROWS)
        waveform, context = look(some)
        log_odds[some] = odds = first.log_odds(waveform, context)
        again = (odds > HOPELESS) & (odds < CERTAIN)
        kept.append((waveform[again], context[again]))
    chance = log_odds > HOPELESS
    stage, log_odds = keep(stage, chance), log_odds[chance]
    beats = strongest(stage.position, log_odds, rhythm.REFRACTORY)
    unsure = np.flatnonzero(log_odds < CERTAIN)
    if unsure.size:
        waveform, context = (np.concatenate(one) for one in zip(*kept, strict=True))
        added = templates.likeness(stage, log_odds, beats[log_odds[beats] > 0], unsure)
        log_odds[unsure] = second.log_odds(waveform, np.concatenate((context, added), axis=1))
    return trace, stage, log_odds


def keep(stage: Front, kept: BoolArray) -> Front:
    """Return the stage with only the candidates ``kept`` (c,)."""
    return replace(stage, position=stage.position[kept], height=stage.height[kept])


def r_peaks(x: FloatArray, fs: float, position: IntArray, stage: Front) -> IntArray:
    """Return the R-peak (c,) of candidates at ``position`` (c,), a sample of ``x`` (n,).

    The largest swing of the wavelet's even part says which deflection is the main one and its
    sign; the extreme of the trace near it is R.
    """
    if not position.size:
        return np.zeros(0, dtype=np.int64)
    even = around(stage.wave[:, 0], position, CANDIDATE_TO_R)
    offset = np.abs(even).argmax(axis=1)
    sign = np.sign(even[np.arange(offset.size), offset])
    coarse = stage.recorded(position + offset - CANDIDATE_TO_R)
    reach = max(1, round(FINE_S * fs))
    middle = np.clip(np.rint(coarse).astype(np.int64), 0, x.size - 1)
    near = around(x, middle, reach) * sign[:, None]
    # The nearest of equal ones: a clipped R-peak is a plateau.
    order = np.argsort(np.abs(np.arange(-reach, reach + 1)), kind="stable")
    peak: IntArray = middle + order[near[:, order].argmax(axis=1)] - reach
    return np.clip(peak, 0, x.size - 1)


def _without_gaps(x: FloatArray, missing: BoolArray) -> FloatArray:
    """Return ``x`` with straight lines over its gaps."""
    present = np.flatnonzero(~missing)
    filled = x.copy()
    filled[missing] = np.interp(np.flatnonzero(missing), present, x[present])
    return filled


def _near(missing: BoolArray, stage: Front, fs: float) -> BoolArray:
    """Return which candidates (c,) lie in a gap or right beside one."""
    before = np.concatenate(([0], np.cumsum(missing)))
    at = stage.recorded(stage.position)
    first = np.clip(np.floor(at - BESIDE_GAP_S * fs), 0, missing.size).astype(np.int64)
    stop = np.clip(np.ceil(at + BESIDE_GAP_S * fs) + 1, 0, missing.size).astype(np.int64)
    near: BoolArray = before[stop] > before[first]
    return near
