"""Out of memory: how a process is kept from taking it all, and how its lack is told."""

import resource
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
# What torch says on a CPU, where it has no exception of its own for it.
_WORDS: Final = ("can't allocate memory", "not enough memory", "out of memory")


def oom_kills(counters: tuple[Path, ...] = _COUNTERS) -> tuple[int, ...]:
    """Return how many processes the kernel has killed for want of memory, by each counter.

    Compared before and after a process was killed by signal 9, they tell whether memory was why.
    """
    return tuple(_count(path) for path in counters)


def limit_memory(megabytes: int | None) -> None:
    """Let this process take so much memory of its own and no more; None for all there is."""
    if megabytes is not None:
        most = megabytes << 20
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether ``error`` means that memory ran out: Python's, NumPy's or torch's."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(word in str(error) for word in _WORDS)


def _count(path: Path) -> int:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    found = [line.split()[1] for line in lines if line.startswith("oom_kill ")]
    return int(found[0]) if found and found[0].isdigit() else 0
