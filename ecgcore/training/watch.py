"""Who looks on while a run trains, and may end it between two batches."""

from dataclasses import dataclass, replace
from typing import Protocol

from ecgcore.training.metrics import Metrics


@dataclass(frozen=True, kw_only=True)
class EpochReport:
    """One whole epoch, whose state is on the disk."""

    stage: str
    epoch: int  # counted from 1
    of: int
    loss: float  # mean over the training beats
    beats: int  # that trained
    held_out: Metrics | None = None  # of the held-out patients, where there are any


class Watcher(Protocol):
    """Told of every step of a run. What a method raises ends the run; its last epoch is kept."""

    def stage(self, name: str, epochs: int) -> None:
        """Take note that a fit of so many epochs begins, or goes on where it was."""

    def batch(self) -> None:
        """Take note that a batch, or a test recording, is done; nothing is being written."""

    def epoch(self, report: EpochReport) -> None:
        """Take note that an epoch is done and kept."""


@dataclass(frozen=True)
class Within:
    """A watcher of one of several runs: the names of its stages begin with ``name``."""

    watcher: Watcher
    name: str

    def stage(self, name: str, epochs: int) -> None:
        """See Watcher."""
        self.watcher.stage(f"{self.name}: {name}", epochs)

    def batch(self) -> None:
        """See Watcher."""
        self.watcher.batch()

    def epoch(self, report: EpochReport) -> None:
        """See Watcher."""
        self.watcher.epoch(replace(report, stage=f"{self.name}: {report.stage}"))
