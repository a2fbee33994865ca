"""How well a classifier did: per class, over the classes, and how far its confidence is right.

Beats that a detector missed or invented count: a missed beat is one that its class did not get
(against Se), an extra one was given to a class it is not of (against +P), as in ANSI/AAMI
EC57:2012. With annotated peaks there are none of either.

Macro figures are over the classes that occur, in truth or in prediction, as scikit-learn's; a
class that was never predicted has +P 0. ``mean_ovr_accuracy`` is the mean of the one-vs-rest
accuracies, the "Acc" of the fusion study's tables; a classifier that always says N scores high
on it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from scipy.stats import rankdata

from ecgcore.schema import BoolArray, DoubleArray, FloatArray, IntArray, StrArray
from ecgcore.training.calibration import Reliability, reliability

# The four classes that the studies score; the fifth, Q, has 8 beats in DS1 and 7 in DS2.
FOUR: Final = ("N", "S", "V", "F")
FIVE: Final = (*FOUR, "Q")


@dataclass(frozen=True, kw_only=True)
class ClassMetrics:
    """One class against the rest; NaN where there is nothing to divide by. Fractions, 0 to 1."""

    se: float  # sensitivity, recall
    ppv: float  # positive predictivity, precision
    f1: float
    auroc: float
    auprc: float  # average precision
    beats: int  # true ones, missed ones among them


@dataclass(frozen=True, kw_only=True, eq=False)
class Metrics:
    """Figures of one set of beats. Fractions, 0 to 1."""

    classes: tuple[str, ...]
    confusion: IntArray  # (classes, classes): truth in rows, prediction in columns
    missed: IntArray  # (classes,): true beats that no peak was found for
    extra: IntArray  # (classes,): beats found where none is, by the class they were given
    per_class: dict[str, ClassMetrics]
    macro: dict[str, float]  # f1 over all classes, f1_4 (N S V F), f1_5; se, ppv as f1_4 or f1
    accuracy: float
    mean_ovr_accuracy: float
    reliability: Reliability

    @property
    def ece(self) -> float:
        """Expected calibration error, 15 bins of confidence."""
        return self.reliability.error

    @property
    def n_beats(self) -> int:
        """True beats, missed ones among them."""
        return int(self.confusion.sum() + self.missed.sum())

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        per_class = {name: asdict(metrics) for name, metrics in self.per_class.items()}
        return {
            "n_beats": self.n_beats,
            "classes": list(self.classes),
            "confusion": self.confusion.tolist(),
            "missed": self.missed.tolist(),
            "extra": self.extra.tolist(),
            "per_class": per_class,
            "macro": dict(self.macro),
            "accuracy": self.accuracy,
            "mean_ovr_accuracy": self.mean_ovr_accuracy,
            "ece": self.ece,
            "reliability": asdict(self.reliability),
        }


def class_metrics(
    truth: StrArray,
    probability: FloatArray,
    classes: Sequence[str],
    missed: StrArray | None = None,
) -> Metrics:
    """Score predictions.

    Parameters: ``truth`` (n,), the true class of each beat, "" for one that is none (an extra
    detection); ``probability`` (n, classes); ``missed`` (m,), the classes of true beats without a
    prediction. Truths outside ``classes`` are a ValueError: add the class with probability 0.
    """
    names = tuple(classes)
    place = {name: index for index, name in enumerate(names)}
    strange = set(truth.tolist()) - set(names) - {""}
    if strange:
        raise ValueError(f"true classes {sorted(strange)} are not among {names}")
    real = truth != ""
    row = np.array([place[str(name)] for name in truth[real]], dtype=np.int64)
    column = probability.argmax(axis=1) if len(probability) else np.empty(0, np.int64)
    size = len(names)
    confusion = np.zeros((size, size), dtype=np.int64)
    np.add.at(confusion, (row, column[real]), 1)
    extra = np.bincount(column[~real], minlength=size)
    lost = [place[str(name)] for name in (missed if missed is not None else ())]
    lost_count = np.bincount(np.array(lost, dtype=np.int64), minlength=size)
    per_class = {
        name: _one_class(index, confusion, lost_count, extra, row == index, probability[real])
        for name, index in place.items()
    }
    total = confusion.sum() + lost_count.sum() + extra.sum()
    right = confusion.trace()
    headline = FOUR if set(FOUR) <= set(names) else names
    return Metrics(
        classes=names,
        confusion=confusion,
        missed=lost_count,
        extra=extra,
        per_class=per_class,
        macro=_macro(per_class, headline),
        accuracy=float(right / total) if total else math.nan,
        mean_ovr_accuracy=_mean_ovr(confusion, lost_count, extra, [place[c] for c in headline]),
        reliability=reliability(probability[real], row),
    )


def auroc(positive: BoolArray, score: FloatArray) -> float:
    """Return the area under the ROC curve (Mann–Whitney, ties count half); NaN for one class."""
    hits, others = int(positive.sum()), int((~positive).sum())
    if not hits or not others:
        return math.nan
    ranks = rankdata(score)
    return float((ranks[positive].sum() - hits * (hits + 1) / 2) / (hits * others))


def average_precision(positive: BoolArray, score: FloatArray) -> float:
    """Return Σ (R_k − R_{k−1}) P_k over the distinct thresholds; NaN without positives."""
    if not positive.any():
        return math.nan
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    hits = np.cumsum(positive[order])[ends]
    gained = np.diff(hits, prepend=0)
    return float((gained * hits / (ends + 1)).sum() / hits[-1])


def _one_class(
    index: int,
    confusion: IntArray,
    missed: IntArray,
    extra: IntArray,
    positive: BoolArray,
    probability: FloatArray,
) -> ClassMetrics:
    hits = int(confusion[index, index])
    there = int(confusion[index].sum() + missed[index])
    given = int(confusion[:, index].sum() + extra[index])
    return ClassMetrics(
        se=hits / there if there else math.nan,
        ppv=hits / given if given else math.nan,
        f1=2 * hits / (there + given) if there + given else math.nan,
        auroc=auroc(positive, probability[:, index]),
        auprc=average_precision(positive, probability[:, index]),
        beats=there,
    )


def _macro(per_class: dict[str, ClassMetrics], headline: Sequence[str]) -> dict[str, float]:
    def mean(names: Sequence[str], figure: str) -> float:
        if not set(names) <= set(per_class):
            return math.nan
        there = [per_class[name] for name in names if not math.isnan(per_class[name].f1)]
        if figure == "se":
            there = [metrics for metrics in there if metrics.beats]
        values = [getattr(metrics, figure) for metrics in there]
        # Never predicted, but it occurs: no precision to speak of.
        return float(np.mean(np.nan_to_num(values))) if values else math.nan

    return {
        "f1": mean(tuple(per_class), "f1"),
        "f1_4": mean(FOUR, "f1"),
        "f1_5": mean(FIVE, "f1"),
        "se": mean(headline, "se"),
        "ppv": mean(headline, "ppv"),
    }


def _mean_ovr(
    confusion: IntArray, missed: IntArray, extra: IntArray, columns: Sequence[int]
) -> float:
    total = confusion.sum() + missed.sum() + extra.sum()
    if not total:
        return math.nan
    chosen = np.array(columns)
    hits: DoubleArray = confusion.diagonal()[chosen].astype(np.float64)
    wrong = (confusion.sum(axis=1) + missed)[chosen] + (confusion.sum(axis=0) + extra)[chosen]
    return float((1 - (wrong - 2 * hits) / total).mean())


def headline_f1(macro: Mapping[str, float | None]) -> float | None:
    """Return the macro F1 that stands for a result: over N S V F, or all classes where it has none.

    ``macro`` as in ``Metrics``, or read from JSON (None for what is not defined).
    """
    found = [macro.get("f1_4"), macro.get("f1")]
    return next((one for one in found if one is not None and not math.isnan(one)), None)
