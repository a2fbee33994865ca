"""Stretches of a trace that carry no ECG: missing, flat, saturated, or a calibration signal.

Rules of our own, each for one thing that real recordings contain and no heart produces:

- *missing*: NaN;
- *flat*: one value for at least a second (the longest such run in all of mitdb's traces is
  0.74 s; files of ecgid begin with 2 to 4 s of a fill value);
- *saturated*: stuck at the trace's own lowest or highest value for at least 80 ms, as where an
  amplifier's or converter's limit is reached (mitdb 116: up to 0.74 s);
- *calibration*: a square wave. The trace keeps crossing the middle of its local range in steps
  of one constant half period of 0.2 to 1 s, up and down alike. A QRS complex comes back within
  120 ms, and waves that swing evenly (flutter) are faster or have no steps.
"""

from typing import Final

import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from ecgcore.dsp.stretches import runs
from ecgcore.schema import BoolArray, FloatArray, IntArray, Notice, Record

FLAT_S: Final = 1.0
SATURATED_S: Final = 0.08
HALF_PERIOD_S: Final = (0.2, 1.0)
MIN_STEPS: Final = 8  # of a square wave, in a row
STEP_S: Final = 0.06  # within which a step is done
STEP_SHARE: Final = 0.5  # of the local range that a step crosses
PERIOD_TOLERANCE: Final = 0.1

_TEXT: Final = {
    "missing": "missing",
    "flat": "flat",
    "saturated": "at the limit of the range",
    "calibration": "a calibration signal",
}


def unusable(x: FloatArray, fs: float) -> BoolArray:
    """Return True (n,) where ``x`` (n,), at ``fs`` Hz, carries no ECG for any of the reasons."""
    mask = np.zeros(x.shape, dtype=np.bool_)
    for found in unusable_by_reason(x, fs).values():
        mask |= found
    return mask


def unusable_by_reason(
    x: FloatArray, fs: float, limits: tuple[float, float] | None = None
) -> dict[str, BoolArray]:
    """Return one mask (n,) a reason: missing, flat, saturated, calibration; see the module.

    ``limits``: the trace's lowest and highest value, where ``x`` is only a part of it.
    """
    missing = np.isnan(x)
    if x.size == 0 or missing.all():
        nothing = np.zeros(x.shape, dtype=np.bool_)
        return {"missing": missing, "flat": nothing, "saturated": nothing, "calibration": nothing}
    filled = np.where(missing, np.nanmin(x), x).astype(np.float32)
    low, high = (filled.min(), filled.max()) if limits is None else limits
    extreme = (filled == low) | (filled == high)
    same = np.concatenate(([False], filled[1:] == filled[:-1]))
    flat = _flat(same & ~missing, max(2, round(FLAT_S * fs)))
    return {
        "missing": missing,
        "flat": flat,
        "saturated": _flat(same & extreme & ~missing, max(3, round(SATURATED_S * fs))) & ~flat,
        "calibration": _calibration(filled, fs) & ~missing,
    }


def quality_notices(record: Record, lead: str | None = None) -> tuple[Notice, ...]:
    """Tell how much of a lead carries no ECG, and why; ``no-signal`` where none of it does."""
    x, name = record.lead(lead), record.lead_name(lead)
    if not x.size:
        return ()
    masks = unusable_by_reason(x, record.fs)
    everything = bool(np.logical_or.reduce(list(masks.values())).all())
    return no_ecg_notices(name, {r: m.sum() / record.fs for r, m in masks.items()}, everything)


def no_ecg_notices(lead: str, seconds: dict[str, float], everything: bool) -> tuple[Notice, ...]:
    """Tell how many ``seconds`` of a lead carry no ECG, by reason, or that none of it does."""
    if everything:
        return (Notice(code="no-signal", text=f"Lead {lead} has no usable signal here."),)
    parts = [f"{some:.1f} s {_TEXT[reason]}" for reason, some in seconds.items() if some]
    if not parts:
        return ()
    return (Notice(code="gaps", text=f"Parts of lead {lead} carry no ECG: {', '.join(parts)}."),)


def _flat(same: BoolArray, least: int) -> BoolArray:
    """Return where at least ``least`` samples in a row are one; ``same``: as the one before."""
    mask = np.zeros(same.shape, dtype=np.bool_)
    for first, stop in runs(same, least - 1):
        mask[max(first - 1, 0) : stop] = True
    return mask


def _calibration(x: FloatArray, fs: float) -> BoolArray:
    mask = np.zeros(x.shape, dtype=np.bool_)
    shortest, longest = (seconds * fs for seconds in HALF_PERIOD_S)
    window = round(2 * longest)
    high, low = maximum_filter1d(x, window), minimum_filter1d(x, window)
    above = x > (high + low) / 2
    edges: IntArray = np.flatnonzero(above[1:] != above[:-1]) + 1
    if edges.size < MIN_STEPS:
        return mask
    steep = np.abs(_steps(x, edges, fs)) >= STEP_SHARE * (high[edges] - low[edges])
    width = np.diff(edges).astype(np.float64)
    held = (width >= shortest) & (width <= longest) & steep[1:] & steep[:-1]
    # Neighbouring half periods, one above and one below the middle, are of one length.
    alike = np.abs(np.diff(width)) <= PERIOD_TOLERANCE * width[1:]
    for first, stop in runs(held[1:] & held[:-1] & alike):
        wave = edges[first : stop + 2]
        if wave.size >= MIN_STEPS:
            step = _steps(x, np.arange(x.size), fs)
            period, size = float(np.diff(wave).mean()), float(np.median(np.abs(step[wave])))
            end = _end_of_wave(step, int(wave[-1]), period, size, fs)
            begin = _end_of_wave(step[::-1], x.size - 1 - int(wave[0]), period, size, fs)
            mask[x.size - begin : end] = True
    return mask


def _steps(x: FloatArray, at: IntArray, fs: float) -> FloatArray:
    """Return how much the trace changes within STEP_S around the samples ``at``."""
    half = max(1, round(STEP_S * fs / 2))
    step: FloatArray = x[np.minimum(at + half, x.size - 1)] - x[np.maximum(at - half, 0)]
    return step


def _end_of_wave(step: FloatArray, edge: int, period: float, size: float, fs: float) -> int:
    """Follow a square wave from one of its edges; return the sample after its last plateau.

    Near its end the wave wanders, so that it no longer crosses one middle: here it goes on while
    a step of at least half the size, the other way, comes where the next one is due. Its last
    plateau ends with whatever step comes next.
    """
    blur = max(1, round(STEP_S * fs)) + 1
    while True:
        due = slice(edge + round(0.8 * period), edge + round(1.2 * period) + 1)
        next_steps = -np.sign(step[edge]) * step[due]
        between = np.abs(step[edge + blur : due.start])
        if not next_steps.size or next_steps.max() < size / 2 or (between >= size / 2).any():
            break
        edge = due.start + int(next_steps.argmax())
    plateau = np.abs(step[edge + blur : edge + round(period)]) >= size / 2
    end = edge + blur + int(plateau.argmax()) if plateau.any() else edge + round(period)
    return min(end, step.size)
