"""``evaluate`` of resunet-b2 over DS2, from the command line: speed and peak memory."""

import json
import os
import resource
import subprocess
import sys
import time

from ecgcore.records.catalog import databases

MEMORY_BOUND_MB = 2000


def run() -> dict[str, object]:
    real = "mitdb" in databases()
    command = ["evaluate", "--checkpoint", "resunet-b2", "--json"]
    command += ["--database", "mitdb", "--records", "DS2"] if real else ["--database", "demo"]
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "ecgcore", *command],
        check=True,
        capture_output=True,
        env={**os.environ},
    )
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    found = json.loads(done.stdout)
    return {
        "beats": found["n_beats"],
        "seconds with start-up and reading": seconds,
        "beats per second": found["n_beats"] / seconds,
        "macro F1 (N S V F)": found["macro"]["f1_4"],
        "peak MB": peak,
        "share of the 2 GB bound": peak / MEMORY_BOUND_MB,
    }
