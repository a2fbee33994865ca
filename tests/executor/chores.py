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


_KEPT: list[bytearray] = []


def held_after(turns: int) -> float:
    """Return the MB this process holds after arrays came and went, each with a crumb that stays.

    The arrays are as large as a recording's; all the crumbs together are a few kB.
    """
    sizes = (5 << 20, 9 << 20, 14 << 20, 22 << 20)
    for turn in range(turns):
        arrays = []
        for number in range(8):
            arrays.append(bytearray(sizes[(turn + number) % len(sizes)] + 100_000 * turn))
            _KEPT.append(bytearray(1000))
        del arrays
    (line,) = (x for x in Path("/proc/self/status").read_text().splitlines() if "VmRSS" in x)
    return int(line.split()[1]) / 1024
