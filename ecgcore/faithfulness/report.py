"""One beat's trust panel: everything that is measured of one map."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from ecgcore.explain.registry import EXPLAINERS, explainer
from ecgcore.faithfulness.cases import Cases, cases_of, maps_of
from ecgcore.faithfulness.curves import Curves, area, deletion_curves, random_curves
from ecgcore.faithfulness.pieces import (
    energy,
    importance,
    per_piece,
    pieces_of,
    random_orders,
    ranked,
)
from ecgcore.faithfulness.randomise import cascade
from ecgcore.faithfulness.ranks import rank_correlation
from ecgcore.faithfulness.siblings import siblings
from ecgcore.faithfulness.stability import stability, variants_of
from ecgcore.features.inputs import BeatInputs
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.models.meta import check_class
from ecgcore.models.network import Network

FLAT: Final = 0.02  # a curve that moves by less has nothing to tell orders apart by


@dataclass(frozen=True, kw_only=True, eq=False)
class TrustReport:
    """What one beat's map was tested by; curves are the target's probability."""

    method: str
    target: str
    reference: str  # what a deleted piece becomes, in words
    map: Curves  # one row each
    energy: Curves
    random: Curves  # (orders, STEPS + 1)
    cascade: tuple[tuple[float, float], ...]  # (share of layers randomised, rank correlation)
    noise: float
    shift: float
    methods: dict[str, float]  # rank correlation with other methods' maps
    seeds: dict[str, float]  # with other seeds' maps; empty where there are none

    @property
    def gain(self) -> float:
        """The map's insertion area less its deletion area."""
        return float(self.map.gain[0])

    @property
    def beaten(self) -> int:
        """How many random orders it does better than."""
        return int((self.random.gain < self.gain - 1e-6).sum())

    @property
    def better_than_energy(self) -> bool:
        """Whether it does better than the order of the beat's own energy, which asks no network."""
        return self.gain > float(self.energy.gain[0]) + 1e-6

    @property
    def flat(self) -> bool:
        """Whether the prediction hardly depends on the waveform, whatever is deleted."""
        every = np.concatenate([self.map.deletion, self.energy.deletion, self.random.deletion])
        return float(np.ptp(every)) < FLAT

    @property
    def even(self) -> bool:
        """Whether the map names no place, as it is the same everywhere: no order to test."""
        return bool(np.isnan(self.noise) and np.isnan(self.shift))

    @property
    def better_than_random(self) -> bool:
        """Whether it does better than all random orders, and not only by rounding."""
        return not self.flat and not self.even and self.beaten == len(self.random.deletion)


def trust_report(
    checkpoint: Checkpoint,
    inputs: BeatInputs,
    beat: int,
    method: str,
    target: str | None = None,
    *,
    seed: int = 0,
) -> TrustReport:
    """Return how one beat's map by ``method`` stands up to all tests.

    Parameters: ``inputs`` of the whole recording, whose reference the beat is put back to;
    ``target``, default the predicted class. Errors as ``explain_input``.
    """
    classes, network = checkpoint.meta.classes, checkpoint.network
    if target:
        check_class(checkpoint.name, classes, target)
    rows = np.array([beat])
    wanted = np.array([classes.index(target)]) if target else None
    cases = cases_of(checkpoint, inputs, rows, wanted)
    piece = pieces_of(tuple(cases.x.shape[2:]))
    whole = maps_of(method, network, cases)
    first = per_piece(importance(method, whole), piece)
    orders = torch.cat(
        [
            _there_and_back(ranked(first, seed)),
            _there_and_back(ranked(energy(cases, piece), seed)),
            random_orders(1, first.shape[1], seed),
        ],
        dim=1,
    )
    fallen = deletion_curves(network, cases, piece, orders)[0]
    held = stability(
        method, network, cases, variants_of(inputs, rows, cases.own, seed), whole, piece
    )
    random = random_curves(fallen[None, 4:])
    return TrustReport(
        method=method,
        target=classes[int(cases.target[0])],
        reference=cases.reference.beat,
        map=Curves(deletion=fallen[0:1], insertion=fallen[1:2, ::-1]),
        energy=Curves(deletion=fallen[2:3], insertion=fallen[3:4, ::-1]),
        random=Curves(deletion=random.deletion[0], insertion=random.insertion[0]),
        cascade=tuple(
            (one.share, _alike(method, one.network, cases, first, piece))
            for one in cascade(network, cases.x, cases.rr, seed=seed)
        ),
        noise=float(held.noise[0]),
        shift=float(held.shift[0]),
        methods={
            other: float(rank_correlation(first, _pieces(other, network, cases, piece))[0])
            for other, entry in EXPLAINERS.items()
            if other != method and not entry.refuses(network)
        },
        seeds={
            name: _alike(method, other, cases, first, piece)
            for name, other in siblings(checkpoint).items()
            if not explainer(method).refuses(other)
        },
    )


def _there_and_back(order: Tensor) -> Tensor:
    return torch.stack([order, order.flip(1)], dim=1)


def _pieces(method: str, network: Network, cases: Cases, piece: Tensor) -> Tensor:
    return per_piece(importance(method, maps_of(method, network, cases)), piece)


def _alike(method: str, network: Network, cases: Cases, first: Tensor, piece: Tensor) -> float:
    return float(rank_correlation(first, _pieces(method, network, cases, piece))[0])


def random_area(report: TrustReport) -> tuple[float, float]:
    """Return the mean areas of the random orders: of deletion, of insertion."""
    both = (report.random.deletion, report.random.insertion)
    deletion, insertion = (float(area(curve).mean()) for curve in both)
    return deletion, insertion
