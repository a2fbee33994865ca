"""Drawn fusion beats: ventricular beats made weaker, at the time of a normal one.

Nearly all fusion beats of the training recordings are of one person. What a fusion beat is, is
known, though: a mixture of the person's normal and ventricular beat. A ventricular beat's
difference from the median beat times a share is such a mixture, and the RR features of a normal
beat of the same recording say when it comes. Our own construction; every recording with ventricular
beats gives as many.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor

from ecgcore.features.channels import Channel
from ecgcore.schema import FloatArray, IntArray, StrArray

SHARES: Final = (0.25, 0.99)  # of the ventricular beat
_FEWEST: Final = 8  # ventricular beats that a recording must have
_LINEAR: Final[tuple[Channel, ...]] = ("difference", "typical_difference", "ectopic_part")
_BENT: Final[tuple[Channel, ...]] = ("deviation", "typical_deviation")  # asinh(·) / 2
CHANNELS: Final = frozenset((*_LINEAR, *_BENT))


def drawn_fusions(
    ventricular: IntArray,
    normal: IntArray,
    record: StrArray,
    count: int,
    rng: np.random.Generator,
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return of about ``count`` fusions the V beat, the N beat and the V beat's share: (m,) each.

    Parameters: indices of the V and N beats that train; ``record`` (n,) of each beat. As many are
    drawn of each recording that has N beats and eight V beats; none where there is none.
    """
    of_v, of_n = record[ventricular], record[normal]
    sources = [
        name for name in np.unique(of_v) if (of_v == name).sum() >= _FEWEST and (of_n == name).any()
    ]
    each = count // max(len(sources), 1)
    beats = [rng.choice(ventricular[of_v == name], each) for name in sources]
    times = [rng.choice(normal[of_n == name], each) for name in sources]
    none = np.empty(0, dtype=np.int64)
    share = rng.uniform(*SHARES, each * len(sources)).astype(np.float32)
    return np.concatenate([none, *beats]), np.concatenate([none, *times]), share


def weakened(x: Tensor, share: Tensor, channels: Sequence[str]) -> Tensor:
    """Return ``x`` (B, channels, points) as it is when its beats' differences are ``share`` (B,).

    Neighbouring beats' channels stay as they are; so does all of a beat whose share is 1.
    """
    by = share[:, None]
    found = []
    for k, name in enumerate(channels):
        one = x[:, k]
        if name in _LINEAR:
            one = one * by
        elif name in _BENT:
            one = torch.asinh(torch.sinh(2 * one) * by) / 2
        found.append(one)
    return torch.where((share < 1)[:, None, None], torch.stack(found, dim=1), x)
