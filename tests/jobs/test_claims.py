"""Claims on both databases: one worker a job, lapsed leases, fences, attempts, many at once."""

import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from ecgcore.errors import JobError, LeaseLostError
from ecgcore.jobs import store
from ecgcore.jobs.claim import Claim, claim, waiting_jobs
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.job import MAX_ATTEMPTS, Job
from ecgcore.storage.tables import JOBS, now

ROOT = Path(__file__).parents[2]
LONG = 60.0


def put(jobs: JobDatabase, id: str = "a", kind: str = "train") -> Job:
    return store.submit(jobs, id=id, kind=kind, title=f"job {id}", config={"seed": 1})


def take(jobs: JobDatabase, worker: str = "w") -> Claim:
    mine = claim(jobs, worker, LONG)
    assert mine is not None
    return mine


def lapse(jobs: JobDatabase) -> None:
    """Have all leases be over, however long they were."""
    jobs.work(lambda c: c.execute(update(JOBS).values(lease_until=now() - 1)))


class TestAsking:
    def test_the_same_work_is_one_job_that_the_second_joins(self, jobs: JobDatabase):
        first, second = put(jobs), put(jobs)
        assert (first.id, first.asked, first.state) == ("a", 1, "queued")
        assert (second.id, second.asked) == ("a", 2)
        assert second.config == {"seed": 1}
        assert [job.id for job in store.list_jobs(jobs)] == ["a"]

    def test_two_that_ask_at_the_same_moment_get_one_job(self, jobs: JobDatabase):
        gate = threading.Barrier(6)

        def ask() -> None:
            gate.wait()
            put(jobs)

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [(job.id, job.asked) for job in store.list_jobs(jobs)] == [("a", 6)]

    def test_what_is_done_stays_done_and_what_failed_is_tried_again(self, jobs: JobDatabase):
        put(jobs, "good"), put(jobs, "bad")
        take(jobs).end("done", "Done.", {"f1": 0.5})
        take(jobs).end("failed", "It broke.")
        assert put(jobs, "good").state == "done"
        assert put(jobs, "good").result == {"f1": 0.5}
        again = put(jobs, "bad")
        assert (again.state, again.message, again.attempts) == ("queued", "", 0)

    def test_a_job_is_found_by_the_start_of_its_id(self, jobs: JobDatabase):
        put(jobs, "abc1"), put(jobs, "abd2")
        assert store.find(jobs, "abd").id == "abd2"
        with pytest.raises(JobError, match="Several"):
            store.find(jobs, "ab")
        for nothing in ("x", "", "%", "_"):
            with pytest.raises(JobError, match="no job"):
                store.find(jobs, nothing)


class TestClaiming:
    def test_the_oldest_first_each_once(self, jobs: JobDatabase):
        for name in "cab":
            put(jobs, name)
        assert [take(jobs).job.id for _ in range(3)] == ["c", "a", "b"]
        assert claim(jobs, "w", LONG) is None

    def test_only_the_kinds_that_a_worker_knows(self, jobs: JobDatabase):
        put(jobs, "a", kind="other")
        assert claim(jobs, "w", LONG) is None
        assert claim(jobs, "w", LONG, kinds=("other",)) is not None

    def test_a_lease_that_is_renewed_holds_and_one_that_is_not_does_not(self, jobs: JobDatabase):
        put(jobs)
        held = take(jobs)
        for _ in range(3):
            lapse(jobs)
            assert waiting_jobs(jobs) == 1
            assert held.renew() == "running"
            assert waiting_jobs(jobs) == 0
            assert claim(jobs, "thief", LONG) is None
        lapse(jobs)
        assert take(jobs, "heir").job.worker == "heir"

    def test_a_worker_that_wakes_up_late_can_write_nothing(self, jobs: JobDatabase):
        put(jobs)
        sleeper = take(jobs, "sleeper")
        lapse(jobs)
        heir = take(jobs, "heir")
        assert heir.fence == sleeper.fence + 1
        for late in (
            sleeper.renew,
            sleeper.state,
            lambda: sleeper.log("I am back"),
            lambda: sleeper.at("fold 1", 1, 2),
            lambda: sleeper.epoch("fold 1", 1, {"loss": 9.0}, 1, 2),
            lambda: sleeper.end("done", "Mine!", {"f1": 1.0}),
            lambda: sleeper.give_back("tired", counts=True),
        ):
            with pytest.raises(LeaseLostError):
                late()
        heir.epoch("fold 1", 1, {"loss": 1.0}, 1, 2)
        heir.end("done", "Done.", {"f1": 0.5})
        job = store.get(jobs, "a")
        assert (job.state, job.message, job.result) == ("done", "Done.", {"f1": 0.5})
        assert [note.figures for note in store.epochs(jobs, "a")] == [{"loss": 1.0}]
        assert store.log_lines(jobs, "a") == ()

    def test_an_ended_job_takes_no_more_from_its_own_worker(self, jobs: JobDatabase):
        put(jobs)
        mine = take(jobs)
        mine.end("done", "Done.")
        with pytest.raises(LeaseLostError):
            mine.end("failed", "No.")
        assert store.get(jobs, "a").state == "done"


