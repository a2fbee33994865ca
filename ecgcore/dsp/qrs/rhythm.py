"""Of all ways to call candidates beats, the likeliest: evidence and RR intervals together.

Each candidate brings log odds; each RR interval of a sequence brings the logarithm of how much
likelier it is between two beats than between a beat and any candidate. Intervals are taken to be
log-normal around the neighbourhood's usual one, as narrow as those beats' own scatter, with a
broad share for ectopic beats and pauses. The best sequence is found by dynamic programming
(Viterbi) over at most LOOK_BACK candidates back; where intervals are irregular, as in atrial
fibrillation, the prior is flat and evidence decides alone.

The recording is cut into overlapping groups of candidates. Those that leave a choice are worked on
side by side, so that the loop runs over the places in a group and not over the beats of a day.
"""

from typing import Final

import numpy as np
from scipy.ndimage import median_filter

from ecgcore.schema import BoolArray, DoubleArray, FloatArray, IntArray

REFRACTORY: Final = 13  # samples at 64 Hz, 0.2 s (Pan and Tompkins 1985)
LOOK_BACK: Final = 10  # candidates
WEIGHT: Final = 0.5  # of the rhythm against the evidence
SCATTER: Final = (0.06, 0.4)  # the narrowest and the widest of usual intervals, as logarithms
ECTOPIC: Final = (0.15, 0.5)  # share and width of the broad part
CROWDED: Final = 2.0 / 64  # candidates a sample, against which an interval is judged
COMMON: Final = -0.44  # log odds of a candidate of which nothing is known
RARE: Final = 1e-4  # likelihood ratio of an interval that fits nothing
SURE: Final = 6.0  # log odds, of either sign, that no rhythm outweighs
USUAL_BEATS: Final = 11  # intervals over which the usual one is a median
UNKNOWN: Final = (51.0, 0.35)  # 0.8 s, and its scatter, of a recording with hardly a beat
_CORE, _MARGIN = 48, 16  # candidates of a group that it decides, and those to either side
_NEVER: Final = -1e9


def usual_rhythm(position: IntArray, beats: IntArray) -> tuple[DoubleArray, DoubleArray]:
    """Return the usual RR interval (c,), samples, and its scatter (c,) at each candidate.

    ``position`` (c,) and ``beats`` (b,) are samples; the beats are a first opinion.
    """
    if beats.size < 4:
        return np.full(position.size, UNKNOWN[0]), np.full(position.size, UNKNOWN[1])
    interval = np.log(np.diff(beats).astype(np.float64))
    usual = median_filter(interval, USUAL_BEATS, mode="nearest")
    scatter = 1.48 * median_filter(np.abs(interval - usual), USUAL_BEATS, mode="nearest")
    nearest = np.clip(np.searchsorted(beats, position) - 1, 0, usual.size - 1)
    return np.exp(usual)[nearest], scatter[nearest]


