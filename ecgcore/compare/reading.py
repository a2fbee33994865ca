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
from ecgcore.dsp.stretches import runs
from ecgcore.schema import BoolArray, DoubleArray

_MOST: Final = 2  # waves that are told …
_SHARE: Final = 0.25  # … if they differ at least so much as the one that differs most
_LEAST_P: Final = 0.04  # mV, of a P wave that is one
_RHYTHM: Final = 0.08  # of the ratio's logarithm: how much nearer it must be
_FLAT: Final = 0.5
_WAVE: Final = 0.4  # of the larger: a smaller bump is no wave that could be turned over
_BROAD: Final = 1.2
_TALL: Final = 0.15
_ENDS_S: Final = 0.02  # earlier or later
_CROSSING_S: Final = 0.012  # that a deflection takes through the level to the other side
_OWN_QRS_S: Final = 0.15  # a QRS complex further from R is a neighbour's

_RHYTHMS: Final = ("early", "late", "in time")
AFTER_T: Final = "after the T wave"
LAST_T: Final = "the T wave of the beat before"  # said with its time: no "R on T" is meant
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
    """Return the points of a wave around this beat.

    Of P and PR those before R, of T those after it, of QRS complexes the one around it.
    """
    wave = "baseline" if name in (AFTER_T, BEFORE_P) else name
    here: BoolArray = np.array([WAVES[int(k)] == wave for k in found.wave], dtype=np.bool_)
    if name == LAST_T:
        here = np.array([WAVES[int(k)] in ("ST", "T") for k in found.wave], dtype=np.bool_)
    if name == NEXT_P:
        here = np.array([WAVES[int(k)] in ("P", "PR") for k in found.wave], dtype=np.bool_)
    if name in (BEFORE_P, LAST_T, "P", "PR"):
        here &= AXIS < 0
    elif name == "QRS":
        here &= np.abs(AXIS) < _OWN_QRS_S
    else:
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
        return _qrs(found, x, own, other, inside)
    if name == "T":
        return _t_wave(x, own, other, higher)
    if name == AFTER_T:
        flat = np.ptp(x) < _FLAT * np.ptp(own) and np.ptp(other) < 0.75 * np.ptp(own)
        return f"flat {AFTER_T}" if flat else f"{higher} {AFTER_T}"
    if name == "ST":
        return f"with a {higher} ST segment"
    if name == LAST_T:
        return f"{higher} in {LAST_T} ({_when(at[seen] if seen.any() else at)})"
    if name == NEXT_P:
        return f"{higher} {NEXT_P}"
    if name == "PR":
        return f"{higher} between P and QRS"
    return f"{higher} {BEFORE_P}"


def _when(at: DoubleArray) -> str:
    """Return a stretch before R in words."""
    first, last = f"{-float(at.min()):.2f}", f"{-float(at.max()):.2f}"
    return f"{first} s before R" if first == last else f"{first} to {last} s before R"


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
    found: Difference, x: DoubleArray, own: DoubleArray, other: DoubleArray, inside: BoolArray
) -> str:
    at = AXIS[inside]
    ends = [
        _ends(smooth(y, 3), inside)
        for y in (found.wrong, found.true.median, found.predicted.median)
    ]
    wide = [last - first for first, last in ends]
    if wide[0] > _BROAD * wide[1] and wide[2] > _BROAD * wide[1]:
        return "with a broader QRS complex"
    if _BROAD * wide[0] < wide[1] and _BROAD * wide[2] < wide[1]:
        return "with a narrower QRS complex"
    mine, usual, wanted = (end for _, end in ends)
    if abs(mine - usual) > _ENDS_S and abs(mine - wanted) < abs(mine - usual) / 2:
        return f"with a QRS complex that ends {'earlier' if mine < usual else 'later'}"
    scale = max(float(np.ptp(own)), 1e-6)
    for side, what in ((np.nanmax, "R wave"), (np.nanmin, "Q or S wave")):
        mine, usual, wanted = float(side(x)), float(side(own)), float(side(other))
        apart = mine - usual
        deepest = int(np.nanargmin(x))  # at the edge it is where an ST segment begins
        if what != "R wave" and not 2 <= deepest < x.size - 2:
            continue
        if abs(apart) > _TALL * scale and abs(mine - wanted) < abs(apart):
            more = apart > 0 if what == "R wave" else apart < 0
            words = ("taller", "smaller") if what == "R wave" else ("deeper", "shallower")
            return f"with a {words[0] if more else words[1]} {what}"
    when = "before" if float(at[np.nanargmax(np.abs(x - own))]) < 0 else "after"
    return f"with another slope of the QRS complex {when} R"


def _t_wave(x: DoubleArray, own: DoubleArray, other: DoubleArray, higher: str) -> str:
    bumps = [_bump(y, signed=True) for y in (x, own, other)]
    mine, usual, wanted = map(abs, bumps)
    # Upright is told by the level too: a wave that climbs has its bump below the line of its ends.
    sides = [_side(y) for y in (x, own, other)]
    turned = bumps[0] * bumps[1] < 0 < bumps[0] * bumps[2] and sides[0] * sides[1] < 0
    if turned and min(mine, usual) > _WAVE * max(mine, usual):
        return "with a T wave the other way up"
    if mine < 0.7 * usual and wanted < 0.85 * usual:
        return "with a flatter T wave"
    if mine > usual / 0.7 and wanted > usual / 0.85:
        return "with a larger T wave"
    return f"{higher} in the T wave"


def _side(y: DoubleArray) -> float:
    """Return how far a wave lies above the level before QRS where it is farthest from it, or below.

    0 where nothing of it is known.
    """
    y = y[np.isfinite(y)]
    return float(y[np.abs(y).argmax()]) if y.size else 0.0


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


def _ends(beat: DoubleArray, inside: BoolArray) -> tuple[float, float]:
    """Return from where to where the largest deflection is beyond a third of its size, s from R.

    ``beat`` (points,) from the level before its QRS complex, as ``compare.aligned`` leaves it;
    ``inside``: which points are the QRS complex'. What lies on the other side of the level belongs
    to it as far as it follows at once, as an S wave an R wave.
    """
    size = np.where(inside & np.isfinite(beat), np.abs(np.nan_to_num(beat)), 0.0)
    beyond = size > size.max() / 3
    for first, stop in runs(~beyond):
        if first > 0 and stop < size.size and (stop - first) * STEP_S <= _CROSSING_S + 1e-9:
            beyond[first:stop] = True
    top = int(size.argmax())
    for first, stop in runs(beyond):
        if first <= top < stop:
            return float(AXIS[first]), float(AXIS[stop - 1]) + STEP_S
    return 0.0, 0.0
