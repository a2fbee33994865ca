"""Out of memory: how a job's process that the kernel ended is told from any other, and advice."""

from pathlib import Path
from typing import Final

ADVICE: Final = (
    "Take smaller batches, a narrower network or fewer points a beat, or free memory on this "
    "machine; then start it anew, or resume it."
)


class MemoryWatch:
    """Tells whether the kernel killed a process for want of memory, when it was killed by signal 9.

    By the counter of the process' own group (cgroup), which counts whoever of the group is killed,
    whether the group's memory ran out or the machine's (kernel, ``__oom_kill_process``). The whole
    machine's counter serves only where no group's can be read: there any other process' end within
    this one's life is taken for its own. ``root``: where /proc and /sys are.
    """

    def __init__(self, pid: int, root: Path = Path("/")) -> None:
        self._pid, self._root = pid, root
        self._counter: Path | None = None
        self._before = 0
        self.look()

    def look(self) -> None:
        """Learn in which group the process is, while it lives: somebody may move it."""
        counter = self._own() or self._around()
        if counter is not None and counter != self._counter:
            self._counter, self._before = counter, _count(counter) or 0

    def killed(self) -> bool:
        """Tell whether the kernel has killed one of its group since it was last seen to join it."""
        return self._counter is not None and (_count(self._counter) or 0) > self._before

    def _own(self) -> Path | None:
        try:
            lines = (self._root / f"proc/{self._pid}/cgroup").read_text().splitlines()
        except OSError:
            return self._counter
        parts = [line.split(":", 2) for line in lines]
        groups = {kind: path for _, kinds, path in parts for kind in kinds.split(",")}
        system = self._root / "sys/fs/cgroup"
        where = {"memory": "memory/{}/memory.oom_control", "": "{}/memory.events"}
        for kind, file in where.items():
            path = groups.get(kind, "/").strip("/")
            # One that is about to end stands in no group of the first kind any more.
            counter = system / file.format(path or ".")
            if _count(counter) is not None:
                return counter if path or self._counter is None else self._counter
        return None

    def _around(self) -> Path | None:
        """Return the counter of the container, else of the machine; None where there is none."""
        names = ("sys/fs/cgroup/memory.events", "sys/fs/cgroup/memory/memory.oom_control")
        counters = [self._root / name for name in (*names, "proc/vmstat")]
        return next((one for one in counters if _count(one) is not None), None)


def _count(path: Path) -> int | None:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("oom_kill ")]
    return int(found[0]) if found and found[0].isdigit() else None
