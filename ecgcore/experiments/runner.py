"""Running a table: row by row, seed by seed; what is done is skipped, what was begun goes on."""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ecgcore.errors import EcgError
from ecgcore.executor.task import Executor
from ecgcore.experiments.catalog import EXPERIMENTS, Experiment, Row
from ecgcore.experiments.document import against, row_entry, seed_entry
from ecgcore.experiments.elsewhere import SeedTask, fit_elsewhere
from ecgcore.experiments.published import published
from ecgcore.experiments.rescoring import beside, rescored, scoring
from ecgcore.experiments.results import Document, read_results, row_results, updated_results
from ecgcore.models.checkpoint import list_checkpoints
from ecgcore.models.code import network_code
from ecgcore.settings import settings
from ecgcore.training.choice import chosen_together
from ecgcore.training.compute import CPU, Compute
from ecgcore.training.config import TrainConfig, load_config
from ecgcore.training.data import BeatSet
from ecgcore.training.loop import TrainResult, keep, train
from ecgcore.training.setup import Progress, run_key, training_beats


def reproduce(
    experiment: Experiment,
    *,
    seeds: int | None = None,
    rows: Sequence[str] = (),
    compute: Compute = CPU,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Document:
    """Run what is missing of an experiment and return its document, as in its file.

    ``seeds``: that many from 0 on, None for each configuration's own; seeds that are done beside
    them stay. ``rows``: names of rows, () for all. A row of another table is run into that
    table's file. With an ``executor`` the seeds of a row are fitted there beside one another and
    then tested here. Raises EcgError for an unknown row, and as ``train`` and ``fit_elsewhere``.
    """
    unknown = sorted(set(rows) - {row.name for row in experiment.rows})
    if unknown:
        raise EcgError(
            f"{experiment.name} has no row {', '.join(unknown)}; it has "
            f"{', '.join(row.name for row in experiment.rows)}."
        )
    for row in experiment.rows:
        if not rows or row.name in rows:
            _run(row, seeds, compute, progress, executor)
    if experiment.derived:
        with updated_results(experiment) as document:
            document["rows"] = _derived(experiment)
    return read_results(experiment)


def _run(
    row: Row,
    seeds: int | None,
    compute: Compute,
    progress: Progress | None,
    executor: Executor | None = None,
) -> None:
    home = EXPERIMENTS[row.home]
    if row.scoring:
        _run(row.trained, seeds, compute, progress, executor)
    config = load_config(row.path)
    if seeds is not None:
        config = replace(config, seeds=tuple(range(seeds)))
    beats = training_beats(config, augmented=False)
    before = row_results(row) or {}
    more = tuple(before.get("planned", ()))
    if set(config.seeds) < set(more):
        # More seeds were asked for before, and they may have chosen their epochs together.
        longer = replace(config, seeds=more)
        keys = {seed: _key(longer, seed, beats, row) for seed in more}
        if {one["key"] for one in before["seeds"]} & set(keys.values()):
            config = longer
    keys = {seed: _key(config, seed, beats, row) for seed in config.seeds}
    del beats
    trained: dict[int, TrainResult] = {}
    told = _named(progress, row)
    there = {one["seed"] for one in _finished(row, keys)}
    missing = [seed for seed in config.seeds if seed not in there]
    if executor is not None:
        _fit(executor, config, missing, told)
    for seed in missing:
        begun = time.monotonic()
        more_of: dict[str, Any] = {}
        if row.scoring:
            result, more_of = rescored(row.scoring, config, seed, told, home.command, compute)
        else:
            result = trained[seed] = train(config, seed, None, told, home.command, compute)
        entry = seed_entry(result, keys[seed], time.monotonic() - begun) | more_of
        _record(home, row, config, result, entry, keys)
    if not row.scoring:
        _keep_median(home, row, config, trained, keys, compute, told)


def _fit(
    executor: Executor, config: TrainConfig, seeds: Sequence[int], progress: Progress | None
) -> None:
    """Fit seeds on an executor: where they choose together, the folds of all of them first."""
    if seeds and chosen_together(config):
        folds = [SeedTask(config=config, seed=seed, part="folds") for seed in config.seeds]
        fit_elsewhere(executor, folds, progress)
    fits = [SeedTask(config=config, seed=seed, part="all patients") for seed in seeds]
    fit_elsewhere(executor, fits, progress)


def _key(config: TrainConfig, seed: int, beats: BeatSet, row: Row) -> str:
    """Return what names a seed's result: its run, what tests it, how, and how its epochs were
    chosen: by "mean-curve" the seeds beside it have their part in that.
    """
    rule = config.optimisation.epoch_rule
    biased = config.optimisation.class_bias != "none"
    together = config.seeds if config.folds and (rule == "mean-curve" or biased) else ()
    parts = [run_key(config, seed, beats), rule, list(together), config.test]
    if biased:
        parts.append(config.optimisation.class_bias)
    parts += [config.test_database] if config.test_database else []
    parts += [row.scoring, *scoring(row.scoring).settings] if row.scoring else []
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _finished(row: Row, keys: dict[int, str]) -> list[dict[str, Any]]:
    """Return the entries of the seeds whose key is still theirs."""
    there = (row_results(row) or {}).get("seeds", [])
    return [one for one in there if keys.get(one["seed"]) == one["key"]]


def _record(
    home: Experiment,
    row: Row,
    config: TrainConfig,
    result: TrainResult,
    entry: dict[str, Any],
    keys: dict[int, str],
) -> None:
    """Write a finished seed; what was made by other settings, data or code leaves the row."""
    with updated_results(home) as document:
        there = document["rows"].get(row.name, {})
        others = [
            one
            for one in there.get("seeds", [])
            if keys.get(one["seed"]) == one["key"] and one["seed"] != entry["seed"]
        ]
        made = row_entry(
            home,
            row,
            result,
            [*others, entry],
            planned=config.seeds,
            code=network_code(config.architecture),
            printed=published(home.name),
        )
        if row.scoring:
            kept = document["rows"][row.trained.name]["median_seed"]
            there = kept in [one["seed"] for one in made["seeds"]]
            made["median_seed"] = kept if there else made["median_seed"]
            made["networks_of"] = row.trained.name
            made["beside"] = beside(row.scoring, made["seeds"])
        document["rows"][row.name] = made


def _keep_median(
    home: Experiment,
    row: Row,
    config: TrainConfig,
    trained: dict[int, TrainResult],
    keys: dict[int, str],
    compute: Compute,
    progress: Progress | None,
) -> None:
    """Write the median seed's checkpoint once all seeds are in; its state makes it in a moment."""
    entry = row_results(row)
    if entry is None or not entry["complete"]:
        return
    chosen = entry["median_seed"]
    there = row.checkpoint in list_checkpoints()
    if there and entry.get("checkpoint", {}).get("key") == keys[chosen] and not trained:
        return
    result = trained.get(chosen) or train(config, chosen, None, progress, home.command, compute)
    figures = [{name: one[name] for name in result.figures()} for one in entry["seeds"]]
    keep(config, result, figures, settings().checkpoint_dir / row.checkpoint, progress)
    with updated_results(home) as document:
        document["rows"][row.name]["checkpoint"] = {"name": row.checkpoint, "key": keys[chosen]}


def _derived(experiment: Experiment) -> dict[str, Any]:
    """Return the rows of a table that another's rows make: its own figures of theirs."""
    printed = published(experiment.name)
    found = {}
    for row in experiment.rows:
        entry = row_results(row)
        if entry is None:
            continue
        names = [column.figure for column in experiment.columns]
        means = {name: entry["summary"][name] for name in names if name in entry["summary"]}
        found[row.name] = {
            "from": f"results/{row.home}.json",
            **{key: entry[key] for key in ("title", "config", "protocol", "planned", "complete")},
            "seeds": [one["seed"] for one in entry["seeds"]],
            "summary": means,
            **against(means, printed, row.name),
        }
    return found


def _named(progress: Progress | None, row: Row) -> Progress | None:
    if progress is None:
        return None
    tell = progress
    return lambda what, done, of: tell(f"{row.home}/{row.name}: {what}", done, of)
