"""Job databases for tests: a file of SQLite's, or a database of a real PostgreSQL server."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ecgcore.jobs.engine import JobDatabase, jobs_database
from tests.jobs import postgres

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    programs = postgres.programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with postgres.server(programs) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty database: each test runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jobs.sqlite3'}"
    address: str = request.getfixturevalue("postgres_server")
    name = f"jobs{next(_numbers)}"
    with psycopg.connect(address.format(name="postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return address.format(name=name)


@pytest.fixture
def jobs(url: str) -> Iterator[JobDatabase]:
    opened = JobDatabase(url)
    yield opened
    opened.close()


@pytest.fixture
def own_jobs(home: Path) -> JobDatabase:
    """Return the database of jobs in that home: what a worker and the app open there."""
    return jobs_database()
