"""A real Dask scheduler and its workers: processes on loopback, ended whatever happens."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from distributed import Client

from tests.processes import free_port

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Cluster:
    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add_worker(self) -> None:
        words = [self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        self.workers.append(_start("dask_worker", *words))


@contextmanager
def cluster(workers: int = 2, **environment: str) -> Iterator[Cluster]:
    """Yield a cluster whose workers are all there."""
    port = free_port()
    words = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    made = Cluster(f"tcp://127.0.0.1:{port}", _start("dask_scheduler", *words, **environment))
    try:
        for _ in range(workers):
            made.add_worker()
        with Client(made.address, timeout=120, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=120)
        yield made
    finally:
        for process in (*made.workers, made.scheduler):
            process.kill()
            process.wait()


def _start(program: str, *words: str, **environment: str) -> subprocess.Popen[bytes]:
    # As somebody sets up a cluster: no settings of ours, above all no database's address.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ECG_")}
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{program}", *words],
        cwd=ROOT,
        env={**kept, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
