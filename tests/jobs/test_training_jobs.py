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
from ecgcore.jobs.training import result_folder, submit_training, training_config, training_id
from ecgcore.models.meta import read_meta_file
from ecgcore.settings import settings
from ecgcore.training.config import Optimisation
from ecgcore.training.loop import train_seeds
from tests.jobs.tiny_training import tiny, unbroken, weights
from tests.jobs.work import child_of, ended, halt, until, worker

pytestmark = [pytest.mark.timeout(900), pytest.mark.usefixtures("home")]

SLOW = Optimisation(epochs=1000, batch=32)  # never over before something is done to it


def test_a_job_trains_what_the_command_would_and_keeps_its_figures(own_jobs, tmp_path: Path):
    job = submit_training(own_jobs, tiny())
    with worker():
        done = until(own_jobs, job.id, ended)
    assert done.state == "done", done.message
    assert (done.done, done.of, done.worker) == (done.of, done.of, None)
    assert weights(result_folder(done)) == unbroken(tiny(), tmp_path / "plain")
    notes = store.epochs(own_jobs, job.id)
    fold = [note for note in notes if "fold 1" in note.stage]
    assert [note.epoch for note in fold] == [1, 2, 3, 4]
    assert all(set(note.figures["f1"]) == {"N", "V"} for note in fold)
    meta = read_meta_file("it", result_folder(done) / "config.json")
    assert [note.figures["macro_f1"] for note in fold] == meta.training["held_out_f1"]
    assert [n.figures["loss"] for n in notes if "all" in n.stage] == meta.training["loss"]
    assert done.result["figures"][0]["accuracy"] == meta.metrics["accuracy"]
    assert "fold 1 of 1: epoch 4 of 4" in " ".join(
        x.text for x in store.log_lines(own_jobs, job.id)
    )


def test_the_same_training_is_one_job_and_any_other_is_another(own_jobs):
    first = submit_training(own_jobs, tiny())
    joined = submit_training(own_jobs, replace(tiny(), title="Another's words", name="other"))
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


def test_a_training_that_makes_no_sense_is_not_queued(own_jobs):
    with pytest.raises(EcgError, match="demo04 would"):
        submit_training(own_jobs, tiny(train="demo02,demo03,demo04"))
    assert store.list_jobs(own_jobs) == ()


@pytest.mark.timeout(1800)
def test_twenty_kills_at_random_moments_end_with_the_unbroken_weights(own_jobs, tmp_path: Path):
    config, dice = tiny(optimisation=Optimisation(epochs=150, batch=32)), random.Random(5)
    job, kills = submit_training(own_jobs, config), 0
    with worker(forks=True) as process:
        while kills < 20:
            if (
                store.get(own_jobs, job.id).state == "failed"
            ):  # killed thrice without an epoch between
                store.resume(own_jobs, job.id)
            running = until(own_jobs, job.id, lambda job: job.state == "running" or job.ended)
            assert running.state != "done", f"done after {kills} kills: train for longer"
            # On a fast machine sooner: some epochs must be left after the last kill.
            moment = time.monotonic() + dice.uniform(0.0, 0.8)
            while time.monotonic() < moment:
                if store.get(own_jobs, job.id).done >= running.done + 3:
                    break
                time.sleep(0.01)
            trains = child_of(process.pid)
            if trains is None:
                continue
            os.kill(trains, signal.SIGKILL)
            kills += 1
            until(own_jobs, job.id, lambda job, at=running: job.fence > at.fence or job.ended)
        if store.get(own_jobs, job.id).state == "failed":
            store.resume(own_jobs, job.id)
        done = until(own_jobs, job.id, ended)
    assert done.state == "done", done.message
    assert done.fence == 21
    assert weights(result_folder(done)) == unbroken(config, tmp_path / "plain")
    for stage in ("seed 0: fold 1 of 1", "seed 0: all patients"):
        epochs = [note.epoch for note in store.epochs(own_jobs, job.id) if note.stage == stage]
        assert epochs == list(range(1, len(epochs) + 1))


def test_a_worker_that_is_killed_is_replaced_by_its_lease(own_jobs):
    job = submit_training(own_jobs, tiny(optimisation=SLOW))
    with worker() as first:
        until(own_jobs, job.id, lambda job: job.done >= 1)
        orphan = child_of(first.pid)
        first.kill()
        first.wait()
        with worker() as second:
            again = until(own_jobs, job.id, lambda job: job.fence == 2)
            assert again.worker is not None
            assert again.worker.endswith(f":{second.pid}")
            assert orphan is not None
            assert not Path(f"/proc/{orphan}").exists()  # the orphan ended itself
            seen = len(store.epochs(own_jobs, job.id))
            until(own_jobs, job.id, lambda job: job.done > seen)
            store.cancel(own_jobs, job.id)
            until(own_jobs, job.id, ended)
    epochs = [note.epoch for note in store.epochs(own_jobs, job.id)]
    assert epochs == sorted(set(epochs))  # none was trained twice


