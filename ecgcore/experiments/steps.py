"""Tables whose rows are each a step from another: an ablation's variants, ways to use a network.

A row has an entry a seed; its gain is over the row that it is one step from, seed by seed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ecgcore.experiments.catalog import Experiment
from ecgcore.experiments.results import Document, read_results, updated_results
from ecgcore.experiments.statistics import summary
from ecgcore.models.code import network_code
from ecgcore.training.config import TrainConfig

Entry = dict[str, Any]  # a seed's figures, with its ``key`` and ``seed``


class Step(Protocol):
    """A row of such a table."""

    @property
    def name(self) -> str:
        """What it is called in the file and the address."""
        ...

    @property
    def title(self) -> str:
        """What it is called in the table."""
        ...

    @property
    def against(self) -> str:
        """The row that it is one step from; empty for none."""
        ...


@dataclass(frozen=True, kw_only=True)
class StepTable:
    """What is told of such a table as a whole, and of each of its rows."""

    table: Experiment
    steps: Sequence[Step]  # in the order of the table
    title: str
    base: str  # the configuration of its networks, ``<table>/<row>`` under ``configs/``
    protocol: str  # in words
    planned: Sequence[int]  # seeds
    averaged: tuple[str, ...]  # of a seed's entry: what its mean and deviation are told of
    gained: tuple[str, ...]  # figures, their names with dots, whose gain is told


def finished(table: Experiment, row: str) -> set[str]:
    """Return the keys of a row's seeds that are done. Raises EcgError as ``read_results``."""
    return {one["key"] for one in read_results(table)["rows"].get(row, {}).get("seeds", [])}


def record_seed(
    of: StepTable,
    step: Step,
    config: TrainConfig,
    entry: Entry,
    *,
    settings: Mapping[str, Any],
    stays: Callable[[Entry], bool],
) -> None:
    """Write a finished seed of a row. Raises EcgError as ``updated_results``.

    ``settings``: the step's own; ``stays``: which of the seeds that are there do.
    """
    with updated_results(of.table) as document:
        before = document["rows"].get(step.name, {}).get("seeds", [])
        there = [one for one in before if stays(one)]
        seeds = sorted([*there, entry], key=lambda one: one["seed"])
        rows = document["rows"] | {
            step.name: {
                "title": step.title,
                "against": step.against,
                "settings": settings,
                "network_code": network_code(config.architecture),
                "planned": list(of.planned),
                "complete": len(seeds) == len(of.planned),
                "seeds": seeds,
            }
        }
        document["title"], document["base"] = of.title, f"configs/{of.base}.toml"
        document["protocol"] = {
            "name": of.protocol,
            "train": f"{config.database} {config.train}",
            "folds": [list(fold) for fold in config.folds],
        }
        _put(of, document, rows)


def retell(of: StepTable, settings: Mapping[str, Mapping[str, Any]]) -> None:
    """Say of rows anew what they are: a plan's titles and settings may change, and figures stay.

    ``settings``: those of the rows, by name, whose figures are still theirs. Raises EcgError as
    ``updated_results``; a file that says so already is left alone.
    """
    there = read_results(of.table)["rows"]
    told = {
        one.name: {"title": one.title, "against": one.against, "settings": settings[one.name]}
        for one in of.steps
        if one.name in there and one.name in settings
    }
    if all(there[name] | words == there[name] for name, words in told.items()):
        return
    with updated_results(of.table) as document:
        rows = document["rows"]
        _put(of, document, rows | {name: rows[name] | words for name, words in told.items()})


def _put(of: StepTable, document: Document, rows: Mapping[str, Entry]) -> None:
    """Put rows into the document, in the order of the table, with their means and gains."""
    document["rows"] = {one.name: rows[one.name] for one in of.steps if one.name in rows}
    for row in document["rows"].values():
        row["summary"] = _summary(of, row, document["rows"].get(row["against"]))


def _summary(of: StepTable, row: Entry, against: Entry | None) -> dict[str, Any]:
    """Return mean and deviation of the figures, and of the gains over ``against``."""
    base = {one["seed"]: one for one in against["seeds"]} if against else {}
    seeds = []
    for one in row["seeds"]:
        found = {key: one[key] for key in of.averaged}
        if other := base.get(one["seed"]):
            found["gain"] = {name: _at(one, name) - _at(other, name) for name in of.gained}
        seeds.append(found)
    return summary(seeds)


def _at(entry: Mapping[str, Any], name: str) -> float:
    """Return a seed's figure by its name with dots."""
    found: Any = entry
    for part in name.split("."):
        found = found[part]
    return float(found)
