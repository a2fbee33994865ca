"""Everything that is measured of a checkpoint's clusters, as one document."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ecgcore.clusters.fidelity import fidelity, forest_views
from ecgcore.clusters.mixture import uncertainty
from ecgcore.clusters.model import ClusterModel, part_shares, patterns, segment
from ecgcore.clusters.sample import (
    Progress,
    both_leads,
    of_each_class,
    predicted,
    record_inputs,
    taken,
)
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.records.database import Database
from ecgcore.schema import FloatArray, IntArray

PER_CLASS: Final = 300  # beats of one class, recording and lead that a forest is fitted on, at most
_BATCH: Final = 256


@dataclass(frozen=True, kw_only=True, eq=False)
class Seen:
    """Beats of several recordings as a forest sees them."""

    proportions: FloatArray  # (n, BINS, K)
    entropy: FloatArray  # (n,)
    rr: FloatArray  # (n, R)
    label: IntArray  # (n,): index of the predicted class


def see(
    checkpoint: Checkpoint,
    model: ClusterModel,
    database: Database,
    records: Sequence[str],
    progress: Progress | None = None,
) -> Seen:
    """Return the usable beats of recordings; one recording is in memory at a time."""
    parts = []
    for number, name in enumerate(records):
        if progress:
            progress(number, len(records), name)
        inputs = record_inputs(checkpoint, database, name)
        keep = inputs.beats.usable
        found = patterns(checkpoint.network, inputs, model)
        label = predicted(checkpoint, inputs)
        parts.append((found.proportions[keep], found.entropy[keep], inputs.rr[keep], label[keep]))
    return _joined(parts)


def see_some(
    checkpoint: Checkpoint,
    model: ClusterModel,
    database: Database,
    records: Sequence[str],
    progress: Progress | None = None,
    *,
    seed: int = 0,
) -> Seen:
    """Return beats to fit a forest on: ``PER_CLASS`` of each class, recording and lead, at most.

    All of the rare ones, as most beats are of one class; ``sample.draw_other_leads`` says why
    both leads.
    """
    rng, parts = np.random.default_rng(seed), []
    for number, name in enumerate(records):
        if progress:
            progress(number, len(records), name)
        for inputs in both_leads(checkpoint, database, name):
            label = predicted(checkpoint, inputs)
            rows = of_each_class(np.flatnonzero(inputs.beats.usable), label, PER_CLASS, rng)
            for some in np.array_split(rows, -(-rows.size // _BATCH) or 1):
                soft = segment(checkpoint.network, taken(inputs, some), model)
                parts.append(
                    (
                        part_shares(soft),
                        uncertainty(soft).mean(axis=1),
                        inputs.rr[some],
                        label[some],
                    )
                )
    return _joined(parts)


def _joined(parts: Sequence[tuple[FloatArray, FloatArray, FloatArray, IntArray]]) -> Seen:
    proportions, entropy, rr, label = (np.concatenate(c) for c in zip(*parts, strict=True))
    return Seen(proportions=proportions, entropy=entropy, rr=rr, label=label)


def measure_fidelity(
    fit: Seen, test: Seen, classes: tuple[str, ...], *, seed: int = 0
) -> dict[str, Any]:
    """Return the fidelity of each view of the clusters, and the mean entropy by predicted class."""
    known = forest_views(fit.proportions, fit.rr)
    judged = forest_views(test.proportions, test.rr)
    return {
        "views": {
            name: fidelity(
                known[name], fit.label, judged[name], test.label, classes, seed=seed
            ).to_json()
            for name in known
        },
        "entropy": {
            name: float(test.entropy[test.label == k].mean())
            for k, name in enumerate(classes)
            if (test.label == k).any()
        },
    }
