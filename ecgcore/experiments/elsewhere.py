"""Seeds fitted on an executor: their states, which every run reads before it fits anything.

A table is then run as ever and finds all fitted, so that its figures are those of a run without an
executor. States lie under ECG_HOME, which all workers must share; a worker that takes over a dead
one's seed goes on from its last whole epoch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ecgcore.errors import EcgError
from ecgcore.executor.task import Check, Executor, Failed
from ecgcore.training.config import TrainConfig
from ecgcore.training.setup import Progress

Part = Literal["folds", "all patients"]


@dataclass(frozen=True, kw_only=True)
class SeedTask:
    """One seed of one configuration: its held-out folds, or those and the fit to all patients."""

    config: TrainConfig
    seed: int
    part: Part


def fit_seed(task: SeedTask) -> None:
    """Fit what a task says and keep its states. Raises as ``trained``."""
    import torch

    from ecgcore.training.choice import fit_folds
    from ecgcore.training.loop import trained
    from ecgcore.training.setup import training_beats

    torch.set_num_threads(1)  # the result depends on it
    if task.part == "folds":
        fit_folds(task.config, task.seed, training_beats(task.config))
    else:
        trained(task.config, task.seed)


def fit_elsewhere(
    executor: Executor,
    tasks: Sequence[SeedTask],
    progress: Progress | None = None,
    check: Check = lambda: None,
) -> None:
    """Fit all tasks on ``executor``.

    Raises EcgError, naming the seed, for the first that can't be fitted, and as the executor.
    """
    for number, (task, found) in enumerate(executor.results(fit_seed, tasks, check), 1):
        if isinstance(found, Failed):
            raise EcgError(f"{task.config.name}, seed {task.seed}: {found.said}")
        if progress:
            what = f"{task.config.name}, seed {task.seed}: {task.part} fitted on {executor.name}"
            progress(what, number, len(tasks))
