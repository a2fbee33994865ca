"""What a training job writes down while it runs: where it is, each epoch's figures, its log."""

import socket
import time
from typing import Any

from ecgcore.jobs.claim import Claim
from ecgcore.jobs.cost import Rate, keep_rate
from ecgcore.jobs.pulse import Pulse
from ecgcore.training.config import TrainConfig
from ecgcore.training.watch import EpochReport


class JobWatcher:
    """A ``training.watch.Watcher`` that keeps everything with the job, and asks the pulse.

    Steps are epochs: of every fold and of the fit to all patients, of every seed. Until the folds
    have said how many epochs that fit takes, it counts with all of them.
    """

    def __init__(self, claim: Claim, pulse: Pulse, config: TrainConfig) -> None:
        self._claim, self._pulse = claim, pulse
        self._config = config
        self._most = config.optimisation.epochs
        self._fits = len(config.seeds) * (len(config.folds) + 1) + len(config.also)
        self._stages: dict[str, int] = {}  # epochs of each, in the order in which they began
        self._begun = time.monotonic()

    def stage(self, name: str, epochs: int) -> None:
        """See Watcher."""
        self._pulse.check()
        if name not in self._stages:
            self._stages[name] = epochs
            self._claim.at(name, self._before(name), self._of())
            self._claim.log(f"{name}: {epochs} epochs")
        self._begun = time.monotonic()

    def batch(self) -> None:
        """See Watcher."""
        self._pulse.check()

    def epoch(self, report: EpochReport) -> None:
        """See Watcher."""
        seconds = time.monotonic() - self._begun
        figures: dict[str, Any] = {
            "loss": report.loss,
            "seconds": seconds,
            "beats_per_second": report.beats / max(seconds, 1e-9),
        }
        said = f"{report.stage}: epoch {report.epoch} of {report.of}, loss {report.loss:.4f}"
        if report.held_out is not None:
            per_class = {name: one.f1 for name, one in report.held_out.per_class.items()}
            macro = report.held_out.macro["f1"]
            figures |= {"f1": per_class, "macro_f1": macro}
            said += f", held-out macro F1 {macro:.4f}"
        done = self._before(report.stage) + report.epoch
        self._claim.epoch(report.stage, report.epoch, figures, done, self._of())
        self._claim.log(said)
        if report.epoch == 2:  # the first one warms up
            rate = Rate(
                host=socket.gethostname(),
                beats_per_second=report.beats / max(seconds, 1e-9),
                measured="by a training",
            )
            keep_rate(self._claim.database, self._config, rate)
        self._begun = time.monotonic()

    def _before(self, name: str) -> int:
        """Return the epochs of all stages before this one."""
        names = list(self._stages)
        return sum(self._stages[one] for one in names[: names.index(name)])

    def _of(self) -> int:
        begun = sum(self._stages.values())
        return begun + max(self._fits - len(self._stages), 0) * self._most
