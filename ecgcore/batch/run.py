"""A whole batch: every recording on an executor, a summary of them all."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ecgcore.batch.config import BatchConfig, source
from ecgcore.batch.output import write_table
from ecgcore.batch.record import RecordReport, RecordTask, analyse
from ecgcore.errors import EcgError
from ecgcore.executor.task import Check, Executor, Failed
from ecgcore.models.checkpoint import checkpoint_digest, checkpoint_folder
from ecgcore.records.splits import select_records
from ecgcore.safe_csv import csv_bytes
from ecgcore.strict_json import to_json
from ecgcore.whole_file import write_whole

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


def run_batch(
    config: BatchConfig,
    out: Path,
    executor: Executor,
    *,
    check: Check = lambda: None,
    progress: Callable[[BatchProgress], None] = lambda _: None,
) -> BatchProgress:
    """Analyse all recordings into ``out`` and return how it ended.

    A recording that can't be analysed is told to ``progress`` and stands in the summary with why.
    Raises EcgError when nothing can be begun, ExecutorError when it can't go on, and what ``check``
    raises; the summary then holds what was done until there.
    """
    out = out.absolute()
    whole = source(config)
    _check_apart(out.resolve(), whole.root.resolve())
    names = select_records(config.records, whole.records)
    rows: dict[str, dict[str, Any]] = {}
    now = BatchProgress(done=0, of=len(names), before=0, failed=0, record="")
    written = time.monotonic()
    try:
        _begin(config, out)
        for task, found in executor.results(analyse, _tasks(config, out, names), check):
            rows[task.record], now = _told(task, found, now)
            progress(now)
            if time.monotonic() - written > _SUMMARY_S:
                _write_summary(out, names, rows)
                written = time.monotonic()
        return now
    finally:
        with suppress(OSError):  # a full disk has been said
            _write_summary(out, names, rows)


def read_summary(out: Path) -> pd.DataFrame | None:
    """Return a batch's summary, a row a recording; None where there is none yet."""
    try:
        return pd.read_parquet(out / "summary.parquet")
    except (OSError, ValueError):
        return None


def check_batch(config: BatchConfig) -> int:
    """Return how many recordings a batch has. Raises EcgError where it can't be begun."""
    names = select_records(config.records, source(config).records)
    if config.classifies:
        checkpoint_digest(config.checkpoint)
    if "explain" in config.steps:
        from ecgcore.explain.registry import explainer
        from ecgcore.models.checkpoint import load_checkpoint

        entry = explainer(config.method)
        if refused := entry.refuses(load_checkpoint(config.checkpoint).network):
            raise EcgError(f"{entry.title} can't explain {config.checkpoint}: {refused}")
    return len(names)


def _check_apart(out: Path, root: Path) -> None:
    """Results beside a recording would count as its files; and recordings are not to be touched."""
    if out.is_relative_to(root) or root.is_relative_to(out):
        raise EcgError(f"The results' folder {out} lies among the recordings; choose another one.")


def _begin(config: BatchConfig, out: Path) -> None:
    digest = checkpoint_digest(config.checkpoint) if config.classifies else None
    document = {**config.to_json(), "checkpoint_digest": digest}
    try:
        write_whole(out / "batch.json", (to_json(document, indent=2) + "\n").encode())
    except OSError as error:
        raise EcgError(
            f"The results can't be written to {out} ({error.strerror or error}); choose another "
            "folder."
        ) from error


def _tasks(config: BatchConfig, out: Path, names: tuple[str, ...]) -> Iterator[RecordTask]:
    whole = source(config)
    folder = checkpoint_folder(config.checkpoint) if config.classifies else None
    digest = checkpoint_digest(config.checkpoint) if config.classifies else ""
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
    return found.row, replace(now, before=now.before + found.before)


def _write_summary(out: Path, names: tuple[str, ...], rows: dict[str, dict[str, Any]]) -> None:
    """Write the rows there are, in the order of the recordings, as Parquet and as CSV."""
    table = pd.DataFrame([rows[name] for name in names if name in rows])
    if table.empty:
        return
    last = [column for column in ("notes", "said") if column in table]
    table = table[[column for column in table if column not in last] + last]
    write_table(out / "summary.parquet", table)
    write_whole(out / "summary.csv", csv_bytes(table))
