"""Clusters in time: seconds to fit a given number, and a recording's beats assigned in a second."""

import resource
from time import perf_counter, process_time
from typing import Any

from ecgcore.clusters.fit import fit_clusters
from ecgcore.clusters.model import patterns
from ecgcore.clusters.sample import record_inputs
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.records.catalog import database
from ecgcore.records.splits import DS1

CHECKPOINT = "resunet-b2"
COUNT = 8
RECORD = "208"
DAY = 50_000  # beats


def run() -> dict[str, Any]:
    """Return seconds to fit on DS1, beats assigned a second, and what that is for 50,000."""
    checkpoint, base = load_checkpoint(CHECKPOINT), database("mitdb")
    start = perf_counter()
    model = fit_clusters(checkpoint, base, DS1, count=COUNT)
    fitted = perf_counter() - start
    inputs = record_inputs(checkpoint, base, RECORD)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, spent = perf_counter(), process_time()
    patterns(checkpoint.network, inputs, model)
    seconds, spent = perf_counter() - start, process_time() - spent
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "clusters": COUNT,
        "fit_seconds": fitted,
        "beats": len(inputs),
        "beats_per_second": len(inputs) / seconds,
        "seconds_for_50000_beats": DAY * seconds / len(inputs),
        "cpu_seconds_for_50000_beats": DAY * spent / len(inputs),
        "peak_memory_grown_mb": (after - before) / 1024,
    }


if __name__ == "__main__":
    print(run())
