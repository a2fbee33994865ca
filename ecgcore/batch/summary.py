"""A batch's summary: a row a recording, as Parquet and as CSV."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ecgcore.batch.folder import FILE
from ecgcore.batch.output import write_table
from ecgcore.safe_csv import csv_bytes
from ecgcore.whole_file import write_whole

_TABLE: Final = "summary.parquet"


def read_summary(out: Path) -> pd.DataFrame | None:
    """Return a batch's summary, a row a recording; None where there is none yet."""
    try:
        return pd.read_parquet(out / _TABLE)
    except (OSError, ValueError):
        return None


def is_of_earlier_run(out: Path) -> bool:
    """Tell whether the run at hand began after the summary was written; it does anew each time."""
    try:
        return (out / _TABLE).stat().st_mtime_ns < (out / FILE).stat().st_mtime_ns
    except OSError:
        return False


def write_summary(out: Path, names: tuple[str, ...], rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the rows there are of the recordings ``names``, in their order. Raises OSError."""
    table = pd.DataFrame([rows[name] for name in names if name in rows])
    if table.empty:
        return
    last = [column for column in ("notes", "said") if column in table]
    table = table[[column for column in table if column not in last] + last]
    write_table(out / _TABLE, table)
    write_whole(out / "summary.csv", csv_bytes(table))
