"""Trainings that run out of disk or memory, for real."""

import contextlib
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ecgcore.jobs import store
from ecgcore.jobs.training import result_folder, submit_training
from ecgcore.settings import settings
from ecgcore.training.config import Optimisation
from tests.jobs.test_engine import mounted
from tests.jobs.tiny_training import tiny, unbroken, weights
from tests.jobs.work import child_of, ended, until, worker

pytestmark = pytest.mark.timeout(900)


def test_a_full_disk_fails_it_with_that_reason_and_room_lets_it_go_on(own_jobs, tmp_path: Path):
    config = tiny(30)
    job = submit_training(own_jobs, config)
    disk, states = tmp_path / "disk", settings().home / "training"
    with mounted(disk, 256):
        states.symlink_to(disk)
        filler = disk / "filler"
        filler.write_bytes(bytes(250 << 10))
        with worker():
            failed = until(own_jobs, job.id, ended)
            assert failed.state == "failed"
            assert "No space left on device; make room" in failed.message
            assert not list(disk.rglob("*.part"))
            filler.unlink()
            states.unlink()  # a larger disk
            store.resume(own_jobs, job.id)
            done = until(own_jobs, job.id, ended)
    assert done.state == "done", done.message
    assert weights(result_folder(done)) == unbroken(config, tmp_path / "plain")


def test_too_little_memory_is_said_and_not_tried_again(own_jobs):
    """A limit makes the allocation fail, as it does where memory is not overcommitted."""
    wide = tiny(network={"filters": [2048, 4096, 2048]}, optimisation=Optimisation(batch=60000))
    job = submit_training(own_jobs, replace(wide, input=replace(wide.input, points=512)))
    with worker(ECG_JOB_MEMORY_MB="2000"):  # its libraries alone take up to 1,200
        found = until(own_jobs, job.id, ended)
    assert found.state == "out-of-memory"
    assert "smaller batches" in found.message
    assert found.fence == 1


def test_a_kill_by_the_kernel_for_want_of_memory_is_told_from_any_other(own_jobs):
    """The training runs in a group of processes with less memory than it takes."""
    wide = tiny(network={"filters": [2048, 4096, 2048]}, optimisation=Optimisation(batch=60000))
    job = submit_training(own_jobs, replace(wide, input=replace(wide.input, points=512)))
    group = memory_group(f"beatlens-{os.getpid()}")
    try:
        with worker() as process:
            running = until(own_jobs, job.id, lambda job: job.state == "running")
            while (trains := child_of(process.pid)) is None:
                time.sleep(0.01)
            (group / "memory.limit_in_bytes").write_text(str(700 << 20))
            (group / "cgroup.procs").write_text(str(trains))
            found = until(own_jobs, job.id, lambda job: job.ended or job.fence > running.fence)
    finally:
        removed(group)
    assert found.state == "out-of-memory", found.message
    assert "system ended the training because memory ran out" in found.message


def removed(group: Path) -> None:
    """Remove a memory cgroup as soon as the kernel has let go of those that were in it."""
    for _ in range(600):
        with contextlib.suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.1)
    group.rmdir()


def memory_group(name: str) -> Path:
    """Make a memory cgroup; skip where that is not allowed."""
    group = Path("/sys/fs/cgroup/memory") / name
    try:
        group.mkdir()
    except OSError:
        pytest.skip("no memory cgroup can be made here (needs root and cgroup v1)")
    return group
