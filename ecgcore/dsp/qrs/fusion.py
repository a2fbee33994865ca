"""``beatlens`` on two leads at once: the evidence of both, each as far as it can be trusted.

Electrode motion seldom spoils two leads alike. Each lead names its own candidates and how sure it
is; what both see within 94 ms is one candidate, whose log odds are the sum of either lead's, each
weighted by how decided that lead is in the seconds around. A trusted lead that sees nothing where
the other one does is evidence against. The rhythm is then chosen once.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from ecgcore.dsp.qrs.detector import Heard, chosen, distinct, listen
from ecgcore.dsp.qrs.front import NEAREST, RATE
from ecgcore.dsp.qrs.thinning import strongest
from ecgcore.schema import DoubleArray, IntArray

TRUST_SECONDS: Final = 9
NOT_SEEN: Final = -4.0  # log odds of a candidate that a fully trusted lead doesn't see


def beatlens_fused(
    first: NDArray[np.floating], second: NDArray[np.floating], fs: float
) -> IntArray:
    """Return the R-peaks (b,) of two leads (n,), mV, of one recording at ``fs`` Hz.

    R-peaks are placed in the first lead wherever that one believes in the beat. A lead without
    any signal is as if it weren't there. Raises SignalError as ``beatlens`` does.
    """
    a, b = listen(first, fs), listen(second, fs)
    if not a.position.size or not b.position.size:
        heard = b if not a.position.size else a
        return distinct(heard.peak[chosen(heard.position, heard.log_odds)])
    seconds = int(max(a.position[-1], b.position[-1])) // RATE + 1
    trust_a, trust_b = _trust(a, seconds), _trust(b, seconds)
    odds = np.concatenate((_together(a, trust_a, b, trust_b), _together(b, trust_b, a, trust_a)))
    position = np.concatenate((a.position, b.position))
    peak = np.concatenate((a.peak, b.peak))
    believed = np.concatenate((a.log_odds > 0, np.zeros(b.position.size, dtype=np.bool_)))
    order = np.argsort(position, kind="stable")
    position, peak, odds, believed = position[order], peak[order], odds[order], believed[order]
    # Where both see it, the first lead's candidate stands for both.
    kept = strongest(position, odds + believed, NEAREST + 1)
    return distinct(peak[kept][chosen(position[kept], odds[kept].astype(np.float32))])


def _trust(heard: Heard, seconds: int) -> DoubleArray:
    """Return how far a lead can be trusted in each second (seconds,): 0 to 1."""
    second = heard.position // RATE
    decided = np.bincount(second, np.tanh(np.abs(heard.log_odds) / 4) ** 2, seconds)
    count = np.bincount(second, minlength=seconds).astype(np.float64)
    around = [uniform_filter1d(one, TRUST_SECONDS, mode="nearest") for one in (decided, count)]
    trust: DoubleArray = np.clip(around[0] / np.maximum(around[1], 1e-9), 0, 1)
    return trust


def _together(
    own: Heard, own_trust: DoubleArray, other: Heard, other_trust: DoubleArray
) -> DoubleArray:
    """Return the log odds (c,) of ``own``'s candidates with what ``other`` says of them."""
    after = np.minimum(np.searchsorted(other.position, own.position), other.position.size - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.abs(other.position[before] - own.position) < np.abs(
        other.position[after] - own.position
    )
    nearest = np.where(nearer, before, after)
    seen = np.abs(other.position[nearest] - own.position) <= NEAREST
    theirs = np.where(seen, other.log_odds[nearest], NOT_SEEN)
    second = own.position // RATE
    return own_trust[second] * own.log_odds + other_trust[second] * theirs
