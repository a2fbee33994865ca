"""One row a beat: what a list of beats to look through is made of."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from ecgcore.compare.confusion import truth_of
from ecgcore.features.intervals import intervals
from ecgcore.schema import DoubleArray, Peaks, Predictions

COLUMNS: Final = (
    "record",
    "beat",
    "time",
    "true",
    "predicted",
    "confidence",
    "margin",
    "pre_rr",
    "post_rr",
)


def beat_table(predictions: Sequence[Predictions]) -> pd.DataFrame:
    """Return the usable beats of all recordings as rows, in the order given.

    Columns: ``record``; ``beat``, index among the record's beats; ``time``, s from the start of
    the recording; ``true`` class, ``""`` where unknown; ``predicted`` class; ``confidence``, the
    predicted class' probability; ``margin``, that less the second largest; ``pre_rr`` and
    ``post_rr``, s, NaN before the first and after the last beat.
    """
    parts = [_rows(part) for part in predictions]
    parts = [part for part in parts if len(part)]
    if not parts:
        return pd.DataFrame({name: [] for name in COLUMNS})
    return pd.concat(parts, ignore_index=True)


def _rows(part: Predictions) -> pd.DataFrame:
    kept = np.flatnonzero(part.usable)
    ranked = np.sort(part.probability, axis=1)
    second = ranked[:, -2] if ranked.shape[1] > 1 else np.zeros(len(ranked), dtype=np.float32)
    pre, post = _rr(part.peaks)
    columns = {
        "record": np.full(len(part.peaks), part.header.name),
        "beat": np.arange(len(part.peaks)),
        "time": part.peaks.sample / part.peaks.fs,
        "true": truth_of(part),
        "predicted": part.label,
        "confidence": ranked[:, -1],
        "margin": ranked[:, -1] - second,
        "pre_rr": pre,
        "post_rr": post,
    }
    return pd.DataFrame({name: column[kept] for name, column in columns.items()})


def _rr(peaks: Peaks) -> tuple[DoubleArray, DoubleArray]:
    """Return the intervals before and after each beat, s; unlike the features, edges stay NaN."""
    pre, post = np.full(len(peaks), np.nan), np.full(len(peaks), np.nan)
    if len(peaks) > 1:
        pre[1:] = post[:-1] = intervals(peaks).between
    return pre, post
