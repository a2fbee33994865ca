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
from numpy.lib.stride_tricks import sliding_window_view
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
    there = (index >= 0) & (index < position.size)
    inside = np.clip(index, 0, position.size - 1)
    gain = np.where(there, (log_odds - COMMON)[inside], _NEVER).T  # (places, groups)
    usual, scatter = usual_rhythm(position, beats)
    step = _steps(position, inside.T, usual, scatter)  # (places, groups, LOOK_BACK)
    step = np.ascontiguousarray(step.transpose(0, 2, 1))

    best = np.full((places + LOOK_BACK, groups), _NEVER)  # ends here; rows before the first: none
    came = np.full((places, groups), -1, dtype=np.int64)
    highest = np.full(groups, _NEVER)  # of sequences that ended longer ago than LOOK_BACK
    highest_at = np.full(groups, -1, dtype=np.int64)
    column = np.arange(groups)
    for place in range(places):
        # Reached from 1 … LOOK_BACK places before, from longer ago, or begun here.
        reached = best[place : place + LOOK_BACK] + step[place]
        choice = reached.argmax(axis=0)
        value = reached[choice, column]
        origin = choice + place - LOOK_BACK
        gone = place - 1 - LOOK_BACK
        if gone >= 0:
            better = best[gone + LOOK_BACK] > highest
            highest = np.where(better, best[gone + LOOK_BACK], highest)
            highest_at[better] = gone
        leap = highest + WEIGHT * np.log(RARE)
        origin = np.where(leap > value, highest_at, origin)
        value = np.maximum(leap, value)
        # The first candidates of a group, and of a recording, may begin a sequence.
        may_begin = (index[:, place] < LOOK_BACK) | (place < LOOK_BACK)
        begun = np.where(may_begin, 0.0, _NEVER)
        origin = np.where(begun > value, -1, origin)
        best[place + LOOK_BACK] = gain[place] + np.maximum(value, begun)
        came[place] = origin
    return _back(best[LOOK_BACK:], came, index, there)


def _steps(
    position: IntArray, inside: IntArray, usual: DoubleArray, scatter: DoubleArray
) -> DoubleArray:
    """Return what the interval from each of the LOOK_BACK candidates before brings.

    ``inside`` (…) are candidates, the result is (…, LOOK_BACK).
    """
    before = np.concatenate((np.full(LOOK_BACK, -(1 << 40)), position))
    interval = position[inside][..., None] - sliding_window_view(before, LOOK_BACK)[inside]
    width = np.clip(scatter, *SCATTER)[inside][..., None]
    share, broad = ECTOPIC
    far = np.log(np.maximum(interval, 1) / usual[inside][..., None])
    density = (1 - share) / width * np.exp(-((far / width) ** 2) / 2)
    density += share / broad * np.exp(-((far / broad) ** 2) / 2)
    density /= np.sqrt(2 * np.pi) * np.maximum(interval, 1) * CROWDED
    gain: DoubleArray = WEIGHT * np.log(density + RARE)
    gain[interval < REFRACTORY] = _NEVER
    return gain


def _back(best: DoubleArray, came: IntArray, index: IntArray, there: BoolArray) -> IntArray:
    """Follow each group's best sequence back; return what lies in the groups' own parts."""
    places, groups = best.shape
    column = np.arange(groups)
    # It ends within reach of the group's last candidate.
    last = there.sum(axis=1) + np.argmax(there, axis=1) - 1
    place = np.arange(places)[:, None]
    near_end = (place <= last) & (place > last - LOOK_BACK)
    at = np.where(near_end, best, 2 * _NEVER).argmax(axis=0)
    taken = np.zeros((groups, places), dtype=np.bool_)
    for _ in range(places):
        going = at >= 0
        if not going.any():
            break
        taken[column[going], at[going]] = True
        at = np.where(going, came[np.maximum(at, 0), column], -1)
    core = slice(_MARGIN, _MARGIN + _CORE)
    own = taken[:, core] & there[:, core]
    beats: IntArray = index[:, core][own]
    return beats
