"""Everything that is measured of a checkpoint's clusters, as one document."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ecgcore.clusters.fidelity import fidelity, forest_views
from ecgcore.clusters.model import ClusterModel, patterns
from ecgcore.clusters.sample import Progress, predicted, record_inputs
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.records.catalog import Database
from ecgcore.schema import FloatArray, IntArray

PER_CLASS: Final = 8_000  # beats of one predicted class that a forest is fitted on, at most


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
    proportions, entropy, rr, label = (np.concatenate(c) for c in zip(*parts, strict=True))
    return Seen(proportions=proportions, entropy=entropy, rr=rr, label=label)


def measure_fidelity(
    fit: Seen, test: Seen, classes: tuple[str, ...], *, seed: int = 0
) -> dict[str, Any]:
    """Return the fidelity of each view of the clusters, and the mean entropy by predicted class.

    Of each predicted class a forest is fitted on at most ``PER_CLASS`` beats, drawn with the seed:
    all of the rare ones, as most beats are of one class.
    """
    rng = np.random.default_rng(seed)
    drawn = [rng.permutation(np.flatnonzero(fit.label == k)) for k in range(len(classes))]
    rows = np.sort(np.concatenate([mine[:PER_CLASS] for mine in drawn]))
    known = forest_views(fit.proportions[rows], fit.rr[rows])
    judged = forest_views(test.proportions, test.rr)
    return {
        "views": {
            name: fidelity(
                known[name], fit.label[rows], judged[name], test.label, classes, seed=seed
            ).to_json()
            for name in known
        },
        "entropy": {
            name: float(test.entropy[test.label == k].mean())
            for k, name in enumerate(classes)
            if (test.label == k).any()
        },
    }