def likeliest(position: IntArray, log_odds: FloatArray, beats: IntArray) -> IntArray:
    """Return the candidates (indices, ascending) of the likeliest sequence of beats.

    ``position`` (c,), ascending samples at 64 Hz; ``log_odds`` (c,) of each being a beat;
    ``beats`` (b,), samples: a first opinion, for the usual rhythm.
    """
    count = position.size
    if not count:
        return np.zeros(0, dtype=np.int64)
    groups = -(-count // _CORE)
    places = _CORE + 2 * _MARGIN
    index = np.arange(groups)[:, None] * _CORE + np.arange(places) - _MARGIN  # (groups, places)
    doubtful = _doubtful(position, log_odds, index)
    index = index[doubtful]
    surely = log_odds > 0
    surely[index[:, _MARGIN : _MARGIN + _CORE].ravel().clip(0, count - 1)] = False
    return np.sort(
        np.concatenate((np.flatnonzero(surely), _of_groups(position, log_odds, beats, index)))
    )


def _doubtful(position: IntArray, log_odds: FloatArray, index: IntArray) -> BoolArray:
    """Return which groups (g,) hold a choice: elsewhere no rhythm outweighs the evidence."""
    open_question = np.abs(log_odds) < SURE
    sure = np.flatnonzero(log_odds > 0)
    crowded = sure[1:][np.diff(position[sure]) < REFRACTORY]
    open_question[crowded] = True
    before = np.concatenate(([0], np.cumsum(open_question)))
    first = np.clip(index[:, 0], 0, position.size)
    stop = np.clip(index[:, -1] + 1, 0, position.size)
    doubtful: BoolArray = before[stop] > before[first]
    return doubtful


def _of_groups(
    position: IntArray, log_odds: FloatArray, beats: IntArray, index: IntArray
) -> IntArray:
    """Return the likeliest candidates of the groups in ``index`` (groups, places)."""
    groups, places = index.shape
    if not groups:
        return np.zeros(0, dtype=np.int64)
    index = np.ascontiguousarray(index.T)  # (places, groups)
    there = (index >= 0) & (index < position.size)
    inside = np.clip(index, 0, position.size - 1)
    gain = np.where(there, (log_odds - COMMON)[inside], _NEVER)
    step = _steps(position, inside, *usual_rhythm(position, beats))
    # The first candidates of a group, and of a recording, may begin a sequence.
    may_begin = (index < LOOK_BACK) | (np.arange(places)[:, None] < LOOK_BACK)
    begun = np.where(may_begin, 0.0, _NEVER)

    best = np.full((places + LOOK_BACK, groups), _NEVER)  # ends here; rows before the first: none
    leap = np.full((places, groups), _NEVER)  # from sequences that ended longer ago than LOOK_BACK
    highest = np.full(groups, _NEVER)
    for place in range(places):
        # Reached from 1 … LOOK_BACK places before, from longer ago, or begun here.
        value = np.maximum.reduce(best[place : place + LOOK_BACK] + step[:, place], axis=0)
        if place > LOOK_BACK:
            np.maximum(highest, best[place - 1], out=highest)
        np.add(highest, WEIGHT * np.log(RARE), out=leap[place])
        np.maximum(value, leap[place], out=value)
        np.maximum(value, begun[place], out=value)
        np.add(gain[place], value, out=best[place + LOOK_BACK])
    came = _origins(best, step, leap, begun)
    own = slice(_MARGIN, _MARGIN + _CORE)
    taken = _back(best[LOOK_BACK:], came, there)[own] & there[own]
    beats_of_groups: IntArray = index[own].T[taken.T]
    return beats_of_groups


def _steps(
    position: IntArray, inside: IntArray, usual: DoubleArray, scatter: DoubleArray
) -> DoubleArray:
    """Return what the interval from each of the LOOK_BACK candidates before brings.

    ``inside`` (…) are candidates, the result is (LOOK_BACK, …), the farthest first. Each candidate
    is worked on once, in how many groups it may stand, in single precision: it is far finer than
    what is known of a rhythm.
    """
    wanted = np.zeros(position.size, dtype=np.bool_)
    wanted[inside] = True
    some = np.flatnonzero(wanted)
    before = np.concatenate((np.full(LOOK_BACK, -(1 << 40)), position))
    interval = position[some] - before[some + np.arange(LOOK_BACK)[:, None]]
    far = np.log(np.maximum(interval, 1).astype(np.float32))
    shorter = far - np.log(usual[some]).astype(np.float32)
    width: FloatArray = np.clip(scatter[some], *SCATTER).astype(np.float32)
    share, broad = ECTOPIC
    density = _bell(shorter, np.float32(1) / width)
    density *= np.float32(1 - share) / width
    density += _bell(shorter, np.float32(1 / broad)) * np.float32(share / broad)
    density /= np.float32(np.sqrt(2 * np.pi) * CROWDED) * np.exp(far)
    density += np.float32(RARE)
    gain = np.log(density, out=density).astype(np.float64)
    gain *= WEIGHT
    gain[interval < REFRACTORY] = _NEVER
    return gain[:, (np.cumsum(wanted) - 1)[inside]]


def _bell(x: FloatArray, inverse_width: FloatArray | np.float32) -> FloatArray:
    """Return exp(−(x / width)² / 2)."""
    bell: FloatArray = x * inverse_width
    bell *= bell
    bell *= np.float32(-0.5)
    return np.exp(bell, out=bell)


def _origins(
    best: DoubleArray, step: DoubleArray, leap: DoubleArray, begun: DoubleArray
) -> IntArray:
    """Return the place (places, groups) that the best sequence to each one came from; −1: none.

    Where several are as good, the farthest one.
    """
    places = leap.shape[0]
    value = best[:places] + step[0]
    nearer = np.zeros(value.shape, dtype=np.int8)  # than the farthest, by so many candidates
    for place in range(1, LOOK_BACK):
        reached = best[place : place + places] + step[place]
        np.copyto(nearer, place, where=reached > value)
        np.maximum(value, reached, out=value)
    came = nearer + (np.arange(places)[:, None] - LOOK_BACK)
    for place, group in zip(*np.nonzero(leap > value), strict=True):
        ended = best[LOOK_BACK:place, group]
        longest = int(ended.argmax()) if ended.size else 0
        came[place, group] = longest if ended.size and ended[longest] > _NEVER else -1
        value[place, group] = leap[place, group]
    came[begun > value] = -1
    return came


def _back(best: DoubleArray, came: IntArray, there: BoolArray) -> BoolArray:
    """Follow each group's best sequence back; return which places (places, groups) it has."""
    places, groups = best.shape
    # It ends within reach of the group's last candidate.
    last = there.sum(axis=0) + np.argmax(there, axis=0) - 1
    place = np.arange(places)[:, None]
    near_end = (place <= last) & (place > last - LOOK_BACK)
    at = np.where(near_end, best, 2 * _NEVER).argmax(axis=0) * groups + np.arange(groups)
    # Places and groups as one number; whatever comes from nowhere goes to the one after the last.
    nowhere = places * groups
    origin = np.where(came < 0, nowhere, came * groups + np.arange(groups)).ravel()
    origin = np.append(origin, nowhere)
    taken = np.zeros(nowhere + 1, dtype=np.bool_)
    for step in range(places):
        taken[at] = True
        at = origin[at]
        if step % 8 == 7 and (at == nowhere).all():
            break
    return taken[:nowhere].reshape(places, groups)
