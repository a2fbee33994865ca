"""The app's own database: jobs, layers and reviews; opened, checked, asked again when busy.

SQLite in WAL mode serves the processes of one machine: readers never wait for a writer, and a
writing transaction takes its lock at its start, so that none fails in the middle. PostgreSQL
serves several machines.
"""

import random
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, insert, select, text, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError

from ecgcore.errors import StorageError
from ecgcore.settings import settings
from ecgcore.storage import layer_tables  # noqa: F401  declares its tables
from ecgcore.storage.tables import METADATA, VERSION, VERSIONS

PATIENCE_S: Final = 10.0
_BUSY_MS: Final = 500  # SQLite's own waiting for a lock, within the patience
_SCHEMA_LOCK: Final = 7203117  # any number of our own, the same in all processes
# What SQLite says when waiting helps; a PostgreSQL server that can't be reached may come back.
_PASSING: Final = ("locked", "busy")

T = TypeVar("T")


class AppDatabase:
    """The database. Opening it makes the tables where there are none, and new ones in an old file.

    Raises StorageError, saying where and why, when it can't be opened, is from a newer version, or
    stays busy for ``patience`` seconds; ``work`` raises it too.
    """

    def __init__(self, url: str, patience: float = PATIENCE_S) -> None:
        self._url = _checked(url)
        self._patience = patience
        # For people: without user and password.
        self.place = self._url.database or "memory"
        if self.server:
            self.place = f"{self._url.host or 'this machine'}/{self._url.database}"
        self._engine = self._open()
        self.work(_prepare)

    @property
    def server(self) -> bool:
        """Whether it is a server that several machines can share."""
        return self._url.get_backend_name() == "postgresql"

    def work(self, do: Callable[[Connection], T]) -> T:
        """Return what ``do`` returns, run in one writing transaction; anew when it was busy."""
        return self._attempt(self._engine, do)

    def look(self, do: Callable[[Connection], T]) -> T:
        """Return what ``do`` returns, run in one transaction that only reads."""
        return self._attempt(self._engine.execution_options(reads=True), do)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def _attempt(self, engine: Engine, do: Callable[[Connection], T]) -> T:
        until, wait = time.monotonic() + self._patience, 0.02
        while True:
            try:
                with engine.begin() as connection:
                    return do(connection)
            except OperationalError as error:
                if not self._passing(error) or time.monotonic() + wait > until:
                    raise self._said(error) from error
            except DBAPIError as error:
                if type(error) is DatabaseError:  # SQLite's word for a file that is no database
                    raise self._said(error) from error
                if not error.connection_invalidated or time.monotonic() + wait > until:
                    raise
            time.sleep(wait * random.uniform(0.5, 1.5))
            wait = min(2 * wait, 1.0)

    def _passing(self, error: OperationalError) -> bool:
        return self.server or any(word in str(error.orig) for word in _PASSING)

    def _said(self, error: DatabaseError) -> StorageError:
        why = " ".join(str(error.orig).split())
        if self.server:
            todo = "see that the server runs and that ECG_DATABASE_URL is right"
        elif "locked" in why or "busy" in why:
            why = f"another process has kept it locked for {self._patience:g} s"
            todo = "end that process, or try again in a moment"
        elif "full" in why:
            why, todo = "the disk is full", "make room there"
        elif "readonly" in why or "unable to open" in why:
            why = "it can't be written to" if "readonly" in why else "it can't be opened"
            todo = "see who owns the file and its folder, or set ECG_HOME to another folder"
        elif "not a database" in why or "malformed" in why:
            todo = "move it away, or set ECG_HOME to another folder"
        else:
            todo = "see the disk it is on, or set ECG_HOME to another folder"
        return StorageError(f"The app's database, {self.place}, can't be used: {why}; {todo}.")

    def _open(self) -> Engine:
        if self.server:
            return create_engine(
                self._url, pool_pre_ping=True, pool_size=3, connect_args={"connect_timeout": 5}
            )
        path = Path(self._url.database or "")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"The folder {path.parent} for the app's database can't be made: "
                f"{error.strerror}; set ECG_HOME to a folder that can be written to."
            ) from error
        engine = create_engine(self._url)
        event.listen(engine, "connect", _sqlite_ways)
        event.listen(engine, "begin", _sqlite_begin)
        return engine


def app_database() -> AppDatabase:
    """Return the database that the settings name, opened once. Raises StorageError."""
    home = settings().home / "jobs" / "jobs.sqlite3"
    return _opened(settings().database_url or f"sqlite:///{home}")


@lru_cache(maxsize=8)
def _opened(url: str) -> AppDatabase:
    return AppDatabase(url)


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StorageError(
            "ECG_DATABASE_URL is no database's address; it is like "
            "postgresql://user:password@host/name."
        ) from None
    kind = parsed.get_backend_name()
    if kind not in ("sqlite", "postgresql"):
        raise StorageError(
            f"ECG_DATABASE_URL names {kind}; the app's database is sqlite or postgresql."
        )
    return parsed.set(drivername="postgresql+psycopg") if kind == "postgresql" else parsed


def _sqlite_ways(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say
    for setting in (f"busy_timeout={_BUSY_MS}", "journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {setting}")


def _sqlite_begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _prepare(connection: Connection) -> None:
    """Make the tables, or bring an older database up to this version."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})"))
    VERSIONS.create(connection, checkfirst=True)
    found = connection.execute(select(VERSIONS.c.version)).scalar()
    if found is not None and found > VERSION:
        raise StorageError(
            f"The app's database has version {found}, from a newer BeatLens (this one knows "
            f"{VERSION}); update BeatLens, or set ECG_HOME to another folder."
        )
    # Every step so far added tables and changed none: making what is missing is all of it.
    METADATA.create_all(connection)
    if found is None:
        connection.execute(insert(VERSIONS).values(version=VERSION))
    elif found < VERSION:
        connection.execute(update(VERSIONS).values(version=VERSION))
