"""Where a recording's intervals can't be trusted, for its NN intervals."""

import numpy as np

from ecgcore.dsp.lead_quality import lead_quality
from ecgcore.features.hrv.nn import NN, nn_intervals
from ecgcore.records.annotations import flutter_stretches
from ecgcore.schema import Annotations, IntArray, Peaks, Recording


def record_nn(record: Recording, peaks: Peaks, lead: str | None = None) -> NN:
    """Return the NN intervals of ``peaks``, with what ``lead`` shows of bad signal left out.

    Raises RecordError for an unknown lead.
    """
    quality = lead_quality(record, lead)
    no_ecg = np.concatenate(list(quality.no_ecg.values()))
    return nn_intervals(
        peaks, bad_stretches(record.annotations, record.stop, no_ecg), quality.noisy
    )


def bad_stretches(annotations: Annotations | None, stop: int, no_ecg: IntArray) -> IntArray:
    """Return stretches (k, 2) without ECG and those of ventricular flutter, absolute samples."""
    flutter = (
        np.empty((0, 2), dtype=np.int64)
        if annotations is None
        else flutter_stretches(annotations, stop)
    )
    return np.concatenate((no_ecg.reshape(-1, 2), flutter))
