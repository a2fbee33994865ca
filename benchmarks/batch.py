"""Batches: recordings of 30 min a minute by 1 and 2 processes, and one of 24 h; time and memory.

``ECG_BENCH_RECORDINGS`` (48) is how many recordings of 30 min; 500 takes ten times as long. They
are those of the database, repeated by hard links, or copies where those can't be made, in a
temporary folder.
"""

import os
import resource
import shutil
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from ecgcore.batch.config import BatchConfig
from ecgcore.batch.run import BatchProgress, run_batch
from ecgcore.executor.pool import ProcessPool
from ecgcore.records.catalog import databases
from ecgcore.records.database import Database

HOURS = 24
FIFTHS = 5
CHECKPOINT = "resunet-b2"


def run() -> dict[str, Any]:
    """Return rates, processor time and memory, with ratios."""
    count = int(os.environ.get("ECG_BENCH_RECORDINGS", "48"))
    there = databases()
    source = there.get("mitdb") or next(iter(there.values()))
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/tmp")) as temporary:
        folder = Path(temporary)
        repeated(source, folder / "many", count)
        found = {n: _measured(folder / "many", folder / f"out{n}", n) for n in (1, 2)}
        again = _measured(folder / "many", folder / "out2", 2)
        day(source, folder / "day")
        long = _measured(folder / "day", folder / "out-day", 1)
    one, two = found[1], found[2]
    return {
        "recordings": count,
        "of": f"{source.name}, 30 min each, peaks, classes by {CHECKPOINT}, rhythm",
        "recordings a minute, 1 process": one["a_minute"],
        "recordings a minute, 2 processes": two["a_minute"],
        "times faster with 2": two["a_minute"] / one["a_minute"],
        "processor seconds a recording, 1 process": one["cpu"] / count,
        "processor seconds a recording, 2 processes": two["cpu"] / count,
        "share of the processor that 1 process got": one["cpu"] / one["seconds"],
        "MB of the larger process at most, each fifth of the way, by 2": two["mb"],
        "MB of the last fifth over MB of the first": two["mb"][-1] / two["mb"][0],
        "times faster when all was done before": again["a_minute"] / two["a_minute"],
        "24 h: processor seconds": long["cpu"],
        "24 h: peak MB": long["peak_mb"],
        "24 h: processor seconds over those of 48 recordings of 30 min": long["cpu"]
        / (48 * one["cpu"] / count),
    }


def repeated(source: Database, folder: Path, count: int) -> None:
    """Make ``count`` recordings of the source's, each under a name of its own."""
    folder.mkdir()
    for number, name in enumerate(islice(cycle(source.records), count)):
        new = f"r{number:05d}"
        header = renamed((source.root / f"{name}.hea").read_text(), Path(name).name, new)
        (folder / f"{new}.hea").write_text(header)
        _link(source.root / f"{name}.dat", folder / f"{new}.dat")


def renamed(header: str, stem: str, new: str) -> str:
    """Return a header with its record's name, and its files', changed."""
    lines = header.splitlines()
    return "\n".join(new + line[len(stem) :] if line.startswith(stem) else line for line in lines)


def day(source: Database, folder: Path) -> None:
    """Make one recording of 24 h: the first one's signal file over and over."""
    folder.mkdir()
    name = source.records[0]
    lines = (source.root / f"{name}.hea").read_text().splitlines()
    first = lines[0].split()
    fs, length = float(first[2].split("/")[0]), int(first[3])
    times = -(-round(HOURS * 3600 * fs) // length)
    signals = [line for line in lines[1:] if line and not line.startswith("#")]
    text = [f"day {first[1]} {first[2]} {times * length}"]
    text += [renamed(line, Path(name).name, "day") for line in signals]
    (folder / "day.hea").write_text("\n".join(text) + "\n")
    content = (source.root / f"{name}.dat").read_bytes()
    with (folder / "day.dat").open("wb") as file:
        for _ in range(times):
            file.write(content)


def _link(old: Path, new: Path) -> None:
    try:
        os.link(old, new)
    except OSError:
        shutil.copy(old, new)


def _measured(folder: Path, out: Path, processes: int) -> dict[str, Any]:
    config = BatchConfig(database=str(folder), checkpoint=CHECKPOINT)
    memory: list[tuple[int, float]] = []
    pool = ProcessPool(processes)

    def look(now: BatchProgress) -> None:
        memory.append((now.done, _megabytes("VmRSS")))

    before = _spent()
    begun = time.monotonic()
    ended = run_batch(config, out, pool, progress=look)
    seconds, peak = time.monotonic() - begun, _megabytes("VmHWM")
    pool.close()
    if ended.failed:
        raise RuntimeError(f"{ended.failed} recordings failed")
    # Each fifth's largest: a process that was just renewed, or has ended, holds little.
    fifths: list[float] = [0.0] * FIFTHS
    for done, mb in memory:
        at = min(FIFTHS - 1, FIFTHS * max(0, done - 1) // ended.of)
        fifths[at] = max(fifths[at], mb)
    return {
        "seconds": seconds,
        "a_minute": 60 * ended.done / seconds,
        "cpu": _spent() - before,
        "mb": fifths,
        "peak_mb": peak,
    }


def _spent() -> float:
    """Return the processor seconds of this process' ended children."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _megabytes(field: str) -> float:
    """Return the largest memory of this process' children, as the system tells it."""
    mine = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    found = [0.0]
    for pid in mine:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        found += [
            int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(field)
        ]
    return max(found)


if __name__ == "__main__":
    print(run())
