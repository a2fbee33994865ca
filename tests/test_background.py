"""Work in a thread of its own: joined, told, cancelled, tried again, forgotten."""

import threading

from ecgcore.background import Background
from ecgcore.errors import EcgError


def test_one_piece_of_work_serves_all_who_ask():
    work, gate, calls = Background(), threading.Event(), []

    def slow(report):
        calls.append(1)
        report(0.5, "half")
        gate.wait(30)
        return 7

    work.start("a", slow)
    work.start("a", slow)
    gate.set()
    state = work.wait("a", 30)
    assert (state.phase, state.result, state.share) == ("done", 7, 1.0)
    work.start("a", slow)
    assert calls == [1]
    work.start("a", slow, again=True)
    assert work.wait("a", 30).phase == "done"
    assert calls == [1, 1]


def test_cancel_ends_it_at_its_next_report_and_it_can_start_anew():
    work, gate, began, after = Background(), threading.Event(), threading.Event(), []

    def slow(report):
        began.set()
        gate.wait(30)
        report(0.5, "half")
        after.append(1)
        return "late"

    work.start("a", slow)
    assert began.wait(30)
    work.cancel("a")
    assert work.state("a").phase == "cancelled"
    gate.set()
    assert work.wait("a", 30).phase == "cancelled"
    assert after == []
    work.start("a", lambda _: "again")
    assert work.wait("a", 30).result == "again"


def test_what_fails_says_why_and_may_be_tried_again():
    work, fail = Background(), [EcgError("The disk is away."), KeyError("a defect")]

    def flaky(report):
        if fail:
            raise fail.pop(0)
        return 1

    work.start("a", flaky)
    assert work.wait("a", 30).failure == "The disk is away."
    work.start("a", flaky)
    assert "log" in work.wait("a", 30).failure
    work.start("a", flaky)
    assert work.wait("a", 30).phase == "done"


def test_only_the_last_few_results_are_kept():
    work = Background(kept=2)
    for k in range(5):
        work.start(k, lambda _: "x")
        work.wait(k, 30)
    assert [k for k in range(5) if work.state(k)] == [3, 4]
