"""A batch of the tests in this process: its settings, its run, what it left."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from ecgcore.batch.config import BatchConfig
from ecgcore.batch.run import BatchProgress, run_batch
from ecgcore.batch.summary import read_summary
from tests.batch.inline import Inline

CHECKPOINT = "resunet-b2"


def settings_for(folder: Path, **changes: Any) -> BatchConfig:
    config = BatchConfig(database=str(folder), checkpoint=CHECKPOINT)
    return replace(config, **changes)


def run(
    config: BatchConfig, out: Path, *, replaces: bool = False
) -> tuple[BatchProgress, list[BatchProgress]]:
    told: list[BatchProgress] = []
    ended = run_batch(config, out, Inline(), replaces=replaces, progress=told.append)
    return ended, told


def tree(out: Path) -> dict[str, bytes]:
    """Return all results by their place."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def records(out: Path) -> list[str]:
    """Return the recordings that the summary has."""
    summary = read_summary(out)
    return [] if summary is None else summary["record"].tolist()
