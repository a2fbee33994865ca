"""Batches as jobs, in real processes that are killed, cancelled, filled up and cut off."""

import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from ecgcore.batch.config import BatchConfig
from ecgcore.batch.run import run_batch
from ecgcore.batch.summary import read_summary
from ecgcore.errors import EcgError
from ecgcore.jobs import store
from ecgcore.jobs.batches import batch_folder, job_config, submit_batch
from ecgcore.jobs.claim import claim
from ecgcore.jobs.job import Job
from ecgcore.models.checkpoint import checkpoint_folder
from tests.batch.conftest import copy_record
from tests.batch.inline import Inline
from tests.batch.work import tree
from tests.executor.cluster import cluster
from tests.jobs.test_engine import mounted
from tests.jobs.work import ROOT, child_of, ended, until, worker

pytestmark = [pytest.mark.timeout(900), pytest.mark.usefixtures("home")]

COUNT = 25  # so many that some are left when what a job tells once a second has been seen


@pytest.fixture
def config(tmp_path: Path) -> BatchConfig:
    for number in range(COUNT):
        copy_record(f"demo0{2 + number % 3}", tmp_path / "many", f"r{number}")
    return BatchConfig(database=str(tmp_path / "many"), checkpoint="resunet-b2")


@pytest.fixture
def light(tmp_path: Path) -> BatchConfig:
    """A batch that needs no network: many recordings, each done in a moment."""
    for number in range(120):
        copy_record("demo02", tmp_path / "light", f"r{number}")
    return BatchConfig(database=str(tmp_path / "light"), steps=("peaks", "rr"))