class TestAttempts:
    def test_a_worker_that_dies_again_and_again_is_not_replaced_for_ever(self, jobs: JobDatabase):
        put(jobs)
        for _ in range(MAX_ATTEMPTS):
            take(jobs)
            lapse(jobs)
        assert claim(jobs, "w", LONG) is None
        job = store.get(jobs, "a")
        assert job.state == "failed"
        assert "no sign of life" in job.message
        assert "attempt 3 of 3" in job.message
        assert store.resume(jobs, "a").state == "queued"
        assert take(jobs).job.attempts == 1

    def test_every_epoch_that_is_done_earns_new_attempts(self, jobs: JobDatabase):
        put(jobs)
        for epoch in range(1, 3 * MAX_ATTEMPTS):
            take(jobs).epoch("fold 1", epoch, {"loss": 1 / epoch}, epoch, 20)
            lapse(jobs)
        notes = store.epochs(jobs, "a")
        assert [note.epoch for note in notes] == list(range(1, 3 * MAX_ATTEMPTS))

    def test_a_process_that_broke_is_tried_again_at_once_and_then_failed(self, jobs: JobDatabase):
        put(jobs)
        for attempt in range(1, MAX_ATTEMPTS):
            take(jobs).give_back("It broke.", counts=True)
            assert store.get(jobs, "a").state == "queued", attempt
        take(jobs).give_back("It broke.", counts=True)
        job = store.get(jobs, "a")
        assert job.state == "failed"
        assert job.message.startswith("It broke. That was attempt 3 of 3")
        assert [line.text for line in store.log_lines(jobs, "a")] == ["It broke."] * 3

    def test_one_that_is_given_back_for_a_restart_costs_no_attempt(self, jobs: JobDatabase):
        put(jobs)
        for _ in range(2 * MAX_ATTEMPTS):
            take(jobs).give_back("The worker was stopped.", counts=False)
        assert store.get(jobs, "a").state == "queued"


class TestCancelling:
    def test_one_that_waits_is_cancelled_at_once(self, jobs: JobDatabase):
        put(jobs)
        assert store.cancel(jobs, "a").state == "cancelled"
        assert claim(jobs, "w", LONG) is None

    def test_one_that_runs_is_told_and_ends_when_its_worker_says(self, jobs: JobDatabase):
        put(jobs)
        mine = take(jobs)
        assert store.cancel(jobs, "a").state == "cancelling"
        assert mine.renew() == mine.state() == "cancelling"
        with pytest.raises(JobError, match="is cancelling"):
            store.resume(jobs, "a")
        mine.end("cancelled", "Cancelled.")
        assert store.cancel(jobs, "a").state == "cancelled"
        assert store.resume(jobs, "a").state == "queued"

    def test_one_whose_worker_died_before_it_stopped_is_cancelled_all_the_same(self, jobs):
        put(jobs)
        take(jobs)
        store.cancel(jobs, "a")
        lapse(jobs)
        assert waiting_jobs(jobs) == 1
        assert claim(jobs, "w", LONG) is None
        assert store.get(jobs, "a").state == "cancelled"
        assert waiting_jobs(jobs) == 0

    def test_what_is_done_can_neither_be_cancelled_nor_resumed(self, jobs: JobDatabase):
        put(jobs)
        take(jobs).end("done", "Done.")
        assert store.cancel(jobs, "a").state == "done"
        with pytest.raises(JobError, match="is done"):
            store.resume(jobs, "a")


