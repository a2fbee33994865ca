"""A day of 100,000 beats classified by best-inter-patient: processor time, memory; first and again.

In a process of its own, from an empty home folder, with one thread. The same beats in recordings of
half an hour are what the length is compared with.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks._day import write_hours

HOURS = 24.0
CHECKPOINT = "best-inter-patient"
BOUND_S, BOUND_MB = 60.0, 1000.0
_VISIT = """
import json, sys, time
import torch
torch.set_num_threads(1)
from ecgcore.models.checkpoint import load_checkpoint
from ecgcore.records.catalog import databases
from ecgcore.records.trace import open_record
from ecgcore.training.prepared import stored_inputs
from ecgcore.training.store import find_beats, stored_predictions
network, base = load_checkpoint(sys.argv[1]), databases()["long"]
before = time.process_time()
found = stored_predictions(network, base, sys.argv[2], inputs_too=True)
record = open_record(base, sys.argv[2])
inputs = stored_inputs(network.meta.input, record, find_beats(record), "annotated", found.lead)
inputs.take(slice(0, 1))
seconds = time.process_time() - before
lines = open("/proc/self/status").read().splitlines()
peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
print(json.dumps({"seconds": seconds, "beats": len(inputs), "peak_mb": peak}))
"""


def run() -> dict[str, Any]:
    """Return the figures of a day, first and second visit, and of half an hour."""
    with TemporaryDirectory() as data, TemporaryDirectory() as home:
        source = write_hours(Path(data) / "long", "day", HOURS)
        write_hours(Path(data) / "long", "half", 0.5)
        half = _visit(data, home, "half")
        first, second = _visit(data, home, "day"), _visit(data, home, "day")
    return {
        "source": source,
        "beats": first["beats"],
        "first visit, processor seconds": first["seconds"],
        "share of the bound of one minute": first["seconds"] / BOUND_S,
        "a beat, times half an hour's": first["seconds"]
        / first["beats"]
        / (half["seconds"] / half["beats"]),
        "peak MB": first["peak_mb"],
        "share of the bound of 1 GB": first["peak_mb"] / BOUND_MB,
        "peak MB over that of half an hour": first["peak_mb"] / half["peak_mb"],
        "second visit, share of the first": second["seconds"] / first["seconds"],
    }


def _visit(data: str, home: str, record: str) -> dict[str, float]:
    told = subprocess.run(
        [sys.executable, "-c", _VISIT, CHECKPOINT, record],
        env={**os.environ, "ECG_DATA_DIR": data, "ECG_HOME": home, "OMP_NUM_THREADS": "1"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found: dict[str, float] = json.loads(told.splitlines()[-1])
    return found


if __name__ == "__main__":
    print(run())
