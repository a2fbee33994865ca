"""How every command prints: one JSON document, or a small table for people."""

import json
import math
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

import numpy as np
import typer

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
PeaksOption = Annotated[
    Literal["annotated", "detected"], typer.Option(help="Which R-peaks the beats are cut at.")
]


def print_json(document: Any) -> None:
    """Print ``document`` as strict JSON: NumPy values as plain ones, NaN and infinities as null."""
    typer.echo(json.dumps(_plain(document), allow_nan=False))


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print aligned columns."""
    lines = [list(map(str, header)), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    for line in lines:
        typer.echo("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip())


def split_record(text: str) -> tuple[str, str]:
    """Split ``DB/REC`` (the record's own name may hold slashes)."""
    database, slash, record = text.partition("/")
    if not slash or not record:
        raise typer.BadParameter(f"{text!r} is not DATABASE/RECORD, such as mitdb/208")
    return database, record


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case np.ndarray() | np.generic():
            return _plain(value.tolist())
        case float() if not math.isfinite(value):
            return None
        case _:
            return value
