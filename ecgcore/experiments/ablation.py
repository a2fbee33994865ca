"""What each idea of the best network gives: variants of it, judged by held-out training patients.

Only folds of the training recordings are fitted (``training.choice``) and test recordings are never
read, so that what is chosen by this table is chosen without them. For the figures see
``ablation_figures``.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ecgcore.errors import EcgError
from ecgcore.executor.task import Executor
from ecgcore.experiments.ablation_figures import held_out_figures
from ecgcore.experiments.ablation_plan import ABLATION, Plan, load_plan, variant_config
from ecgcore.experiments.document import versions
from ecgcore.experiments.elsewhere import SeedTask, fit_elsewhere
from ecgcore.experiments.results import Document, read_results
from ecgcore.experiments.steps import StepTable, finished, record_seed, retell
from ecgcore.training.choice import fit_folds
from ecgcore.training.compute import CPU, Compute
from ecgcore.training.config import TrainConfig
from ecgcore.training.data import BeatSet
from ecgcore.training.setup import Progress, run_key, training_beats


def run_ablation(
    *,
    seeds: int | None = None,
    variants: Sequence[str] = (),
    compute: Compute = CPU,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Document:
    """Fit what is missing, seed by seed, and return the document, as in its file.

    ``seeds``: the first so many of the plan's; ``variants``: names, () for all. With an
    ``executor`` all folds are fitted there first, beside one another. Raises EcgError for an
    unknown variant, and as ``load_plan``, ``variant_config``, ``fit_folds`` and ``fit_elsewhere``.
    """
    plan = load_plan()
    unknown = sorted(set(variants) - {variant.name for variant in plan.variants})
    if unknown:
        raise EcgError(
            f"The ablation has no variant {', '.join(unknown)}; it has "
            f"{', '.join(variant.name for variant in plan.variants)}."
        )
    configs = {one.name: variant_config(plan, one) for one in plan.variants}
    wanted = [name for name in configs if not variants or name in variants]
    keys = _keys({name: configs[name] for name in wanted})
    if executor is not None:
        _fit(executor, plan, configs, keys, seeds, progress)
    beats = _Beats()
    for seed in plan.seeds[:seeds]:
        for name in wanted:
            if keys[name][seed] in finished(ABLATION, name):
                continue
            config = configs[name]
            told = _named(progress, name)
            at_hand = beats.of(config)
            of_seed = fit_folds(config, seed, at_hand, told, compute)
            folds = {seed: of_seed}
            if config.optimisation.class_bias != "none":
                others = [one for one in plan.seeds if one != seed]
                folds |= {one: fit_folds(config, one, at_hand, told, compute) for one in others}
            entry = {"key": keys[name][seed], "seed": seed, **held_out_figures(config, seed, folds)}
            entry |= {
                "seconds": sum(fold.seconds for fold in of_seed),
                "device": compute.name,
                "precision": compute.precision,
                "versions": versions(),
                "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            }
            _record(plan, configs, name, entry, keys[name])
    current = (name for name in wanted if finished(ABLATION, name) <= set(keys[name].values()))
    changes = {variant.name: variant.settings for variant in plan.variants}
    retell(_table(plan), {name: changes[name] for name in current})
    return read_results(ABLATION)


def _fit(
    executor: Executor,
    plan: Plan,
    configs: dict[str, TrainConfig],
    keys: dict[str, dict[int, str]],
    seeds: int | None,
    progress: Progress | None,
) -> None:
    """Fit the missing folds on an executor; with a bias of the classes, those of all seeds."""
    tasks = []
    for name, of_seed in keys.items():
        missing = [s for s in plan.seeds[:seeds] if of_seed[s] not in finished(ABLATION, name)]
        if missing and configs[name].optimisation.class_bias != "none":
            missing = list(plan.seeds)
        tasks += [SeedTask(config=configs[name], seed=s, part="folds") for s in missing]
    fit_elsewhere(executor, tasks, progress)


class _Beats:
    """The beats that train; those of the last variant serve the next where they are the same."""

    def __init__(self) -> None:
        self._kind: object = None
        self._beats: BeatSet | None = None

    def of(self, config: TrainConfig, *, augmented: bool = True) -> BeatSet:
        how = config.optimisation
        kind = (
            (
                config.input,
                how.virtual_leads,
                how.rhythms > 0,
                how.rhythm_kinds,
                how.ventricular_rhythms > 0,
                how.drawn_patients,
            )
            if augmented
            else config.input
        )
        if self._beats is None or kind != self._kind:
            self._beats = None  # before the next ones are made: both would take much memory
            self._kind, self._beats = kind, training_beats(config, augmented=augmented)
        return self._beats


def _keys(configs: dict[str, TrainConfig]) -> dict[str, dict[int, str]]:
    """Return what names each variant's result, by seed; of a biased one with the seeds beside."""
    beats, found = _Beats(), {}
    for name, config in configs.items():
        rule = config.optimisation.class_bias
        more = "" if rule == "none" else f" {rule} by seeds {', '.join(map(str, config.seeds))}"
        plain = beats.of(config, augmented=False)
        found[name] = {seed: f"{run_key(config, seed, plain)}{more}" for seed in config.seeds}
    return found


def _record(
    plan: Plan,
    configs: dict[str, TrainConfig],
    name: str,
    entry: dict[str, Any],
    keys: dict[int, str],
) -> None:
    """Write a finished seed; what was made by other settings, data or code leaves the row."""
    variant = next(one for one in plan.variants if one.name == name)
    record_seed(
        _table(plan),
        variant,
        configs[name],
        entry,
        settings=variant.settings,
        stays=lambda one: one["key"] in keys.values() and one["key"] != entry["key"],
    )


def _table(plan: Plan) -> StepTable:
    return StepTable(
        table=ABLATION,
        steps=plan.variants,
        title=plan.title,
        base=plan.base,
        protocol="held-out training patients",
        planned=plan.seeds,
        averaged=("by_patient", "mean_f1", "f1", "accuracy", "seconds"),
        gained=("mean_f1", "by_patient.S.f1"),
    )


def _named(progress: Progress | None, name: str) -> Progress | None:
    if progress is None:
        return None
    tell = progress
    return lambda what, done, of: tell(f"ablation/{name}: {what}", done, of)
