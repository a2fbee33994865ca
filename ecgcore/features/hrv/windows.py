"""Heart rate variability along a recording: the measures of consecutive windows."""

from typing import Final

import numpy as np
import pandas as pd

from ecgcore.features.hrv.analysis import hrv_of
from ecgcore.features.hrv.measure import MEASURES
from ecgcore.features.hrv.nn import NN
from ecgcore.features.hrv.spectrum import Method

WINDOW_S: Final = 300.0
MIN_WINDOW_S: Final = 30.0
COVERED_SHARE: Final = 0.5  # of a window that NN intervals must cover
TRENDS: Final = (
    "mean_hr",
    "sdnn",
    "rmssd",
    "pnn50",
    "lf",
    "hf",
    "lf_hf",
    "sd1",
    "sd2",
    "sample_entropy",
    "dfa_alpha1",
)


def hrv_windows(
    nn: NN, duration: float, *, seconds: float = WINDOW_S, method: Method = "lomb-scargle"
) -> pd.DataFrame:
    """Return a row a window of ``seconds``, from the recording's start to its end at ``duration``.

    Columns: ``start`` and ``stop`` (s), ``intervals``, ``nn_share`` (0 to 1), ``covered`` (0 to
    1, by NN intervals) and TRENDS, NaN where not available; all of them are NaN in a window that
    is covered by less than COVERED_SHARE. An interval belongs where its last beat is. The last
    window is shorter where the recording ends in it; one of less than half the others' length says
    nothing beside them, and has NaN too.
    """
    rows: list[dict[str, float]] = []
    for start in np.arange(0.0, max(duration, 1e-9), seconds).tolist():
        stop = min(start + seconds, duration)
        part = nn.within(start, stop if stop < duration else np.inf)
        covered = float(part.ms.sum()) / 1000 / max(stop - start, 1e-9)
        row: dict[str, float] = {
            "start": start,
            "stop": stop,
            "intervals": part.normal.size,
            "nn_share": part.share,
            "covered": covered,
        }
        comparable = not rows or stop - start >= COVERED_SHARE * seconds
        if covered >= COVERED_SHARE and comparable:
            found = hrv_of(part, method)
            row |= {name: found.value(name) for name in TRENDS}
        else:
            row |= dict.fromkeys(TRENDS, float("nan"))
        rows.append(row)
    return pd.DataFrame(rows)


def trend_table(windows: pd.DataFrame) -> pd.DataFrame:
    """Return windows with columns named and with units, as for reading or CSV."""
    names = {
        "start": "start (s)",
        "stop": "stop (s)",
        "intervals": "RR intervals",
        "nn_share": "share of NN",
        "covered": "share covered",
    }
    for name in TRENDS:
        unit = MEASURES[name].unit
        names[name] = f"{MEASURES[name].label} ({unit})" if unit else MEASURES[name].label
    return windows.rename(columns=names).round(4)
