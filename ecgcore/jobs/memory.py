"""Out of memory: how a job's process that the kernel ended is told from any other, and advice."""

from pathlib import Path
from typing import Final

ADVICE: Final = (
    "Take smaller batches, a narrower network or fewer points a beat, or free memory on this "
    "machine; then start it anew, or resume it."
)
_COUNTERS: Final = (
    Path("/proc/vmstat"),  # the whole machine's; on Linux
    Path("/sys/fs/cgroup/memory.events"),  # this container's
    Path("/sys/fs/cgroup/memory/memory.oom_control"),
)


def oom_kills(counters: tuple[Path, ...] = _COUNTERS) -> tuple[int, ...]:
    """Return how many processes the kernel has killed for want of memory, by each counter.

    Compared before and after a process was killed by signal 9, they tell whether memory was why.
    """
    return tuple(_count(path) for path in counters)


def _count(path: Path) -> int:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    found = [line.split()[1] for line in lines if line.startswith("oom_kill ")]
    return int(found[0]) if found and found[0].isdigit() else 0
