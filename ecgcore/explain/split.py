"""Morphology or rhythm: what of a decision came from the waveform, what from each RR feature.

Source: Shapley, "A value for n-person games", 1953, as Lundberg and Lee (NIPS 2017) use it, with
few players so that it is exact: the beat's waveform, its neighbours' where the network sees them,
and each RR feature. A player out of the game has its value in the reference (``reference_of``: the
record's median beat, RR at the training beats' mean); a player's part is what its entering changes
in the score, averaged over all orders. The parts add up to the score minus the reference's.

The players are not independent in a heart: several RR features share one interval, and most of
their combinations never occur. The parts tell what the network does with what it is given.
"""

from dataclasses import dataclass
from itertools import product
from math import comb
from typing import Final, Literal

import torch
from torch import Tensor

from ecgcore.errors import EcgError
from ecgcore.explain.attribution import Reference, check_ready
from ecgcore.explain.reference import other_channels, own_channels, reference_of
from ecgcore.features.channels import RR_CHANNELS
from ecgcore.features.inputs import BeatInputs, InputSpec
from ecgcore.features.rr import RR_FEATURES
from ecgcore.features.what_if import hears_rhythm
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.models.meta import check_class
from ecgcore.models.network import Network

Kind = Literal["morphology", "rhythm"]

MOST: Final = 14  # players: 16,384 combinations


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one player brought."""

    name: str
    kind: Kind
    logits: float  # above zero: it spoke for the target
    value: float = float("nan")  # the RR feature here, in ``unit``
    usual: float = float("nan")  # and in the reference
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Split:
    """One beat's decision: ``start`` plus all parts is ``score``."""

    target: str
    start: float  # logit of the reference
    score: float  # logit of the beat
    parts: tuple[Part, ...]
    reference: str

    def total(self, kind: Kind) -> float:
        """Return what the parts of one kind brought together, logits."""
        return sum(part.logits for part in self.parts if part.kind == kind)


def why_no_split(spec: InputSpec) -> str:
    """Return why a network's decisions have no rhythm to split off; empty where they have."""
    if hears_rhythm(spec.rr, spec.channels):
        return ""
    return "This network is given no RR intervals: all it says comes from the waveform."


def split_decision(
    checkpoint: Checkpoint, inputs: BeatInputs, beat: int, target: str | None = None
) -> Split:
    """Return how the score of ``target`` (default: the predicted class) is made up in one beat.

    Raises EcgError for a network without RR intervals and CheckpointError for an unknown class.
    """
    spec, classes = inputs.spec, checkpoint.meta.classes
    if reason := why_no_split(spec):
        raise EcgError(reason)
    x = torch.from_numpy(inputs.take(slice(beat, beat + 1)))
    rr = torch.from_numpy(inputs.rr[beat : beat + 1])
    if target is None:
        with torch.no_grad():
            target = classes[int(checkpoint.network(x, rr).argmax())]
    check_class(checkpoint.name, classes, target)
    reference = reference_of(checkpoint, inputs)
    others = other_channels(spec)
    groups = (own_channels(spec), *((k,) for k, _ in others))
    number = torch.tensor([classes.index(target)])
    found, start, score = shapley(checkpoint.network, x, rr, number, reference, groups)
    logits = found[0].tolist()
    parts = [Part(name="the beat's waveform", kind="morphology", logits=logits[0])]
    for (k, word), brought in zip(others, logits[1 : len(groups)], strict=True):
        early = spec.channels[k] in RR_CHANNELS
        parts.append(
            Part(
                name=word,
                kind="rhythm" if early else "morphology",
                logits=brought,
                value=float(x[0, k, 0]) if early else float("nan"),
                usual=float(reference.x[0, k, 0]) if early else float("nan"),
            )
        )
    for k, name in enumerate(spec.rr):
        parts.append(
            Part(
                name=RR_FEATURES[name].label,
                kind="rhythm",
                logits=logits[len(groups) + k],
                value=float(rr[0, k]),
                usual=float(reference.rr[0, k]),
                unit=RR_FEATURES[name].unit,
            )
        )
    return Split(
        target=target,
        start=float(start[0]),
        score=float(score[0]),
        parts=tuple(parts),
        reference=reference.words,
    )


def shapley(
    network: Network,
    x: Tensor,
    rr: Tensor,
    target: Tensor,
    reference: Reference,
    groups: tuple[tuple[int, ...], ...],
) -> tuple[Tensor, Tensor, Tensor]:
    """Return each player's Shapley value (B, G + R), and the reference's and the beats' scores.

    Players: the G ``groups`` of channels of ``x`` (B, C, …), then the R columns of ``rr`` (B, R).
    Features are computed once for each combination of the groups, only the head for each of all.
    Raises EcgError with more than 14 players, ValueError for a network in training mode.
    """
    check_ready(network)
    many, away = len(groups) + rr.shape[1], reference.like(x, rr)
    if many > MOST:
        raise EcgError(f"{many} parts are too many to split exactly; {MOST} is the most.")
    rhythm = _bits(rr.shape[1]).bool()  # (2^R, R)
    worth = []
    with torch.no_grad():
        for inside in product((False, True), repeat=len(groups)):
            there = torch.zeros(x.shape[1], dtype=torch.bool)
            for group, is_in in zip(groups, inside, strict=True):
                there[list(group)] = is_in
            mixed = torch.where(there.view(-1, *[1] * (x.ndim - 2)), x, away.x)
            features = network.features(mixed)
            worth.append(
                torch.stack(
                    [
                        _heads(network, features[b], rr[b], away.rr[b], rhythm, target[b])
                        for b in range(len(x))
                    ]
                )
            )
    value = torch.cat(worth, dim=1).double()  # (B, 2^n), the first player's bit is the highest
    return _values(value, many).to(x), value[:, 0].to(x), value[:, -1].to(x)


def _heads(
    network: Network, features: Tensor, rr: Tensor, usual: Tensor, rhythm: Tensor, target: Tensor
) -> Tensor:
    """Return one beat's score with each combination of RR features (2^R,)."""
    mixed = torch.where(rhythm, rr, usual)
    same = features[None].expand(len(mixed), *features.shape)
    return network.head(same, mixed)[:, target]


def _values(value: Tensor, players: int) -> Tensor:
    """Return Shapley values (B, n) from the worth of every combination (B, 2^n)."""
    combination = torch.arange(2**players)
    bits = _bits(players)
    size = bits.sum(dim=1)
    found = []
    for player in range(players):
        without = combination[bits[:, player] == 0]
        bit = 1 << (players - 1 - player)
        weight = torch.tensor(
            [1 / (players * comb(players - 1, int(k))) for k in size[without]], dtype=value.dtype
        )
        found.append((value[:, without + bit] - value[:, without]) @ weight)
    return torch.stack(found, dim=1)


def _bits(players: int) -> Tensor:
    """Return every combination of players, 0 or 1 (2^n, n); the first one's bit is the highest."""
    return (torch.arange(2**players)[:, None] >> torch.arange(players - 1, -1, -1)) & 1
