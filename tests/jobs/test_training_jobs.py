"""Trainings as jobs, in real processes that are killed, halted, filled up and cancelled."""

import os
import random
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ecgcore.errors import EcgError
from ecgcore.jobs import child, store, training
from ecgcore.jobs.claim import claim
from ecgcore.jobs.engine import JobDatabase, jobs_database
from ecgcore.jobs.training import result_folder, submit_training, training_config, training_id
from ecgcore.models.meta import read_meta_file
from ecgcore.settings import settings
from ecgcore.training.config import Optimisation
from ecgcore.training.loop import train_seeds
from tests.jobs.test_engine import mounted
from tests.jobs.tiny_training import tiny, weights
from tests.jobs.work import child_of, ended, until, worker

pytestmark = pytest.mark.timeout(900)

SLOW = Optimisation(epochs=1000, batch=32)  # never over before something is done to it


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory) -> None:
    """A home of the test's own, with the demo database that the whole run shares."""
    shared = settings().home / "demo"
    (tmp_path / "home").mkdir()
    shared.mkdir(parents=True, exist_ok=True)
    (tmp_path / "home" / "demo").symlink_to(shared)
    monkeypatch.setenv("ECG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "none"))


@pytest.fixture
def jobs() -> JobDatabase:
    return jobs_database()


def unbroken(config, folder: Path) -> bytes:
    """Return the weights of the same training, run at a stretch in this process."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        train_seeds(config, folder)
    finally:
        torch.set_num_threads(before)
    return weights(folder)


def test_a_job_trains_what_the_command_would_and_keeps_its_figures(jobs, tmp_path: Path):
    job = submit_training(jobs, tiny())
    with worker():
        done = until(jobs, job.id, ended)
    assert done.state == "done", done.message
    assert (done.done, done.of, done.worker) == (done.of, done.of, None)
    assert weights(result_folder(done)) == unbroken(tiny(), tmp_path / "plain")
    notes = store.epochs(jobs, job.id)
    fold = [note for note in notes if "fold 1" in note.stage]
    assert [note.epoch for note in fold] == [1, 2, 3, 4]
    assert all(set(note.figures["f1"]) == {"N", "V"} for note in fold)
    meta = read_meta_file("it", result_folder(done) / "config.json")
    assert [note.figures["macro_f1"] for note in fold] == meta.training["held_out_f1"]
    assert [n.figures["loss"] for n in notes if "all" in n.stage] == meta.training["loss"]
    assert done.result["figures"][0]["accuracy"] == meta.metrics["accuracy"]
    assert "fold 1 of 1: epoch 4 of 4" in " ".join(x.text for x in store.log_lines(jobs, job.id))


def test_the_same_training_is_one_job_and_any_other_is_another(jobs):
    first = submit_training(jobs, tiny())
    joined = submit_training(jobs, replace(tiny(), title="Another's words", name="other"))
    assert (joined.id, joined.asked, joined.title) == (first.id, 2, "Tiny")
    others = [
        tiny(5),
        tiny(seeds=(1,)),
        tiny(network={"filters": [4, 4, 5]}),
        tiny(test="demo05"),
        tiny(train="demo02,demo05"),
    ]
    assert len({training_id(config) for config in (tiny(), *others)}) == 6
    assert training_config(first) == tiny()


def test_a_training_that_makes_no_sense_is_not_queued(jobs):
    with pytest.raises(EcgError, match="demo04 would"):
        submit_training(jobs, tiny(train="demo02,demo03,demo04"))
    assert store.list_jobs(jobs) == ()


def test_twenty_kills_at_random_moments_end_with_the_unbroken_weights(jobs, tmp_path: Path):
    config, dice = tiny(optimisation=Optimisation(epochs=100, batch=8)), random.Random(5)
    job, kills = submit_training(jobs, config), 0
    with worker(forks=True) as process:
        while kills < 20:
            if store.get(jobs, job.id).state == "failed":  # killed thrice without an epoch between
                store.resume(jobs, job.id)
            running = until(jobs, job.id, lambda job: job.state == "running" or job.ended)
            assert running.state != "done", f"done after {kills} kills: train for longer"
            time.sleep(dice.uniform(0.0, 1.0))
            trains = child_of(process.pid)
            if trains is None:
                continue
            os.kill(trains, signal.SIGKILL)
            kills += 1
            until(jobs, job.id, lambda job, at=running: job.fence > at.fence or job.ended)
        if store.get(jobs, job.id).state == "failed":
            store.resume(jobs, job.id)
        done = until(jobs, job.id, ended)
    assert done.state == "done", done.message
    assert done.fence == 21
    assert weights(result_folder(done)) == unbroken(config, tmp_path / "plain")
    for stage in ("seed 0: fold 1 of 1", "seed 0: all patients"):
        epochs = [note.epoch for note in store.epochs(jobs, job.id) if note.stage == stage]
        assert epochs == list(range(1, len(epochs) + 1))


def test_a_worker_that_is_killed_is_replaced_by_its_lease(jobs):
    job = submit_training(jobs, tiny(optimisation=SLOW))
    with worker() as first:
        until(jobs, job.id, lambda job: job.done >= 1)
        orphan = child_of(first.pid)
        first.kill()
        first.wait()
        with worker() as second:
            again = until(jobs, job.id, lambda job: job.fence == 2)
            assert again.worker is not None
            assert again.worker.endswith(f":{second.pid}")
            assert orphan is not None
            assert not Path(f"/proc/{orphan}").exists()  # the orphan ended itself
            seen = len(store.epochs(jobs, job.id))
            until(jobs, job.id, lambda job: job.done > seen)
            store.cancel(jobs, job.id)
            until(jobs, job.id, ended)
    epochs = [note.epoch for note in store.epochs(jobs, job.id)]
    assert epochs == sorted(set(epochs))  # none was trained twice


def test_a_worker_that_is_halted_past_its_lease_writes_nothing_when_it_wakes(jobs):
    job = submit_training(jobs, tiny(optimisation=SLOW))
    with worker() as sleeper:
        until(jobs, job.id, lambda job: job.done >= 1)
        halted = child_of(sleeper.pid)
        assert halted is not None
        for pid in (sleeper.pid, halted):
            os.kill(pid, signal.SIGSTOP)
        with worker() as heir:
            until(jobs, job.id, lambda job: job.fence == 2)
            for pid in (halted, sleeper.pid):
                os.kill(pid, signal.SIGCONT)
            deadline = time.monotonic() + 120
            while child_of(sleeper.pid) is not None:  # it notices, and ends
                assert time.monotonic() < deadline
                time.sleep(0.1)
            mine = store.get(jobs, job.id)
            assert mine.state == "running"
            assert mine.worker is not None
            assert mine.worker.endswith(f":{heir.pid}")
            store.cancel(jobs, job.id)
            until(jobs, job.id, ended)
    epochs = [note.epoch for note in store.epochs(jobs, job.id)]
    assert epochs == sorted(set(epochs))


def test_a_cancel_ends_it_in_mid_epoch_and_resuming_goes_on_from_the_last(jobs, tmp_path: Path):
    config = tiny(30)
    job = submit_training(jobs, config)
    with worker():
        until(jobs, job.id, lambda job: job.done >= 2)
        store.cancel(jobs, job.id)
        cancelled = until(jobs, job.id, ended)
        assert cancelled.state == "cancelled"
        assert "resumed" in cancelled.message
        kept = store.epochs(jobs, job.id)
        assert 2 <= len(kept) < 60
        store.resume(jobs, job.id)
        done = until(jobs, job.id, ended)
    assert done.state == "done"
    assert store.epochs(jobs, job.id)[: len(kept)] == kept  # not one was trained again
    assert weights(result_folder(done)) == unbroken(config, tmp_path / "plain")


def test_what_was_trained_before_a_kill_is_not_trained_again(jobs):
    """The kill falls between the checkpoint and the word that it is there."""
    job = submit_training(jobs, tiny())
    train_seeds(tiny(), settings().home / "jobs" / job.id / "7")
    with worker():
        done = until(jobs, job.id, ended)
    assert done.state == "done"
    assert result_folder(done).name == "7"
    assert done.result["figures"][0]["seed"] == 0
    assert store.epochs(jobs, job.id) == ()


def test_a_worker_that_is_told_to_end_gives_its_job_back_uncounted(jobs):
    job = submit_training(jobs, tiny(optimisation=SLOW))
    with worker() as process:
        until(jobs, job.id, lambda job: job.done >= 1)
        process.terminate()
        assert process.wait(20) == 0
    back = store.get(jobs, job.id)
    assert (back.state, back.worker, back.attempts) == ("queued", None, 0)
    assert "goes on from the last epoch" in store.log_lines(jobs, job.id)[-1].text


def test_a_batch_that_takes_too_long_is_not_waited_for(jobs):
    """One batch of all beats with a wide network: the cancel does not wait for its end."""
    wide = tiny(network={"filters": [512, 1024, 512]}, optimisation=Optimisation(batch=60000))
    job = submit_training(jobs, replace(wide, input=replace(wide.input, points=512)))
    with worker():
        until(jobs, job.id, lambda job: job.of > 0)
        store.cancel(jobs, job.id)
        assert until(jobs, job.id, ended).state == "cancelled"
    assert store.epochs(jobs, job.id) == ()


def test_a_full_disk_fails_it_with_that_reason_and_room_lets_it_go_on(jobs, tmp_path: Path):
    config = tiny(30)
    job = submit_training(jobs, config)
    disk, states = tmp_path / "disk", settings().home / "training"
    with mounted(disk, 256):
        states.symlink_to(disk)
        filler = disk / "filler"
        filler.write_bytes(bytes(250 << 10))
        with worker():
            failed = until(jobs, job.id, ended)
            assert failed.state == "failed"
            assert "No space left on device; make room" in failed.message
            assert not list(disk.rglob("*.part"))
            filler.unlink()
            states.unlink()  # a larger disk
            store.resume(jobs, job.id)
            done = until(jobs, job.id, ended)
    assert done.state == "done", done.message
    assert weights(result_folder(done)) == unbroken(config, tmp_path / "plain")


def test_too_little_memory_is_said_and_not_tried_again(jobs):
    """A limit makes the allocation fail, as it does where memory is not overcommitted."""
    wide = tiny(network={"filters": [2048, 4096, 2048]}, optimisation=Optimisation(batch=60000))
    job = submit_training(jobs, replace(wide, input=replace(wide.input, points=512)))
    with worker(ECG_JOB_MEMORY_MB="1200"):
        found = until(jobs, job.id, ended)
    assert found.state == "out-of-memory"
    assert "smaller batches" in found.message
    assert found.fence == 1


def test_a_kill_by_the_kernel_for_want_of_memory_is_told_from_any_other(jobs):
    """The training runs in a group of processes with less memory than it takes."""
    wide = tiny(network={"filters": [2048, 4096, 2048]}, optimisation=Optimisation(batch=60000))
    job = submit_training(jobs, replace(wide, input=replace(wide.input, points=512)))
    group = memory_group(f"beatlens-{os.getpid()}")
    try:
        with worker() as process:
            running = until(jobs, job.id, lambda job: job.state == "running")
            while (trains := child_of(process.pid)) is None:
                time.sleep(0.01)
            (group / "memory.limit_in_bytes").write_text(str(700 << 20))
            (group / "cgroup.procs").write_text(str(trains))
            found = until(jobs, job.id, lambda job: job.ended or job.fence > running.fence)
    finally:
        time.sleep(0.2)
        group.rmdir()
    assert found.state == "out-of-memory", found.message
    assert "system ended the training because memory ran out" in found.message


def memory_group(name: str) -> Path:
    """Make a memory cgroup; skip where that is not allowed."""
    group = Path("/sys/fs/cgroup/memory") / name
    try:
        group.mkdir()
    except OSError:
        pytest.skip("no memory cgroup can be made here (needs root and cgroup v1)")
    return group


def test_settings_that_this_version_can_not_read_are_said(jobs):
    job = store.submit(jobs, id="odd", kind="train", title="odd", config={"name": "odd"})
    with worker():
        found = until(jobs, job.id, ended)
    assert found.state == "failed"
    assert "The job odd: " in found.message


@pytest.mark.parametrize(
    ("error", "state", "said"),
    [
        (ZeroDivisionError("by zero"), "failed", "its log has more"),
        (EcgError("The recording went away."), "failed", "The recording went away."),
        (MemoryError(), "out-of-memory", "smaller batches"),
        (RuntimeError("DefaultCPUAllocator: not enough memory"), "out-of-memory", "smaller"),
    ],
)
def test_whatever_a_training_raises_is_a_sentence(jobs, monkeypatch, error, state, said):
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(training, "run", broken)
    store.submit(jobs, id="it", kind="train", title="it", config={})
    mine = claim(jobs, "w", 60)
    assert mine is not None
    handler = signal.getsignal(signal.SIGTERM)
    try:
        assert child.main("it", mine.fence, 60) == 0
    finally:
        signal.signal(signal.SIGTERM, handler)
    found = store.get(jobs, "it")
    assert found.state == state
    assert said in found.message
    assert "Traceback" not in found.message
    log = [line.text for line in store.log_lines(jobs, "it")]
    assert any("ZeroDivisionError: by zero" in line for line in log) == (
        type(error) is ZeroDivisionError
    )
