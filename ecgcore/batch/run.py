"""A whole batch: every recording on an executor, a summary of them all."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ecgcore.batch.config import BatchConfig, source
from ecgcore.batch.folder import begin
from ecgcore.batch.output import done_before, read_done
from ecgcore.batch.record import RecordReport, RecordTask, analyse
from ecgcore.batch.summary import write_summary
from ecgcore.errors import EcgError
from ecgcore.executor.task import Check, Executor, Failed
from ecgcore.models.checkpoint import checkpoint_digest, checkpoint_folder
from ecgcore.records.database import Database
from ecgcore.records.splits import select_records

if TYPE_CHECKING:
    from ecgcore.models.checkpoint import Checkpoint

_SUMMARY_S: Final = 20.0  # how often the summary is written while the batch runs
FAILED: Final = "failed"


@dataclass(frozen=True, kw_only=True)
class BatchProgress:
    """How far a batch is, and its last recording."""

    done: int  # with those that failed, and those done before
    of: int
    before: int  # done before, and skipped
    failed: int
    record: str
    failure: Failed | None = None
    others: tuple[str, ...] = ()  # at its end: done in this folder before, and not asked for


def run_batch(
    config: BatchConfig,
    out: Path,
    executor: Executor,
    *,
    replaces: bool = False,
    check: Check = lambda: None,
    progress: Callable[[BatchProgress], None] = lambda _: None,
) -> BatchProgress:
    """Analyse all recordings into ``out`` and return how it ended.

    A recording that can't be analysed is told to ``progress`` and stands in the summary with why.
    ``replaces``: results of another batch in ``out`` are removed; otherwise they are refused.
    Raises EcgError when nothing can be begun, ExecutorError when it can't go on, and what ``check``
    raises; the summary then holds what was done until there, by this run or one before.
    """
    out = out.absolute()
    whole = source(config)
    _check_apart(out.resolve(), whole.root.resolve())
    names = select_records(config.records, whole.records)
    digest = checkpoint_digest(config.checkpoint) if config.classifies else ""
    begin(config, whole, digest, out, replace=replaces)
    rows = _rows_before(out, names)
    now = BatchProgress(done=0, of=len(names), before=0, failed=0, record="")
    written = time.monotonic()
    try:
        for task, found in executor.results(
            analyse, _tasks(config, whole, digest, out, names), check
        ):
            rows[task.record], now = _told(task, found, now)
            progress(now)
            if time.monotonic() - written > _SUMMARY_S:
                write_summary(out, names, rows)
                written = time.monotonic()
        return replace(now, others=tuple(sorted(done_before(out) - {*names})))
    finally:
        with suppress(OSError):  # a full disk has been said
            write_summary(out, names, rows)


def check_batch(config: BatchConfig, load: "Callable[[str], Checkpoint] | None" = None) -> int:
    """Return how many recordings a batch has. Raises EcgError where it can't be begun.

    ``load`` gives a checkpoint by its name, for one who keeps them; None reads it.
    """
    names = select_records(config.records, source(config).records)
    if not config.classifies:
        return len(names)
    from ecgcore.explain.registry import explainer
    from ecgcore.models.checkpoint import load_checkpoint

    network = (load or load_checkpoint)(config.checkpoint).network
    if "explain" in config.steps:
        entry = explainer(config.method)
        if refused := entry.refuses(network):
            raise EcgError(f"{entry.title} can't explain {config.checkpoint}: {refused}")
    return len(names)


def _rows_before(out: Path, names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return the rows of recordings that were done before: they count until they are looked at."""
    done = done_before(out)
    found = ((name, read_done(out, name)) for name in names if name in done)
    return {name: document["row"] for name, document in found if document is not None}


def _check_apart(out: Path, root: Path) -> None:
    """Results beside a recording would count as its files; and recordings are not to be touched."""
    if out.is_relative_to(root) or root.is_relative_to(out):
        raise EcgError(f"The results' folder {out} lies among the recordings; choose another one.")


def _tasks(
    config: BatchConfig, whole: Database, digest: str, out: Path, names: tuple[str, ...]
) -> Iterator[RecordTask]:
    folder = checkpoint_folder(config.checkpoint) if config.classifies else None
    for name in names:
        yield RecordTask(
            database=replace(whole, root=whole.root.absolute(), records=(name,)),
            config=config,
            out=out,
            checkpoint=folder,
            digest=digest,
        )


def _told(
    task: RecordTask, found: RecordReport | Failed, now: BatchProgress
) -> tuple[dict[str, Any], BatchProgress]:
    now = replace(now, done=now.done + 1, record=task.record, failure=None)
    if isinstance(found, Failed):
        row = {
            "database": task.database.name,
            "record": task.record,
            "state": FAILED,
            "said": found.said,
        }
        return row, replace(now, failed=now.failed + 1, failure=found)
    now = replace(now, before=now.before + found.before, failure=found.failure)
    return found.row, replace(now, failed=now.failed + (found.failure is not None))
