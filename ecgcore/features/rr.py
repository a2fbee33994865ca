"""RR features: the rhythm around a beat in a few numbers.

The first seven are those of the ECG-RR fusion study (table 1): pre-RR, post-RR, mean of the last
ten, mean of the record, and three comparisons of them. The logarithms of the ratios treat a beat
twice as early and one twice as late alike; the measures of ``irregularity`` describe the rhythm
that the beat stands in. What fills the edges and how gaps are treated: see ``intervals``.

Departure from the study's code: intervals run between beats only. Annotations of rhythm, noise
and the like are no beats and never end an interval.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgcore.errors import EcgError
from ecgcore.features import irregularity
from ecgcore.features.fibrillation import fibrillation_odds
from ecgcore.features.intervals import Intervals, intervals
from ecgcore.schema import DoubleArray, Peaks, RRFeatures


@dataclass(frozen=True, kw_only=True)
class RRFeature:
    """One entry of the registry."""

    compute: Callable[[Intervals], DoubleArray]  # -> (b,)
    unit: str  # "s", or "" for ratios
    label: str
    whole_record: bool = False  # draws on more of the recording than the beats just around


RR_FEATURES: Final[dict[str, RRFeature]] = {
    "pre": RRFeature(compute=lambda rr: rr.pre, unit="s", label="pre-RR"),
    "post": RRFeature(compute=lambda rr: rr.post, unit="s", label="post-RR"),
    "local_mean": RRFeature(
        compute=lambda rr: rr.local_mean, unit="s", label="mean of the last 10"
    ),
    "global_mean": RRFeature(
        compute=lambda rr: np.full(rr.pre.size, rr.global_mean),
        unit="s",
        label="mean of all",
        whole_record=True,
    ),
    "pre_minus_global": RRFeature(
        compute=lambda rr: rr.pre - rr.global_mean,
        unit="s",
        label="pre − mean",
        whole_record=True,
    ),
    "pre_over_global": RRFeature(
        compute=lambda rr: rr.pre / rr.global_mean,
        unit="",
        label="pre / mean",
        whole_record=True,
    ),
    "pre_over_post": RRFeature(compute=lambda rr: rr.pre / rr.post, unit="", label="pre / post"),
    "pre_over_local": RRFeature(
        compute=lambda rr: rr.pre / rr.local_mean, unit="", label="pre / last 10"
    ),
    "log_pre_global": RRFeature(
        compute=lambda rr: np.log(rr.pre / rr.global_mean),
        unit="",
        label="log pre / mean",
        whole_record=True,
    ),
    "log_post_global": RRFeature(
        compute=lambda rr: np.log(rr.post / rr.global_mean),
        unit="",
        label="log post / mean",
        whole_record=True,
    ),
    "log_pre_local": RRFeature(
        compute=lambda rr: np.log(rr.pre / rr.local_mean), unit="", label="log pre / last 10"
    ),
    "log_pre_post": RRFeature(
        compute=lambda rr: np.log(rr.pre / rr.post), unit="", label="log pre / post"
    ),
    "local_median_step": RRFeature(
        compute=irregularity.median_step,
        unit="",
        label="median |Δ log RR| nearby",
        whole_record=True,
    ),
    "local_step_share": RRFeature(
        compute=irregularity.step_share,
        unit="",
        label="share of |Δ log RR| > 0.1 nearby",
        whole_record=True,
    ),
    "local_log_spread": RRFeature(
        compute=irregularity.log_spread,
        unit="",
        label="spread of log RR nearby",
        whole_record=True,
    ),
    "local_scatter": RRFeature(
        compute=irregularity.scatter,
        unit="",
        label="scatter of pairs of RR nearby",
        whole_record=True,
    ),
    "log_odds_fibrillation": RRFeature(
        compute=fibrillation_odds,
        unit="",
        label="log odds of fibrillation nearby",
        whole_record=True,
    ),
}

RR_SEVEN: Final = (
    "pre",
    "post",
    "local_mean",
    "global_mean",
    "pre_minus_global",
    "pre_over_global",
    "pre_over_post",
)
RR_LOG_RATIOS: Final = ("log_pre_global", "log_post_global", "log_pre_local", "log_pre_post")
RR_IRREGULARITY: Final = ("local_median_step", "local_step_share", "local_log_spread")


def rr_features(peaks: Peaks, names: tuple[str, ...] = RR_SEVEN) -> RRFeatures:
    """Return the named RR features of consecutive beats.

    Parameters: ``peaks``, b beats and nothing else; ``names``, keys of RR_FEATURES. Returns
    values of shape (b, len(names)), always finite. Raises RecordError with fewer than two beats
    and EcgError for an unknown name.
    """
    check_names(names)
    rr = intervals(peaks)
    columns = [RR_FEATURES[name].compute(rr) for name in names]
    values = np.stack(columns, axis=1) if columns else np.empty((len(peaks), 0))
    return RRFeatures(
        values=values.astype(np.float32),
        names=names,
        units=tuple(RR_FEATURES[name].unit for name in names),
    )


def check_names(names: tuple[str, ...]) -> None:
    """Raise EcgError, naming those there are, when a name is not an RR feature."""
    unknown = [name for name in names if name not in RR_FEATURES]
    if unknown:
        raise EcgError(
            f"There is no RR feature {', '.join(map(repr, unknown))}; "
            f"there are: {', '.join(RR_FEATURES)}."
        )
