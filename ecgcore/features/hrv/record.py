"""Where a recording's intervals can't be trusted, for its NN intervals."""

import numpy as np

from ecgcore.dsp.quality import unusable
from ecgcore.dsp.stretches import runs
from ecgcore.features.hrv.nn import NN, nn_intervals
from ecgcore.records.annotations import flutter_stretches
from ecgcore.schema import Annotations, IntArray, Peaks, Record


def record_nn(record: Record, peaks: Peaks, lead: str | None = None) -> NN:
    """Return the NN intervals of ``peaks``, with what ``lead`` shows of bad signal left out.

    Raises RecordError for an unknown lead.
    """
    no_ecg = np.array(runs(unusable(record.lead(lead), record.fs)), dtype=np.int64).reshape(-1, 2)
    return nn_intervals(
        peaks, bad_stretches(record.annotations, record.stop, no_ecg + record.start)
    )


def bad_stretches(annotations: Annotations | None, stop: int, no_ecg: IntArray) -> IntArray:
    """Return stretches (k, 2) without ECG and those of ventricular flutter, absolute samples."""
    flutter = (
        np.empty((0, 2), dtype=np.int64)
        if annotations is None
        else flutter_stretches(annotations, stop)
    )
    return np.concatenate((no_ecg.reshape(-1, 2), flutter))
