"""What the executors' tests have done elsewhere: functions of a module, as pickling needs."""

import os
import signal
from pathlib import Path

from ecgcore.errors import EcgError


def doubled(number: int) -> int:
    return 2 * number


def process(_: object) -> int:
    return os.getpid()


def environment(_: object) -> dict[str, str]:
    return dict(os.environ)


def trouble(kind: str) -> str:
    if kind == "said":
        raise EcgError("The recording is empty.")
    if kind == "defect":
        raise KeyError("lead")
    if kind == "memory":
        raise MemoryError
    return kind


def dies_once(marker: str) -> str:
    """Kill the process that does it, the first time."""
    if not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def dies_if_negative(number: int) -> int:
    if number < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return number
