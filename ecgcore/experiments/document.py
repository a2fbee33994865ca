"""How a trained seed, and a row of several seeds, are written down."""

import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import torch

from ecgcore.experiments.catalog import Experiment, Row
from ecgcore.experiments.published import Published
from ecgcore.experiments.statistics import Counts, patient_intervals, summary, without_each
from ecgcore.training.loop import TrainResult, median_seed
from ecgcore.training.metrics import FIVE, Metrics

# Of a seed's entry: what is averaged over seeds.
_AVERAGED: Final = (
    *("macro", "per_class", "accuracy", "mean_ovr_accuracy", "ece", "identification"),
    *("held_out_f1", "epochs", "seconds"),
)


def seed_entry(result: TrainResult, key: str, wall_s: float) -> dict[str, Any]:
    """Return one seed's figures. ``wall_s``: this run's own time, with reading and testing."""
    meta = result.checkpoint.meta
    total = result.evaluation.total
    return {
        "key": key,
        **result.figures(),
        "classes": list(total.classes),
        "n_beats": total.n_beats,
        "missed": total.missed.tolist(),
        "extra": total.extra.tolist(),
        "reliability": total.to_json()["reliability"],
        "records": {name: _record(one) for name, one in result.evaluation.records.items()},
        "held_out_curve": list(result.choice.held_out),
        "mean_curve": list(result.choice.mean_curve),
        "seconds": meta.training["seconds"],
        "wall_s": wall_s,
        "device": meta.training["device"],
        "precision": meta.training["precision"],
        "versions": versions(),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def row_entry(
    experiment: Experiment,
    row: Row,
    result: TrainResult,
    seeds: Sequence[dict[str, Any]],
    *,
    planned: Sequence[int],
    code: str,
    printed: Published,
) -> dict[str, Any]:
    """Return a row's entry, of all its finished seeds' entries. ``result``: any seed's."""
    meta = result.checkpoint.meta
    classes = tuple(seeds[0]["classes"])
    columns = [classes.index(name) for name in experiment.classes or classes]
    means = summary([{name: one[name] for name in _AVERAGED if name in one} for one in seeds])
    entry: dict[str, Any] = {
        "title": row.title,
        "config": f"configs/{row.config}.toml",
        "architecture": meta.architecture,
        "network": meta.config,
        "data_hash": meta.data_hash,
        "network_code": code,
        "protocol": {
            "name": meta.protocol.name,
            "train": meta.protocol.train,
            "test": meta.protocol.test,
            "peaks": meta.protocol.peaks,
            "flags": list(meta.protocol.flags),
        },
        "training_beats": meta.training["beats"],
        "planned": list(planned),
        "complete": len(seeds) == len(planned),
        "seeds": sorted(seeds, key=lambda one: one["seed"]),
        "summary": means,
        "median_seed": seeds[median_seed(seeds)]["seed"],
        **against(means, printed, row.name),
    }
    counts = _counts(seeds)
    if counts is not None:
        entry["intervals"] = patient_intervals(counts, classes, columns)
        left = without_each(counts, columns).mean(axis=0)
        entry["without"] = dict(zip(seeds[0]["records"], left.tolist(), strict=True))
    return entry


def against(
    means: dict[str, dict[str, float | int | None]], printed: Published, row: str
) -> dict[str, Any]:
    """Return the published figures of a row and ours less them, as fractions."""
    there = {figure: printed.of(row, figure) for figure in printed.rows.get(row, {})}
    ours = {name: means.get(name, {}).get("mean") for name in there}
    return {
        "published": there,
        "difference": {
            name: None if ours[name] is None or value is None else ours[name] - value  # type: ignore[operator]
            for name, value in there.items()
        },
    }


def versions() -> dict[str, str]:
    """Return what the figures were made with."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "platform": platform.platform(),
    }


def _record(one: Metrics) -> dict[str, Any]:
    """Return one record's figures; counts where classes are few (people are told by the total)."""
    plain = one.to_json()
    entry = {
        "n_beats": one.n_beats,
        "accuracy": one.accuracy,
        "macro": one.macro,
        "f1": {name: plain["per_class"][name]["f1"] for name in one.classes}
        if len(one.classes) <= len(FIVE)
        else {},
    }
    if len(one.classes) <= len(FIVE):
        entry |= {key: plain[key] for key in ("confusion", "missed", "extra")}
    return entry


def _counts(seeds: Sequence[dict[str, Any]]) -> Counts | None:
    """Return the counts of seeds × records; None where records have none."""
    if any("confusion" not in one for seed in seeds for one in seed["records"].values()):
        return None
    stacked = {
        key: np.array([[one[key] for one in seed["records"].values()] for seed in seeds])
        for key in ("confusion", "missed", "extra")
    }
    return Counts(**stacked)
