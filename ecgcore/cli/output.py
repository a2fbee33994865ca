"""How every command prints: one JSON document, or a small table for people."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

import typer

from ecgcore.errors import EcgError
from ecgcore.strict_json import to_json

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
PeaksOption = Annotated[
    Literal["annotated", "detected"], typer.Option(help="Which R-peaks the beats are cut at.")
]


def print_json(document: Any) -> None:
    """Print ``document`` as strict JSON: NumPy values as plain ones, NaN and infinities as null."""
    typer.echo(to_json(document))


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print aligned columns."""
    lines = [list(map(str, header)), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    for line in lines:
        typer.echo("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip())


def split_record(text: str) -> tuple[str, str]:
    """Split ``DB/REC`` (the record's own name may hold slashes). Raises EcgError for others."""
    database, slash, record = text.partition("/")
    if not slash or not database or not record:
        raise EcgError(f"{text!r} is not DATABASE/RECORD; name both, such as mitdb/208.")
    return database, record
