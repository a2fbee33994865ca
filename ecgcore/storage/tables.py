"""The tables of the app's database, the same in SQLite and PostgreSQL: what jobs are kept in.

Those of annotation layers and reviews are beside them, in ``layer_tables``; one version counts for
all.
"""

from typing import Any, Final

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

# Raise it with every change of a table, and tell ``engine`` how to bring an older one up to it.
# 1: jobs. 2: layers of annotations, reviews.
VERSION: Final = 2

METADATA: Final = MetaData()

VERSIONS: Final = Table("beatlens_version", METADATA, Column("version", Integer, nullable=False))

JOBS: Final = Table(
    "jobs",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("title", Text, nullable=False),
    Column("config", Text, nullable=False),  # JSON
    Column("state", String(20), nullable=False),
    Column("asked", Integer, nullable=False, default=1),
    Column("attempts", Integer, nullable=False, default=0),
    Column("fence", Integer, nullable=False, default=0),
    Column("worker", Text),
    Column("lease_until", Float(53)),
    Column("created", Float(53), nullable=False),
    Column("started", Float(53)),
    Column("finished", Float(53)),
    Column("stage", Text, nullable=False, default=""),
    Column("done", Integer, nullable=False, default=0),
    Column("of", Integer, nullable=False, default=0),
    Column("message", Text, nullable=False, default=""),
    Column("result", Text, nullable=False, default="{}"),  # JSON
    Index("jobs_waiting", "state", "created"),
)

EPOCHS: Final = Table(
    "job_epochs",
    METADATA,
    Column("job", String(40), ForeignKey("jobs.id"), primary_key=True),
    Column("stage", String(200), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("at", Float(53), nullable=False),
    Column("figures", Text, nullable=False),  # JSON
)

LOG: Final = Table(
    "job_log",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("job", String(40), ForeignKey("jobs.id"), nullable=False, index=True),
    Column("at", Float(53), nullable=False),
    Column("text", Text, nullable=False),
)

WORKERS: Final = Table(
    "workers",
    METADATA,
    Column("name", String(200), primary_key=True),  # host:pid
    Column("seen", Float(53), nullable=False),
)

RATES: Final = Table(
    "rates",
    METADATA,
    Column("shape", String(40), primary_key=True),  # of network, input and batch: see ``cost``
    Column("host", String(200), primary_key=True),
    Column("figures", Text, nullable=False),  # JSON
)


class now(FunctionElement[float]):
    """The database's clock, in seconds since 1970: the clocks of several machines differ."""

    type = Float(53)
    inherit_cache = True


@compiles(now, "sqlite")
def _sqlite(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now, "postgresql")
def _postgresql(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "extract(epoch from clock_timestamp())::float8"
