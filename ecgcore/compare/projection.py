"""A map of beats: the network's embedding in two dimensions.

PCA is a straight look at the cloud along its two widest directions, the same every time, of all
beats. t-SNE (van der Maaten and Hinton, JMLR 9, 2008, with the Barnes–Hut approximation of
scikit-learn) draws neighbours near each other; distances between groups, and how large a group
looks, mean nothing there. It is made of some thousands of beats, in steps, so that one sees how far
it is and may cancel: each step goes on from where the last one ended, the first with the usual
early exaggeration. Both see the embedding standardised as exemplars do (``exemplars.pool``).
"""

from typing import Final, Literal

import numpy as np
from sklearn.manifold import TSNE

from ecgcore.background import Report
from ecgcore.compare.exemplars import Pool
from ecgcore.schema import DoubleArray, FloatArray, IntArray

Kind = Literal["pca", "tsne"]
MOST: Final = {"pca": 3_500, "tsne": 3_000}  # beats that are drawn and sent to the browser
_STEPS: Final = 4
_ITERATIONS: Final = 250  # a step; scikit-learn takes no fewer
_EXAGGERATION: Final = 12.0
_COMPONENTS: Final = 30  # that t-SNE is given: what is beyond them is mostly noise
_SEED: Final = 0


def chosen_beats(beats: Pool, most: int, seed: int = _SEED) -> IntArray:
    """Return which beats of the pool are drawn (k,), ascending: rows, at most ``most``.

    Usable ones whose true class is known. Where there are too many, errors come first, up to
    half of the places, and of the right ones as many of each class as there is room for, so that
    rare classes are not drowned; drawn by ``seed``.
    """
    rng = np.random.default_rng(seed)
    known = np.flatnonzero(beats.usable & (beats.truth >= 0))
    if known.size <= most:
        return known
    wrong = known[beats.truth[known] != beats.label[known]]
    right = known[beats.truth[known] == beats.label[known]]
    if wrong.size > most // 2:
        wrong = rng.choice(wrong, most // 2, replace=False)
    found, room = [wrong], most - wrong.size
    groups = [right[beats.truth[right] == k] for k in range(len(beats.classes))]
    groups = sorted((group for group in groups if group.size), key=len)
    for place, group in enumerate(groups):
        take = min(group.size, room // (len(groups) - place))
        found.append(rng.choice(group, take, replace=False))
        room -= take
    return np.sort(np.concatenate(found)).astype(np.int64)


def principal(embedding: FloatArray, count: int = 2) -> tuple[DoubleArray, DoubleArray]:
    """Return the leading principal components (n, count) and their shares of the variance.

    Signs are fixed so that each axis' largest loading is positive. Fewer dimensions than
    ``count`` leave zeros.
    """
    centred = embedding.astype(np.float64) - embedding.mean(axis=0, dtype=np.float64)
    value, axes = np.linalg.eigh(centred.T @ centred)
    value, axes = value[::-1], axes[:, ::-1]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    found = np.zeros((len(centred), count))
    share = np.zeros(count)
    there = min(count, axes.shape[1])
    found[:, :there] = centred @ axes[:, :there]
    share[:there] = value[:there] / max(float(value.sum()), 1e-12)
    return found, share


def tsne(embedding: FloatArray, report: Report) -> DoubleArray:
    """Return the t-SNE map (n, 2), begun from the principal components.

    Perplexity 30, or a third of the beats where those are few. ``report`` is called before each
    step and may raise. Fewer than 4 beats are returned as their principal components.
    """
    near, _ = principal(embedding, min(_COMPONENTS, embedding.shape[1]))
    found = near[:, :2] if near.shape[1] >= 2 else np.pad(near, ((0, 0), (0, 1)))
    if len(embedding) < 4:
        return found
    found = 1e-4 * found / max(float(found[:, 0].std()), 1e-12)
    rate = max(len(embedding) / _EXAGGERATION / 4, 50.0)
    for step in range(_STEPS):
        report(step / _STEPS, f"step {step + 1} of {_STEPS}")
        work = TSNE(
            perplexity=min(30.0, (len(embedding) - 1) / 3),
            init=found.astype(np.float32),
            early_exaggeration=_EXAGGERATION if step == 0 else 1.0,
            learning_rate=rate,
            max_iter=_ITERATIONS,
            random_state=_SEED,
            n_jobs=1,
        )
        found = work.fit_transform(near.astype(np.float32)).astype(np.float64)
    return found