def processes_of(pid: int) -> list[int]:
    """Return the processes that a job's process has its recordings done by."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(one) for one in text.split()]


def test_killed_processes_and_a_killed_worker_change_no_result(
    own_jobs, config: BatchConfig, tmp_path: Path
):
    (tmp_path / "many" / "r2.dat").write_bytes(b"cut short")
    job = submit_batch(own_jobs, config)
    assert job_config(job) == config
    with worker(ECG_EXECUTOR_PROCESSES="1", ECG_JOB_LEASE="2") as process:
        until(own_jobs, job.id, lambda job: job.done >= 1)
        mine = child_of(process.pid)
        assert mine is not None
        for one in processes_of(mine):  # one recording's process: another does it
            os.kill(one, signal.SIGKILL)
        until(own_jobs, job.id, lambda job: job.done >= 3)
        process.kill()  # and the worker with all below it, after some recordings
        os.kill(mine, signal.SIGKILL)
    with worker(ECG_EXECUTOR_PROCESSES="1"):
        done = until(own_jobs, job.id, ended)
    assert done.state == "done", done.message
    assert f"Analysed {COUNT - 1} of {COUNT} recordings" in done.message
    assert done.result["failed"] == 1
    assert done.result["before"] >= 2  # what was done was not done again
    assert any(
        "r2: " in line.text and "cut short" in line.text
        for line in store.log_lines(own_jobs, job.id)
    )
    run_batch(config, tmp_path / "plain", Inline())
    assert tree(batch_folder(job)) == tree(tmp_path / "plain")


def test_the_same_batch_is_one_job_and_new_recordings_make_another(
    own_jobs, config: BatchConfig, tmp_path: Path
):
    first = submit_batch(own_jobs, config)
    assert (submit_batch(own_jobs, config).id, store.get(own_jobs, first.id).asked) == (first.id, 2)
    copy_record("demo02", tmp_path / "many", "new")
    second = submit_batch(own_jobs, config)
    assert second.id != first.id
    assert f"{COUNT + 1} recordings by resunet-b2" in second.title
    assert batch_folder(first) == batch_folder(second)
    with pytest.raises(EcgError, match="no database"):
        submit_batch(own_jobs, BatchConfig(database="none", checkpoint="resunet-b2"))


def test_what_could_not_be_analysed_is_tried_again_when_it_is_asked_for_again(
    own_jobs, light: BatchConfig
):
    def asked_and_done(failed: int) -> Job:
        job = submit_batch(own_jobs, light)
        mine = claim(own_jobs, "w", 60, ("batch",))
        assert mine is not None
        mine.end("done", "Analysed.", {"done": COUNT, "failed": failed, "before": 0})
        return job

    job = asked_and_done(failed=1)
    batch_folder(job).mkdir(parents=True)
    assert asked_and_done(failed=0).id == job.id  # it was queued again
    assert submit_batch(own_jobs, light).state == "done"
    batch_folder(job).rmdir()
    assert submit_batch(own_jobs, light).state == "queued"


def test_a_cancel_stops_it_soon_and_resuming_goes_on(own_jobs, config: BatchConfig):
    job = submit_batch(own_jobs, config)
    with worker(ECG_EXECUTOR_PROCESSES="1"):
        until(own_jobs, job.id, lambda job: job.done >= 1)
        store.cancel(own_jobs, job.id)
        cancelled = until(own_jobs, job.id, ended)
        assert cancelled.state == "cancelled"
        summary = read_summary(batch_folder(job))
        assert summary is not None
        kept = len(summary)
        assert 1 <= kept < COUNT
        store.resume(own_jobs, job.id)
        done = until(own_jobs, job.id, ended)
    assert done.state == "done"
    assert done.result["before"] >= kept


def test_a_dead_scheduler_fails_it_with_that_reason(own_jobs, light: BatchConfig):
    job = submit_batch(own_jobs, light)
    with cluster(1) as made, worker(ECG_EXECUTOR=made.address):
        until(own_jobs, job.id, lambda job: job.done >= 1)
        made.scheduler.send_signal(signal.SIGKILL)
        failed = until(own_jobs, job.id, ended)
        assert failed.state == "failed"
        assert f"The Dask scheduler at {made.address} is gone" in failed.message
        store.resume(own_jobs, job.id)
        again = until(own_jobs, job.id, ended)
        assert again.state == "failed"
        assert "No Dask scheduler answers" in again.message


def test_a_full_disk_fails_it_with_that_reason(own_jobs, light: BatchConfig, tmp_path: Path):
    job = submit_batch(own_jobs, light)
    disk, out = tmp_path / "disk", batch_folder(job)
    with mounted(disk, 96):
        out.parent.mkdir(parents=True)
        out.symlink_to(disk)
        with worker(ECG_EXECUTOR_PROCESSES="1"):
            failed = until(own_jobs, job.id, ended)
            assert failed.state == "failed"
            assert "No space left on device" in failed.message
            assert not list(disk.rglob("*.part"))
            out.unlink()  # a larger disk
            store.resume(own_jobs, job.id)
            done = until(own_jobs, job.id, ended)
    assert done.state == "done", done.message


def test_a_worker_that_knows_trainings_only_leaves_it(own_jobs, config: BatchConfig):
    submit_batch(own_jobs, config)
    assert claim(own_jobs, "w", 60) is None
    assert claim(own_jobs, "w", 60, ("train", "batch")) is not None


def test_another_checkpoint_of_the_name_has_a_folder_of_its_own_and_joins_no_job(
    own_jobs, config: BatchConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    there = tmp_path / "checkpoints" / "mine"
    shutil.copytree(checkpoint_folder("resunet-b2"), there)
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(there.parent))
    mine = replace(config, checkpoint="mine", records="r0")
    first = submit_batch(own_jobs, mine)
    shutil.rmtree(there)
    shutil.copytree(ROOT / "checkpoints" / "best-inter-patient", there)
    second = submit_batch(own_jobs, mine)
    assert batch_folder(second) != batch_folder(first)
    with worker(ECG_EXECUTOR_PROCESSES="1"):
        assert until(own_jobs, second.id, ended).state == "done"
        gone = until(own_jobs, first.id, ended)
    assert gone.state == "failed"
    assert "start it anew" in gone.message
    assert not batch_folder(first).exists()
