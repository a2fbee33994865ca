"""What is measured of a method's maps over many beats of a checkpoint, as one document."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from ecgcore.explain.registry import EXPLAINERS, explainer
from ecgcore.faithfulness.cases import Cases, maps_of
from ecgcore.faithfulness.curves import (
    Curves,
    area,
    curves,
    deletion_curves,
    random_curves,
)
from ecgcore.faithfulness.pieces import (
    energy,
    importance,
    per_piece,
    pieces_of,
    random_orders,
    ranked,
)
from ecgcore.faithfulness.randomise import cascade
from ecgcore.faithfulness.ranks import mean, rank_correlation
from ecgcore.faithfulness.resampling import Groups, groups_of, interval
from ecgcore.faithfulness.sample import JudgedBeats
from ecgcore.faithfulness.siblings import NO_SIBLING, siblings
from ecgcore.faithfulness.stability import LEVEL, NOISY, SHIFT, stability
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.models.network import Network
from ecgcore.schema import StrArray

ORDERS: Final = 8  # random orders a beat: 500 beats give 4,000
CASCADES: Final = 1  # shuffles of the weights that the randomisation test is averaged over
_MAPS: Final = 64  # beats explained at a time


@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """What every method of a checkpoint is judged on and against: made once for all of them."""

    checkpoint: Checkpoint
    judged: JudgedBeats
    piece: Tensor
    random: Curves  # (B, orders, STEPS + 1)
    energy: Curves
    seed: int
    made: dict[str, Tensor] = field(default_factory=dict)  # by ``check_maps``

    @property
    def label(self) -> StrArray:
        """The explained class of each beat (B,)."""
        classes = np.array(self.checkpoint.meta.classes)
        found: StrArray = classes[self.judged.cases.target.numpy()]
        return found

    @property
    def checks(self) -> Cases:
        """The beats whose maps are made again and again."""
        return self.judged.cases.some(slice(0, self.judged.checked))

    @property
    def groups(self) -> Groups:
        """What intervals are drawn over."""
        return groups_of(self.judged.record)


def offered(network: Network) -> tuple[str, ...]:
    """Return the methods that can explain a network."""
    return tuple(name for name, entry in EXPLAINERS.items() if not entry.refuses(network))


def prepare(checkpoint: Checkpoint, judged: JudgedBeats, *, seed: int = 0) -> Ground:
    """Return the ground that methods are judged on: random and energy order of every beat."""
    cases = judged.cases
    piece = pieces_of(tuple(cases.x.shape[2:]))
    count = int(piece.max()) + 1
    orders = random_orders(len(cases), count, seed, ORDERS)
    network = checkpoint.network
    return Ground(
        checkpoint=checkpoint,
        judged=judged,
        piece=piece,
        random=random_curves(deletion_curves(network, cases, piece, orders)),
        energy=curves(network, cases, piece, ranked(energy(cases, piece), seed)),
        seed=seed,
    )


def check_maps(method: str, ground: Ground) -> Tensor:
    """Return the maps (n, …) of the beats that are checked, made once for a ground."""
    if method not in ground.made:
        ground.made[method] = maps_of(method, ground.checkpoint.network, ground.checks)
    return ground.made[method]


def check_pieces(method: str, ground: Ground) -> Tensor:
    """Return how much each piece of the beats that are checked matters by a method (n, P)."""
    return per_piece(importance(method, check_maps(method, ground)), ground.piece)


def _all_pieces(method: str, ground: Ground) -> Tensor:
    """Return the same of all beats (B, P)."""
    network, cases = ground.checkpoint.network, ground.judged.cases
    parts = [check_pieces(method, ground)]
    for k in range(ground.judged.checked, len(cases), _MAPS):
        found = maps_of(method, network, cases.some(slice(k, k + _MAPS)))
        parts.append(per_piece(importance(method, found), ground.piece))
    return torch.cat(parts)


def judge(method: str, ground: Ground) -> dict[str, Any]:
    """Return everything that is measured of one method, plain values.

    Raises EcgError where the method can't explain the network.
    """
    network, cases, checks = ground.checkpoint.network, ground.judged.cases, ground.checks
    piece, seed = ground.piece, ground.seed
    found = curves(network, cases, piece, ranked(_all_pieces(method, ground), seed))
    whole, first = check_maps(method, ground), check_pieces(method, ground)
    held = stability(method, network, checks, ground.judged.variants, whole, piece)
    fallen = _cascades(method, ground, first)
    groups = ground.groups
    gains = groups.means(found.gain)
    low, high = interval(gains, groups.beats, seed)
    return {
        "method": method,
        "title": explainer(method).title,
        **_areas(found),
        "gain_interval": [low, high],
        "group_gains": gains,
        "gain_over_energy": float((found.gain - ground.energy.gain).mean()),
        "better_than_random": low > 0,
        "better_than_energy": float(found.gain.mean()) > float(ground.energy.gain.mean()),
        "randomisation_correlation": fallen[-1]["correlation"],
        "cascade": fallen,
        "stability": mean(held.both),
        "stability_noise": mean(held.noise),
        "stability_shift": mean(held.shift),
        "agreement": {
            other: mean(rank_correlation(first, check_pieces(other, ground)))
            for other in offered(network)
            if other != method
        },
        "seeds": _seeds(method, ground, first),
        "per_class": {
            name: _areas(Curves(deletion=found.deletion[mine], insertion=found.insertion[mine]))
            for name, mine in _classes(ground)
        },
        "curves": _mean_curves(found),
    }


def baselines(ground: Ground) -> dict[str, Any]:
    """Return the areas of the random and the energy order, in all and by class; plain values."""
    random, even = ground.random, ground.energy
    return {
        **_baseline(ground, np.ones(len(ground.judged), dtype=np.bool_)),
        "per_class": {
            name: {"beats": int(mine.sum()), **_baseline(ground, mine)}
            for name, mine in _classes(ground)
        },
        "curves": {
            "random": {
                "deletion": random.deletion.mean(axis=(0, 1)),
                "insertion": random.insertion.mean(axis=(0, 1)),
            },
            "energy": _mean_curves(even),
        },
    }


def settings_of(ground: Ground) -> dict[str, Any]:
    """Return how the figures were come by; plain values."""
    return {
        "target": "the predicted class",
        "beats": len(ground.judged),
        "checked_beats": ground.judged.checked,
        "seed": ground.seed,
        "pieces": int(ground.piece.max()) + 1,
        "random_orders_a_beat": ORDERS,
        "cascades": CASCADES,
        "noise": f"{NOISY} copies, {LEVEL:.0%} of each channel's usual size",
        "shift_samples": SHIFT,
        "deleted_is": ground.judged.cases.reference.beat,
        "recordings": sorted(set(ground.judged.record.tolist())),
        "drawn": ground.groups.of,  # what intervals are over, and the beats of each
        "group_beats": ground.groups.beats,
        "left_out": ground.judged.left_out,
    }


def _cascades(method: str, ground: Ground, first: Tensor) -> list[dict[str, float]]:
    network, checks = ground.checkpoint.network, ground.checks
    shares: list[float] = []
    rows: list[list[float]] = []
    for k in range(CASCADES):
        levels = cascade(network, checks.x, checks.rr, seed=ground.seed + k)
        shares = [one.share for one in levels]
        rows.append(
            [
                mean(rank_correlation(first, _on(method, one.network, checks, ground.piece)))
                for one in levels
            ]
        )
    both = np.mean(rows, axis=0)
    return [
        {"randomised": share, "correlation": float(value)}
        for share, value in zip(shares, both, strict=True)
    ]


def _on(method: str, network: Network, cases: Cases, piece: Tensor) -> Tensor:
    return per_piece(importance(method, maps_of(method, network, cases)), piece)


def _seeds(method: str, ground: Ground, first: Tensor) -> dict[str, Any]:
    found = {
        name: mean(rank_correlation(first, _on(method, other, ground.checks, ground.piece)))
        for name, other in siblings(ground.checkpoint).items()
        if not explainer(method).refuses(other)
    }
    return {"with": found} if found else {"with": {}, "reason": NO_SIBLING}


def _areas(found: Curves) -> dict[str, float]:
    return {
        "deletion_auc": float(found.deletion_auc.mean()),
        "insertion_auc": float(found.insertion_auc.mean()),
        "gain": float(found.gain.mean()),
    }


def _baseline(ground: Ground, mine: "np.ndarray[Any, np.dtype[np.bool_]]") -> dict[str, float]:
    random, even = ground.random, ground.energy
    return {
        "random_deletion_auc": float(area(random.deletion[mine]).mean()),
        "random_insertion_auc": float(area(random.insertion[mine]).mean()),
        "energy_deletion_auc": float(even.deletion_auc[mine].mean()),
        "energy_insertion_auc": float(even.insertion_auc[mine].mean()),
    }


def _mean_curves(found: Curves) -> dict[str, Any]:
    return {
        "deletion": found.deletion.mean(axis=0).round(4),
        "insertion": found.insertion.mean(axis=0).round(4),
    }


def _classes(ground: Ground) -> Sequence[tuple[str, "np.ndarray[Any, np.dtype[np.bool_]]"]]:
    label = ground.label
    return [(str(name), label == name) for name in ground.checkpoint.meta.classes if name in label]
