"""The pieces that a beat is deleted in, and the orders in which they go.

A waveform has ``PIECES`` equal stretches of time (of the 0.86 s of most networks here: 27 ms each),
a picture as many tiles along each axis as named there. Pieces, not single points: points chosen
here and there leave steep edges everywhere, which no network has seen, so that any scattered order
would seem to destroy more than one that takes a wave as a whole.

A piece is deleted by putting the beat's own channels back to the reference there
(``explain.reference_of``: the record's ordinary beat, which is zero for networks that see the
difference from it; an even input for people). So "deleted" means "made ordinary".
"""

from typing import Final

import torch
from torch import Tensor

from ecgcore.explain.lime import segments
from ecgcore.explain.registry import explainer
from ecgcore.faithfulness.cases import Cases

PIECES: Final = {1: (32,), 2: (8, 8)}  # of time; of frequency (or amplitude) and time
RANDOM: Final = 20  # random orders: ten, each beside its reverse


def pieces_of(size: tuple[int, ...]) -> Tensor:
    """Return the index of the piece of each point of an input's last axes."""
    return segments(size, PIECES[len(size)])


def per_piece(value: Tensor, piece: Tensor) -> Tensor:
    """Return the mean of a map (B, …) over each piece (B, P)."""
    count = int(piece.max()) + 1
    flat, index = value.flatten(1), piece.flatten()
    total = torch.zeros(len(value), count, dtype=value.dtype).index_add_(1, index, flat)
    return total / torch.bincount(index, minlength=count).to(value)


def importance(method: str, values: Tensor) -> Tensor:
    """Return how much a map (B, …) says that each place matters: what an order goes by.

    The value itself, so that what spoke against the target goes last; the size where a method
    tells of slopes, whose sign is a direction (``ExplainerEntry.slope``).
    """
    return values.abs() if explainer(method).slope else values


def ranked(value: Tensor, seed: int = 0) -> Tensor:
    """Return the order of pieces (B, P) by ``value`` (B, P), largest first.

    Equal values stand in random order: by place, every map with an empty half would delete from
    the beat's beginning.
    """
    shuffled = torch.randperm(value.shape[1], generator=torch.Generator().manual_seed(seed))
    return shuffled[value[:, shuffled].argsort(dim=1, descending=True, stable=True)]


def energy(cases: Cases, piece: Tensor) -> Tensor:
    """Return each piece's mean square distance from what it would be put back to (B, P)."""
    away = (cases.x - cases.ordinary)[:, list(cases.own)]
    return per_piece((away**2).mean(dim=1), piece)


def random_orders(beats: int, pieces: int, seed: int = 0, orders: int = RANDOM) -> Tensor:
    """Return random orders (B, orders, P): the second half are the first half's reverses."""
    generator = torch.Generator().manual_seed(seed)
    half = torch.rand(beats, orders // 2, pieces, generator=generator).argsort(dim=2)
    return torch.cat([half, half.flip(2)], dim=1)
