"""What the recording's own beats look like, and how alike each candidate is.

A detector that has never seen a heart learns it from the beats it is surest of: the
wavelet's responses around them are grouped into three shapes (ordinary beats, ectopic ones, paced
ones; which is which doesn't matter), and every candidate is compared with those.
"""

from typing import Final

import numpy as np

from ecgcore.dsp.qrs.around import around
from ecgcore.dsp.qrs.front import Front
from ecgcore.schema import BoolArray, DoubleArray, FloatArray, IntArray

SHAPES: Final = 3
SURE: Final = 3.0  # log odds from which a beat may teach
FEWEST: Final = 8  # beats that teach; with fewer nothing is compared
MOST: Final = 600  # beats that teach; more are thinned out
ROUNDS: Final = 6  # of k-means
UNLIKE: Final = 0.03  # of the beats, by which the next shape begins: not the very oddest
COMMON: Final = 0.02  # share of the beats from which a shape counts as common
REACH: Final = 8  # samples to either side of a candidate, 0.125 s …
EVERY: Final = 2  # … of which every other is compared
SLACK: Final = 1  # samples by which a candidate may be off
COLUMNS: Final = 7


def likeness(stage: Front, log_odds: FloatArray, beats: IntArray, wanted: IntArray) -> FloatArray:
    """Return what a second look adds to the context of candidates ``wanted`` (k,), (k, COLUMNS).

    ``log_odds`` (c,) are the first look's and ``beats`` (b,) the candidates it takes for QRS
    complexes. Columns: those log odds; likeness (cosine) to the commonest shape, to the common
    ones, to any; how common the most alike one is; the height against those beats' own; how sure
    they are.
    """
    added = np.zeros((wanted.size, COLUMNS), dtype=np.float32)
    added[:, 0] = log_odds[wanted] / 5
    teachers = beats[log_odds[beats] > SURE]
    if teachers.size < FEWEST:
        return added
    few = _responses(stage, teachers[:: -(-teachers.size // MOST)])[:, :, _TAKEN[SLACK]]
    few = few.reshape(few.shape[0], -1)
    shapes, share = _shapes(few / _length(few))
    alike = _alike(_responses(stage, wanted), shapes)
    common = share > COMMON
    added[:, 1] = alike[:, 0]
    added[:, 2] = (alike[:, common] if common.any() else alike).max(axis=1)
    added[:, 3] = alike.max(axis=1)
    added[:, 4] = np.log(share[alike.argmax(axis=1)] + 0.01)
    added[:, 5] = np.log(stage.height[wanted]) - np.log(np.median(stage.height[teachers]))
    added[:, 6] = log_odds[teachers].mean()
    np.clip(added[:, 5:], -4, 25, out=added[:, 5:])
    return added


def _responses(stage: Front, candidates: IntArray) -> FloatArray:
    """Return the wavelet's responses around candidates (k, 2, width), even and odd part."""
    found = around(stage.wave, stage.position[candidates], REACH + SLACK)
    return found.transpose(0, 2, 1)


def _taken() -> BoolArray:
    """Return which samples (shifts, width) are compared, shifted by −SLACK … SLACK."""
    taken = np.zeros((2 * SLACK + 1, 2 * (REACH + SLACK) + 1), dtype=np.bool_)
    for shift in range(2 * SLACK + 1):
        taken[shift, shift : shift + 2 * REACH + 1 : EVERY] = True
    return taken


_TAKEN: Final = _taken()


def _alike(response: FloatArray, shapes: FloatArray) -> FloatArray:
    """Return the cosine (c, shapes) with each shape, the best within SLACK samples."""
    count, parts, width = response.shape
    flat = response.reshape(count, -1)
    laid = np.zeros((len(_TAKEN), shapes.shape[0], parts, width), dtype=np.float32)
    for shift, taken in enumerate(_TAKEN):
        laid[shift][:, :, taken] = shapes.reshape(shapes.shape[0], parts, -1)
    cosine = (flat @ laid.reshape(-1, parts * width).T).reshape(count, len(_TAKEN), -1)
    energy = (flat * flat) @ np.tile(_TAKEN, parts).astype(np.float32).T
    cosine /= (np.sqrt(energy) + np.finfo(np.float32).tiny)[:, :, None]
    best: FloatArray = np.maximum(cosine.max(axis=1), np.float32(-1))
    return best


def _shapes(unit: FloatArray) -> tuple[FloatArray, DoubleArray]:
    """Return SHAPES mean responses, the commonest first, and the share of beats of each."""
    shapes = unit.mean(axis=0, keepdims=True)
    shapes /= _length(shapes)
    for _ in range(SHAPES - 1):
        fit = (unit @ shapes.T).max(axis=1)
        odd = unit[np.argsort(fit)[int(UNLIKE * fit.size)]]
        shapes = np.concatenate((shapes, odd[None]))
    for _ in range(ROUNDS):
        member = np.eye(SHAPES, dtype=np.float32)[(unit @ shapes.T).argmax(axis=1)]
        total = member.T @ unit
        shapes = np.where(member.sum(axis=0)[:, None] > 0, total / _length(total), shapes)
    count = np.bincount((unit @ shapes.T).argmax(axis=1), minlength=SHAPES)
    order = np.argsort(-count, kind="stable")
    return shapes[order], count[order] / count.sum()


def _length(x: FloatArray) -> FloatArray:
    length: FloatArray = np.sqrt((x * x).sum(axis=1, keepdims=True)) + np.finfo(np.float32).tiny
    return length