def test_a_worker_that_is_halted_past_its_lease_writes_nothing_when_it_wakes(own_jobs):
    job = submit_training(own_jobs, tiny(optimisation=SLOW))
    with worker() as sleeper:
        until(own_jobs, job.id, lambda job: job.done >= 1)
        halted = child_of(sleeper.pid)
        assert halted is not None
        halt(settings().home / "jobs" / "jobs.sqlite3", sleeper.pid, halted)
        with worker() as heir:
            until(own_jobs, job.id, lambda job: job.fence == 2)
            for pid in (halted, sleeper.pid):
                os.kill(pid, signal.SIGCONT)
            deadline = time.monotonic() + 600
            while child_of(sleeper.pid) is not None:  # it notices, and ends
                assert time.monotonic() < deadline
                time.sleep(0.1)
            mine = store.get(own_jobs, job.id)
            assert mine.state == "running"
            assert mine.worker is not None
            assert mine.worker.endswith(f":{heir.pid}")
            store.cancel(own_jobs, job.id)
            until(own_jobs, job.id, ended)
    epochs = [note.epoch for note in store.epochs(own_jobs, job.id)]
    assert epochs == sorted(set(epochs))


def test_a_cancel_ends_it_in_mid_epoch_and_resuming_goes_on_from_the_last(own_jobs, tmp_path: Path):
    config = tiny(30)
    job = submit_training(own_jobs, config)
    with worker():
        until(own_jobs, job.id, lambda job: job.done >= 2)
        store.cancel(own_jobs, job.id)
        cancelled = until(own_jobs, job.id, ended)
        assert cancelled.state == "cancelled"
        assert "resumed" in cancelled.message
        kept = store.epochs(own_jobs, job.id)
        assert 2 <= len(kept) < 60
        store.resume(own_jobs, job.id)
        done = until(own_jobs, job.id, ended)
    assert done.state == "done"
    assert store.epochs(own_jobs, job.id)[: len(kept)] == kept  # not one was trained again
    assert weights(result_folder(done)) == unbroken(config, tmp_path / "plain")


def test_what_was_trained_before_a_kill_is_not_trained_again(own_jobs):
    """The kill falls between the checkpoint and the word that it is there."""
    job = submit_training(own_jobs, tiny())
    train_seeds(tiny(), settings().home / "jobs" / job.id / "7")
    with worker():
        done = until(own_jobs, job.id, ended)
    assert done.state == "done"
    assert result_folder(done).name == "7"
    assert done.result["figures"][0]["seed"] == 0
    assert store.epochs(own_jobs, job.id) == ()


def test_a_worker_that_is_told_to_end_gives_its_job_back_uncounted(own_jobs):
    job = submit_training(own_jobs, tiny(optimisation=SLOW))
    with worker() as process:
        until(own_jobs, job.id, lambda job: job.done >= 1)
        process.terminate()
        assert process.wait(600) == 0
    back = store.get(own_jobs, job.id)
    assert (back.state, back.worker, back.attempts) == ("queued", None, 0)
    assert "goes on from the last epoch" in store.log_lines(own_jobs, job.id)[-1].text


def test_a_batch_that_takes_too_long_is_not_waited_for(own_jobs):
    """One batch of all beats with a wide network: the cancel does not wait for its end."""
    wide = tiny(network={"filters": [512, 1024, 512]}, optimisation=Optimisation(batch=60000))
    job = submit_training(own_jobs, replace(wide, input=replace(wide.input, points=512)))
    with worker():
        until(own_jobs, job.id, lambda job: job.of > 0)
        store.cancel(own_jobs, job.id)
        assert until(own_jobs, job.id, ended).state == "cancelled"
    assert store.epochs(own_jobs, job.id) == ()


def test_settings_that_this_version_can_not_read_are_said(own_jobs):
    job = store.submit(own_jobs, id="odd", kind="train", title="odd", config={"name": "odd"})
    with worker():
        found = until(own_jobs, job.id, ended)
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
def test_whatever_a_training_raises_is_a_sentence(own_jobs, monkeypatch, error, state, said):
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(training, "run", broken)
    store.submit(own_jobs, id="it", kind="train", title="it", config={})
    mine = claim(own_jobs, "w", 60)
    assert mine is not None
    handler = signal.getsignal(signal.SIGTERM)
    try:
        assert child.main("it", mine.fence, 60) == 0
    finally:
        signal.signal(signal.SIGTERM, handler)
    found = store.get(own_jobs, "it")
    assert found.state == state
    assert said in found.message
    assert "Traceback" not in found.message
    log = [line.text for line in store.log_lines(own_jobs, "it")]
    assert any("ZeroDivisionError: by zero" in line for line in log) == (
        type(error) is ZeroDivisionError
    )
