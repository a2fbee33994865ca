"""A batch on a real Dask cluster on loopback: killed workers, a killed scheduler, as locally."""

import signal
from pathlib import Path

import pytest

from ecgcore.batch.config import BatchConfig
from ecgcore.batch.run import BatchProgress, run_batch
from ecgcore.batch.summary import read_summary
from ecgcore.errors import ExecutorError
from ecgcore.executor.opening import open_executor
from tests.batch.conftest import copy_record
from tests.batch.inline import Inline
from tests.batch.work import tree
from tests.executor.cluster import cluster

pytestmark = pytest.mark.timeout(900)

COUNT = 12


@pytest.fixture
def config(tmp_path: Path) -> BatchConfig:
    for number in range(COUNT):
        copy_record(f"demo0{2 + number % 3}", tmp_path / "many", f"r{number:02d}")
    (tmp_path / "many" / "r05.dat").write_bytes(b"cut short")
    return BatchConfig(database=str(tmp_path / "many"), checkpoint="resunet-b2")


def test_a_worker_killed_in_mid_run_changes_no_result(config: BatchConfig, tmp_path: Path):
    with open_executor("local", processes=2) as local:
        alone = run_batch(config, tmp_path / "local", local)
    assert (alone.done, alone.failed, alone.before) == (COUNT, 1, 0)
    with cluster(2) as made, open_executor(made.address) as dask:

        def kill_one(now: BatchProgress) -> None:
            if now.done == 3:
                made.workers[0].kill()

        ended = run_batch(config, tmp_path / "dask", dask, progress=kill_one)
    assert ended.done == COUNT
    by_dask, by_us = tree(tmp_path / "dask"), tree(tmp_path / "local")
    assert sorted(by_dask) == sorted(by_us)
    assert [place for place, content in by_us.items() if by_dask[place] != content] == []


def test_a_scheduler_killed_in_mid_run_is_said_and_what_was_done_is_kept(
    config: BatchConfig, tmp_path: Path
):
    done: list[str] = []
    with cluster(2) as made, open_executor(made.address) as dask:

        def kill_it(now: BatchProgress) -> None:
            done.append(now.record)
            if now.done == 2:
                made.scheduler.send_signal(signal.SIGKILL)

        with pytest.raises(ExecutorError, match=r"scheduler at tcp://.* is gone"):
            run_batch(config, tmp_path / "out", dask, progress=kill_it)
    summary = read_summary(tmp_path / "out")
    assert summary is not None
    assert sorted(summary["record"]) == sorted(done)
    ended = run_batch(config, tmp_path / "out", Inline())
    assert ended.before >= len([name for name in done if name != "r05"])
