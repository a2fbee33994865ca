"""The clusters in time of beats that stand side by side."""

from collections.abc import Sequence

import numpy as np

from ecgcore.clusters.model import ClusterModel, samples, segment
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.plots.cluster_colours import cluster_colours, letter_colours
from ecgcore.plots.panel import BeatPanel
from ecgcore.plots.triptych import ClusterStrip
from ecgcore.records.database import Database
from ecgcore.ui import model_cache
from ecgcore.ui.beat_view import input_names
from ecgcore.ui.current import current_theme
from ecgcore.ui.measured import cluster_labels, cluster_model


def cluster_strips(
    checkpoint: Checkpoint, database: Database, panels: Sequence[BeatPanel | str]
) -> tuple[ClusterStrip | None, ...]:
    """Return each panel's clusters; none at all where none were fitted for the checkpoint."""
    model = cluster_model(checkpoint, database)
    if model is None:
        return ()
    return tuple(
        _strip(checkpoint, model, panel) if isinstance(panel, BeatPanel) else None
        for panel in panels
    )


def cluster_legend(
    checkpoint: Checkpoint, model: ClusterModel
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the clusters' labels and colours: waves, or letters where no wave was seen."""
    labels = cluster_labels(checkpoint, model)
    if labels != model.labels:
        return labels, letter_colours(model.count, current_theme())
    return labels, cluster_colours(model.after, current_theme())


def _strip(checkpoint: Checkpoint, model: ClusterModel, panel: BeatPanel) -> ClusterStrip:
    names = input_names(checkpoint, panel.record.header, panel.peaks.source, panel.lead)
    inputs = model_cache.inputs(*names)
    soft = segment(checkpoint.network, inputs.take(slice(panel.beat, panel.beat + 1)), model)[0]
    labels, colours = cluster_legend(checkpoint, model)
    return ClusterStrip(
        time=(samples(inputs)[panel.beat] - panel.at) / panel.record.fs,
        cluster=soft.argmax(axis=1).astype(np.int64),
        labels=labels,
        colours=colours,
    )
