"""The local pool and a real Dask cluster: the same results, whoever dies on the way."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecgcore.errors import EcgError, ExecutorError
from ecgcore.executor.cluster import DaskCluster
from ecgcore.executor.opening import open_executor
from ecgcore.executor.task import Executor, Failed
from ecgcore.settings import settings
from tests.executor import chores
from tests.executor.cluster import Cluster, cluster


@pytest.fixture(scope="module")
def dask() -> Iterator[Cluster]:
    with cluster() as made:
        yield made


@pytest.fixture(params=["local", "dask"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    where = "local"
    if request.param == "dask":
        where = request.getfixturevalue("dask").address
    with open_executor(where, processes=2) as opened:
        yield opened


def nothing() -> None:
    return


def test_every_item_once_with_its_own_result(executor: Executor):
    found = dict(executor.results(chores.doubled, range(50), nothing))
    assert found == {number: 2 * number for number in range(50)}
    assert dict(executor.results(chores.doubled, [], nothing)) == {}
    assert dict(executor.results(chores.doubled, [7], nothing)) == {7: 14}  # once more


def test_it_works_in_other_processes(executor: Executor):
    found = {pid for _, pid in executor.results(chores.process, range(40), nothing)}
    assert os.getpid() not in found


def test_what_goes_wrong_with_one_item_is_said_and_the_rest_go_on(executor: Executor):
    kinds = ["fine", "said", "defect", "memory", "fine too"]
    found = dict(executor.results(chores.trouble, kinds, nothing))
    assert found["fine"] == "fine"
    assert found["fine too"] == "fine too"
    assert found["said"] == Failed(said="The recording is empty.")
    assert found["defect"].said == "Something went wrong in the program (KeyError: 'lead')."
    assert "chores.py" in found["defect"].trace
    assert found["memory"] == Failed(said="The memory did not suffice.")


def test_no_secret_reaches_a_worker(
    executor: Executor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("ECG_DATABASE_URL", "postgresql://me:hush-hush@host/jobs")
    monkeypatch.setenv("CLOUD_TOKEN", "hush-hush")
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "recordings"))
    ((_, there),) = executor.results(chores.environment, [0], nothing)
    assert not [name for name, value in there.items() if "hush-hush" in value]
    assert there["ECG_DATA_DIR"] == str(tmp_path / "recordings")
    assert there["ECG_HOME"] == str(settings().home)


def test_a_process_that_dies_is_replaced_and_its_item_done_by_another(tmp_path: Path):
    items = [str(tmp_path / str(number)) for number in range(4)]
    with open_executor("local", processes=2) as pool:
        assert dict(pool.results(chores.dies_once, items, nothing)) == dict.fromkeys(items, "done")


def test_a_process_is_renewed_after_many_items(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ecgcore.executor.pool.RENEWED_AFTER", 3)
    with open_executor("local", processes=1) as pool:
        found = [pid for _, pid in pool.results(chores.process, range(7), nothing)]
    assert [found.count(pid) for pid in dict.fromkeys(found)] == [3, 3, 1]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_process_gives_back_what_an_item_took():
    with open_executor("local", processes=1) as pool:
        (_, before), (_, after) = pool.results(chores.held_after, [0, 12], nothing)
    assert after < before + 20  # MB


def test_an_item_that_kills_every_process_is_given_up_alone():
    with open_executor("local", processes=2) as pool:
        found = dict(pool.results(chores.dies_if_negative, [1, -2, 3, 4], nothing))
    assert [found[one] for one in (1, 3, 4)] == [1, 3, 4]
    assert "died 3 times (SIGKILL)" in found[-2].said


def test_an_item_that_kills_every_worker_of_a_cluster_is_given_up():
    few = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    with cluster(3, **few) as made, open_executor(made.address) as dask:
        assert dict(dask.results(chores.doubled, [1], nothing)) == {1: 2}
        found = dict(dask.results(chores.dies_if_negative, [-2], nothing))
        assert "died one after another" in found[-2].said
        assert dict(dask.results(chores.doubled, [2], nothing)) == {2: 4}  # one is left


def test_a_cancel_ends_what_is_under_way(executor: Executor):
    begun = time.monotonic()

    def cancelled() -> None:
        if time.monotonic() > begun + 0.5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        list(executor.results(time.sleep, [60] if "machine" in executor.name else [5], cancelled))
    assert dict(executor.results(chores.doubled, [7], nothing)) == {7: 14}


def test_a_dead_scheduler_is_said():
    with cluster() as made, open_executor(made.address) as dask:
        results = dask.results(chores.doubled, iter(range(10**6)), nothing)
        next(results)
        made.scheduler.send_signal(signal.SIGKILL)
        with pytest.raises(ExecutorError, match=f"{made.address} is gone"):
            list(results)


def test_a_cluster_that_loses_all_its_workers_is_not_waited_for_for_ever():
    with cluster(1) as made:
        dask = DaskCluster(made.address, patience=1)
        results = dask.results(chores.doubled, iter(range(10**6)), nothing)
        next(results)
        made.workers[0].kill()
        with pytest.raises(ExecutorError, match="has had no worker for 1 s"):
            list(results)
        dask.close()


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("everywhere", "'everywhere'; it is 'local', or the address"),
        ("tcp://127.0.0.1:9", "No Dask scheduler answers at tcp://127.0.0.1:9"),
    ],
)
def test_an_executor_that_is_none_is_said(where: str, said: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ecgcore.executor.cluster._CONNECT_S", 1.0)
    monkeypatch.setenv("ECG_EXECUTOR", where)
    with pytest.raises(EcgError, match=said), open_executor():
        pass


def test_a_worker_of_another_version_does_nothing(dask: Cluster, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ecgcore.executor.cluster.code_version", lambda: "another")
    with open_executor(dask.address) as executor, pytest.raises(ExecutorError, match="version"):
        list(executor.results(chores.doubled, [1, 2], nothing))
