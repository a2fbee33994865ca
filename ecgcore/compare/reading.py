"""One sentence that says where a wrong beat is like the class it was taken for.

Rules of our own over ``difference``, wave by wave, the two that differ most; nothing is learnt and
the network is not asked: it tells what an eye could see, such as "Early by 35 % and without the P
wave of N, as in S." A reader must judge whether that is what the network went by; the map beside
it is what the network says itself.
"""

from typing import Final

import numpy as np

from ecgcore.clusters.waves import WAVES
from ecgcore.compare.aligned import AXIS, STEP_S, smooth
from ecgcore.compare.difference import Difference
from ecgcore.schema import BoolArray, DoubleArray

_MOST: Final = 2  # waves that are told …
_SHARE: Final = 0.25  # … if they differ at least so much as the one that differs most
_LEAST_P: Final = 0.04  # mV, of a P wave that is one
_RHYTHM: Final = 0.08  # of the ratio's logarithm: how much nearer it must be
_FLAT: Final = 0.5
_WAVE: Final = 0.4  # of the larger: a smaller bump is no wave that could be turned over
_BROAD: Final = 1.2
_TALL: Final = 0.15

_RHYTHMS: Final = ("early", "late", "in time")
AFTER_T: Final = "after the T wave"
LAST_T: Final = "the T wave before"
BEFORE_P: Final = "before the P wave"
NEXT_P: Final = "just before the next QRS complex"  # where the next beat's P wave and PR are


def reading(found: Difference, *, rhythm: bool) -> str:
    """Return the sentence. ``rhythm``: whether the network is told of RR intervals."""
    told = [_rhythm(found)] if rhythm else []
    told = [part for part in told if part]
    if not (told and found.slight):  # beside a reason in the rhythm slight ones say nothing
        told += _shape(found)
    true, label = found.true.label, found.predicted.label
    if not told:
        return (
            f"Neither waveform nor rhythm is clearly nearer to {label} than to {true}: what the "
            "network saw differ is not seen by these rules."
        )
    if found.slight and not told[0].startswith(_RHYTHMS):  # then nothing else was found
        told[0] = f"only slightly: {told[0]}"
    text = told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
    return f"{text[0].upper()}{text[1:]}, as in {label}."


def regions(found: Difference) -> tuple[tuple[str, float], ...]:
    """Return the waves that are marked, with how much, the most first."""
    weight: dict[str, float] = {}
    for k in np.flatnonzero(found.marked):
        wave: str = WAVES[int(found.wave[k])]
        if wave == "baseline":
            wave = AFTER_T if AXIS[k] >= 0 else BEFORE_P
        elif wave in ("ST", "T") and AXIS[k] < 0:
            wave = LAST_T
        elif wave in ("P", "PR") and AXIS[k] > 0:
            wave = NEXT_P
        weight[wave] = weight.get(wave, 0.0) + float(found.closer[k]) * STEP_S
    return tuple(sorted(weight.items(), key=lambda item: -item[1]))


def _rhythm(found: Difference) -> str:
    ratio, own, other = found.ratio, found.true.ratio, found.predicted.ratio
    if not all(np.isfinite(value) and value > 0 for value in (ratio, own, other)):
        return ""
    gain = abs(np.log(ratio / own)) - abs(np.log(ratio / other))
    if gain < _RHYTHM:
        return ""
    if ratio < 0.95:
        return f"early by {100 * (1 - ratio):.0f} %"
    if ratio > 1.05:
        return f"late by {100 * (ratio - 1):.0f} %"
    return f"in time, unlike {found.true.label} here"


def _shape(found: Difference) -> list[str]:
    told = []
    there = regions(found)
    for name, weight in there[:_MOST]:
        if weight < _SHARE * there[0][1]:
            break
        inside = _points(found, name)
        if inside.sum() >= 3:
            told.append(_words(found, name, inside))
    return told


def _points(found: Difference, name: str) -> BoolArray:
    """Return the points of a wave around this beat; of P and PR those before R, of T after it."""
    wave = "baseline" if name in (AFTER_T, BEFORE_P) else name
    here: BoolArray = np.array([WAVES[int(k)] == wave for k in found.wave], dtype=np.bool_)
    if name == LAST_T:
        here = np.array([WAVES[int(k)] in ("ST", "T") for k in found.wave], dtype=np.bool_)
    if name == NEXT_P:
        here = np.array([WAVES[int(k)] in ("P", "PR") for k in found.wave], dtype=np.bool_)
    if name in (BEFORE_P, LAST_T, "P", "PR"):
        here &= AXIS < 0
    elif name != "QRS":
        here &= AXIS > 0
    return here


