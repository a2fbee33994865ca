"""One row a beat: where it is, what it is, and its RR features."""

import pandas as pd

from ecgcore.features.rr import RR_FEATURES
from ecgcore.schema import Peaks, RRFeatures, StrArray


def feature_table(peaks: Peaks, rr: RRFeatures, quality: StrArray | None = None) -> pd.DataFrame:
    """Return beat, sample, time (s), symbol and class where known, and the features.

    A column's name ends with its unit in brackets; ratios have none. ``quality`` (b,) of the
    signal at each beat becomes the column "signal".
    """
    columns: dict[str, object] = {
        "beat": range(len(peaks)),
        "sample": peaks.sample,
        "time (s)": (peaks.sample / peaks.fs).round(3),
    }
    if peaks.symbol is not None and peaks.aami is not None:
        columns |= {"symbol": peaks.symbol, "class": peaks.aami}
    if quality is not None:
        columns["signal"] = quality
    for name, unit in zip(rr.names, rr.units, strict=True):
        label = RR_FEATURES[name].label
        columns[f"{label} ({unit})" if unit else label] = rr.column(name).round(4)
    return pd.DataFrame(columns)
