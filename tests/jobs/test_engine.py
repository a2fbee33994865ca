"""A database of jobs that is locked, read-only, full, missing, foreign or from a newer version."""

import contextlib
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, text, update

from ecgcore.errors import JobError
from ecgcore.jobs import store
from ecgcore.jobs.engine import JobDatabase, jobs_database
from ecgcore.storage.layer_tables import EDITS, LAYERS, REVIEWS
from ecgcore.storage.tables import VERSION, VERSIONS

ROOT = Path(__file__).parents[2]


def put(jobs: JobDatabase, id: str = "a") -> None:
    store.submit(jobs, id=id, kind="train", title=id, config={})


@contextmanager
def mounted(folder: Path, kilobytes: int) -> Iterator[None]:
    """Mount a small disk in memory; where that is not allowed, skip."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here (needs root)")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    """Keep a database locked as another process would."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def test_one_that_is_locked_for_a_moment_is_waited_for(tmp_path: Path):
    path = tmp_path / "jobs.sqlite3"
    jobs = JobDatabase(f"sqlite:///{path}", patience=30)
    with locked(path) as other:
        thread = threading.Thread(target=put, args=(jobs,))
        thread.start()
        time.sleep(0.8)
        assert thread.is_alive()
        other.execute("COMMIT")
        thread.join()
    assert store.get(jobs, "a").state == "queued"


def test_one_that_stays_locked_is_said_and_can_still_be_looked_at(tmp_path: Path):
    path = tmp_path / "jobs.sqlite3"
    jobs = JobDatabase(f"sqlite:///{path}", patience=0.3)
    put(jobs)
    with locked(path):
        with pytest.raises(JobError, match=r"jobs.sqlite3.*locked"):
            put(jobs, "b")
        assert [job.id for job in store.list_jobs(jobs)] == ["a"]
        with pytest.raises(JobError, match=r"jobs.sqlite3.*locked"):
            JobDatabase(f"sqlite:///{path}", patience=0.3)
    put(jobs, "b")


def test_a_folder_that_can_not_be_made_is_said(tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(JobError, match="set ECG_HOME"):
        JobDatabase(f"sqlite:///{tmp_path / 'file' / 'jobs.sqlite3'}")


def test_one_that_may_not_be_written_to_is_said(tmp_path: Path):
    disk = tmp_path / "disk"
    with mounted(disk, 4096):
        jobs = JobDatabase(f"sqlite:///{disk / 'jobs.sqlite3'}")
        put(jobs)
        jobs.close()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(JobError, match="can't be"):
            JobDatabase(f"sqlite:///{disk / 'jobs.sqlite3'}")


def test_a_full_disk_is_said_and_what_was_kept_can_be_read(tmp_path: Path):
    disk = tmp_path / "disk"
    with mounted(disk, 1024):
        jobs = JobDatabase(f"sqlite:///{disk / 'jobs.sqlite3'}")
        put(jobs)
        with (disk / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

        def fill() -> None:
            for k in range(1000):
                store.submit(jobs, id=f"b{k}", kind="train", title="x" * 4000, config={})

        with pytest.raises(JobError, match="the disk is full; make room"):
            fill()
        assert store.get(jobs, "a").state == "queued"
        (disk / "filler").unlink()
        put(jobs, "c")
        jobs.close()


def test_a_file_that_is_no_database_is_said(tmp_path: Path):
    path = tmp_path / "jobs.sqlite3"
    path.write_bytes(b"These are no jobs. " * 100)
    with pytest.raises(JobError, match="not a database"):
        JobDatabase(f"sqlite:///{path}")


def test_one_from_a_newer_version_is_left_alone(url: str):
    jobs = JobDatabase(url)
    put(jobs)
    jobs.work(lambda c: c.execute(update(VERSIONS).values(version=VERSION + 1)))
    with pytest.raises(JobError, match=f"version {VERSION + 1}, from a newer BeatLens"):
        JobDatabase(url)
    found = jobs.look(lambda c: c.execute(text("SELECT version FROM beatlens_version")).scalars())
    assert list(found) == [VERSION + 1]
    jobs.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "no database's address"),
        ("mysql://host/name", "names mysql"),
        ("postgresql://beatlens:secret@127.0.0.1:1/none", "see that the server runs"),
    ],
)
def test_an_address_that_leads_nowhere_is_said_without_its_password(url: str, said: str):
    with pytest.raises(JobError, match=said) as caught:
        JobDatabase(url, patience=0.1)
    assert "secret" not in str(caught.value)


def test_a_server_that_restarts_is_waited_for(postgres_server: str):
    """The server ends every connection, as a restart does; the next question finds a new one."""
    jobs = JobDatabase(postgres_server.format(name="postgres"), patience=20)
    put(jobs, "before")
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    other = JobDatabase(postgres_server.format(name="postgres"))
    other.work(lambda c: c.execute(text(end)).all())
    put(jobs, "after")
    assert {job.id for job in store.list_jobs(jobs)} == {"before", "after"}
    jobs.close()
    other.close()


def test_one_from_before_there_were_layers_gets_their_tables_and_keeps_its_jobs(url: str):
    old = JobDatabase(url)
    put(old, "kept")

    def as_it_was(connection: Connection) -> None:
        for table in (REVIEWS, EDITS, LAYERS):
            table.drop(connection)
        connection.execute(update(VERSIONS).values(version=1))

    old.work(as_it_was)
    old.close()
    jobs = JobDatabase(url)
    assert [job.id for job in store.list_jobs(jobs)] == ["kept"]
    assert jobs.look(lambda c: c.execute(select(func.count()).select_from(LAYERS)).scalar()) == 0
    assert jobs.look(lambda c: c.execute(select(VERSIONS.c.version)).scalars().all()) == [VERSION]
    jobs.close()


def test_many_that_open_a_new_one_at_once_make_one(url: str):
    code = f"from ecgcore.jobs.engine import JobDatabase; JobDatabase({url!r}, patience=60)"
    opening = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(5)]
    assert [process.wait() for process in opening] == [0] * 5
    jobs = JobDatabase(url)
    put(jobs)
    found = jobs.look(lambda c: c.execute(text("SELECT version FROM beatlens_version")).all())
    assert len(found) == 1
    jobs.close()


def test_the_settings_say_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str):
    monkeypatch.setenv("ECG_HOME", str(tmp_path / "home"))
    put(jobs_database())
    assert (tmp_path / "home" / "jobs" / "jobs.sqlite3").is_file()
    monkeypatch.setenv("ECG_DATABASE_URL", url)
    assert store.list_jobs(jobs_database()) == ()
    put(jobs_database(), "there")
    again = JobDatabase(url)
    assert [job.id for job in store.list_jobs(again)] == ["there"]
    again.close()
