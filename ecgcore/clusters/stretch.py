"""The clusters of a stretch of a recording: which has each sample, and how surely."""

from dataclasses import dataclass

import numpy as np

from ecgcore.clusters.mixture import uncertainty
from ecgcore.clusters.model import ClusterModel, samples, segment
from ecgcore.features.inputs import BeatInputs
from ecgcore.models.network import Network
from ecgcore.schema import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class ClusterStretch:
    """Clusters over consecutive samples of a recording."""

    sample: IntArray  # (n,), absolute
    cluster: IntArray  # (n,), -1 where no beat's window reaches
    entropy: FloatArray  # (n,), 0 to 1, NaN where no beat's window reaches


def cluster_stretch(
    network: Network, inputs: BeatInputs, model: ClusterModel, first: int, last: int
) -> ClusterStretch:
    """Return the clusters from beat ``first`` to beat ``last``, both among them.

    Where windows overlap, a sample is the nearest R-peak's. Beats that are not usable have none.
    """
    beats = inputs.beats
    rows = np.arange(first, last + 1)
    soft = segment(network, inputs.take(slice(first, last + 1)), model)
    where = samples(inputs)[rows]
    low, high = int(np.ceil(where.min())), int(np.floor(where.max()))
    sample = np.arange(low, high + 1)
    peak = beats.peaks.sample[rows]
    nearest = np.searchsorted((peak[1:] + peak[:-1]) / 2, sample)
    members = np.full((sample.size, model.count), np.nan, np.float32)
    for k, row in enumerate(rows):
        mine = (nearest == k) & (sample >= where[k, 0]) & (sample <= where[k, -1])
        if beats.usable[row] and mine.any():
            members[mine] = np.stack(
                [np.interp(sample[mine], where[k], soft[k, :, j]) for j in range(model.count)], 1
            )
    known = np.isfinite(members[:, 0])
    cluster = np.full(sample.size, -1, dtype=np.int64)
    cluster[known] = members[known].argmax(axis=1)
    entropy = np.full(sample.size, np.nan, np.float32)
    entropy[known] = uncertainty(members[known])
    return ClusterStretch(sample=sample, cluster=cluster, entropy=entropy)