def test_notes_are_kept_in_order_and_an_epoch_done_twice_once(jobs: JobDatabase):
    put(jobs)
    mine = take(jobs)
    mine.epoch("fold 1", 1, {"loss": 2.0}, 1, 3)
    mine.epoch("fold 1", 1, {"loss": 1.0, "f1": float("nan")}, 1, 3)
    mine.epoch("all", 1, {"loss": 3.0}, 2, 3)
    for k in range(5):
        mine.log(f"line {k}")
    found = [(n.stage, n.epoch, n.figures["loss"]) for n in store.epochs(jobs, "a")]
    assert found == [("fold 1", 1, 1.0), ("all", 1, 3.0)]
    assert [line.text for line in store.log_lines(jobs, "a", limit=2)] == ["line 3", "line 4"]
    job = store.get(jobs, "a")
    assert (job.stage, job.done, job.of) == ("all", 2, 3)


@pytest.mark.timeout(280)
def test_six_workers_do_six_hundred_jobs_each_exactly_once(url: str, tmp_path: Path):
    jobs, done = JobDatabase(url), tmp_path / "done"
    done.mkdir()
    names = [f"job{k:03d}" for k in range(600)]
    for name in names:
        put(jobs, name, kind="tiny")
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.jobs.busy_worker", url, str(done), f"w{k}"], cwd=ROOT
        )
        for k in range(6)
    ]
    assert [worker.wait() for worker in workers] == [0] * 6
    by = {path.name: path.read_text().split() for path in done.iterdir()}
    assert sorted(by) == names
    assert {len(who) for who in by.values()} == {1}
    assert len(Counter(who for one in by.values() for who in one)) > 1  # they shared the work
    ended = store.list_jobs(jobs, limit=1000)
    assert {(job.state, job.fence, job.attempts) for job in ended} == {("done", 1, 1)}
    jobs.close()


ACTIONS = st.lists(
    st.sampled_from(["claim", "renew", "cancel", "resume", "ask", "end", "fail", "give", "epoch"]),
    max_size=25,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_whatever_happens_at_most_one_claim_can_write(tmp_path: Path, actions: list[str]):
    """Every claim but the newest is refused, the fence only goes up, an ended job has no worker."""
    jobs = JobDatabase(f"sqlite:///{tmp_path / 'any.sqlite3'}")
    for old in store.list_jobs(jobs):
        store.cancel(jobs, old.id)
        claim(jobs, "cleaner", LONG)
    name = f"job{time.monotonic_ns()}"
    put(jobs, name)
    claims: list[Claim] = []
    for action in actions:
        before = store.get(jobs, name)
        try:
            match action:
                case "claim":
                    mine = claim(jobs, f"w{len(claims)}", LONG)
                    claims += [mine] if mine is not None and mine.job.id == name else []
                case "ask":
                    put(jobs, name)
                case "cancel" | "resume":
                    getattr(store, action)(jobs, name)
                case _ if claims:
                    last = claims[-1]
                    {
                        "renew": last.renew,
                        "end": lambda last=last: last.end("done", "Done."),
                        "fail": lambda last=last: last.end("failed", "No."),
                        "give": lambda last=last: last.give_back("broke", counts=True),
                        "epoch": lambda last=last: last.epoch("s", 1, {}, 1, 1),
                    }[action]()
        except JobError:
            pass
        job = store.get(jobs, name)
        assert job.fence >= before.fence == len(claims) - (job.fence - before.fence)
        assert job.fence == len(claims)
        assert (job.worker is None) == (job.state not in ("running", "cancelling"))
        for old in claims[:-1]:
            with pytest.raises(LeaseLostError):
                old.log("too late")
    jobs.close()