def _words(found: Difference, name: str, inside: BoolArray) -> str:
    x, own, other = (
        smooth(y)[inside] for y in (found.wrong, found.true.median, found.predicted.median)
    )
    at = AXIS[inside]
    seen = found.marked[inside]  # what is shaded, where the wave is not the whole of it
    apart = (x - own)[seen] if seen.any() else x - own
    higher = "higher" if np.nanmean(apart) > 0 else "lower"
    if name == "P":
        return _p_wave(found, x, own, other, higher)
    if name == "QRS":
        return _qrs(found, x, own, other, at)
    if name == "T":
        return _t_wave(x, own, other, higher)
    if name == AFTER_T:
        flat = np.ptp(x) < _FLAT * np.ptp(own) and np.ptp(other) < 0.75 * np.ptp(own)
        return f"flat {AFTER_T}" if flat else f"{higher} {AFTER_T}"
    if name == "ST":
        return f"with a {higher} ST segment"
    if name == LAST_T:
        return "on the T wave of the beat before"
    if name == NEXT_P:
        return f"{higher} {NEXT_P}"
    if name == "PR":
        return f"{higher} between P and QRS"
    return f"{higher} {BEFORE_P}"


def _p_wave(
    found: Difference, x: DoubleArray, own: DoubleArray, other: DoubleArray, higher: str
) -> str:
    bumps = [_bump(y) for y in (x, own, other)]
    least = _LEAST_P if found.unit == "mV" else 0.02 * float(np.nanmax(np.abs(found.wrong)))
    if bumps[1] > least and bumps[0] < 0.5 * bumps[1] and bumps[2] < 0.7 * bumps[1]:
        return f"without the P wave of {found.true.label}"
    if bumps[0] > least and bumps[1] < 0.5 * bumps[0] and bumps[2] > 0.5 * bumps[0]:
        return f"with a P wave that {found.true.label} has not"
    return f"{higher} where the P wave is"


def _qrs(
    found: Difference, x: DoubleArray, own: DoubleArray, other: DoubleArray, at: DoubleArray
) -> str:
    near = np.abs(AXIS) < 0.12
    wide = [
        _width(smooth(y, 3)[near]) for y in (found.wrong, found.true.median, found.predicted.median)
    ]
    if wide[0] > _BROAD * wide[1] and wide[2] > _BROAD * wide[1]:
        return "with a broader QRS complex"
    if _BROAD * wide[0] < wide[1] and _BROAD * wide[2] < wide[1]:
        return "with a narrower QRS complex"
    scale = max(float(np.ptp(own)), 1e-6)
    for side, what in ((np.nanmax, "R wave"), (np.nanmin, "Q or S wave")):
        mine, usual, wanted = float(side(x)), float(side(own)), float(side(other))
        apart = mine - usual
        if abs(apart) > _TALL * scale and abs(mine - wanted) < abs(apart):
            more = apart > 0 if what == "R wave" else apart < 0
            words = ("taller", "smaller") if what == "R wave" else ("deeper", "shallower")
            return f"with a {words[0] if more else words[1]} {what}"
    when = "before" if float(at[np.nanargmax(np.abs(x - own))]) < 0 else "after"
    return f"with another slope of the QRS complex {when} R"


def _t_wave(x: DoubleArray, own: DoubleArray, other: DoubleArray, higher: str) -> str:
    bumps = [_bump(y, signed=True) for y in (x, own, other)]
    mine, usual, wanted = map(abs, bumps)
    turned = bumps[0] * bumps[1] < 0 < bumps[0] * bumps[2]
    if turned and min(mine, usual) > _WAVE * max(mine, usual):
        return "with a T wave the other way up"
    if mine < 0.7 * usual and wanted < 0.85 * usual:
        return "with a flatter T wave"
    if mine > usual / 0.7 and wanted > usual / 0.85:
        return "with a larger T wave"
    return f"{higher} in the T wave"


def _bump(y: DoubleArray, *, signed: bool = False) -> float:
    """Return how far a wave stands out above (or below, ``signed``) the line between its ends.

    0 where less than three points of it are known, as at a recording's end.
    """
    y = y[np.isfinite(y)]
    if y.size < 3:
        return 0.0
    line = np.linspace(y[0], y[-1], y.size)
    out = y - line
    if not signed:
        return float(out.max())
    return float(out[np.abs(out).argmax()])


def _width(y: DoubleArray) -> float:
    """Return for how long a QRS complex is beyond a third of its largest deflection, s."""
    size = np.abs(y - np.nanmedian(y))
    return float((size > np.nanmax(size) / 3).sum()) * STEP_S
