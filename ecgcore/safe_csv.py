"""Tables as CSV that a spreadsheet can't be tricked by."""

import pandas as pd

# A spreadsheet takes a cell that starts so for a formula (CWE-1236).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(table: pd.DataFrame) -> bytes:
    """Return a table as CSV, UTF-8 with a byte order mark so that spreadsheets read it as such."""
    return safe_cells(table).to_csv(index=False).encode("utf-8-sig")


def safe_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts no spreadsheet takes for a formula.

    Text cells and column names that begin like one get an apostrophe before them. Numbers stay
    numbers, negative ones too.
    """
    safe = table.rename(columns=_cell)
    for place, kind in enumerate(table.dtypes):
        if not pd.api.types.is_numeric_dtype(kind):
            safe.isetitem(place, [_cell(value) for value in table.iloc[:, place]])
    return safe


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
