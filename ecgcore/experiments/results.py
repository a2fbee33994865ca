"""``results/NAME.json``: an experiment's figures, written whole after every finished seed."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from ecgcore.errors import EcgError
from ecgcore.experiments.catalog import EXPERIMENTS, Experiment, Row
from ecgcore.records.lock import exclusive
from ecgcore.settings import settings
from ecgcore.strict_json import to_json
from ecgcore.whole_file import write_whole

FORMAT: Final = 1
_PATIENCE_S: Final = 60.0

Document = dict[str, Any]  # see results/README.md for its keys


def results_path(name: str) -> Path:
    """Return where an experiment's figures are kept."""
    return settings().results_dir / f"{name}.json"


def read_results(experiment: Experiment) -> Document:
    """Return an experiment's document; one without rows where nothing was run yet.

    Raises EcgError when the file can't be read or comes from a newer version.
    """
    path = results_path(experiment.name)
    empty = {"format": FORMAT, "experiment": experiment.name, "title": experiment.title, "rows": {}}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return empty
    except (OSError, ValueError) as error:
        raise EcgError(f"{path} can't be read ({error}); restore or remove it.") from None
    if not isinstance(found, dict) or not isinstance(found.get("rows"), dict):
        raise EcgError(f"{path} holds no table of results; restore or remove it.")
    if found.get("format") != FORMAT:
        raise EcgError(
            f"{path} has format {found.get('format')}, this version reads {FORMAT}; update "
            "BeatLens."
        )
    return found


def row_results(row: Row) -> Document | None:
    """Return a row's entry, from the file of the experiment that trains it; None before."""
    entry: Document | None = read_results(EXPERIMENTS[row.home])["rows"].get(row.name)
    return entry


@contextmanager
def updated_results(experiment: Experiment) -> Iterator[Document]:
    """Yield an experiment's document and write what became of it, one process at a time.

    The file is written beside its place and moved there. Raises EcgError when another process
    holds it for a minute, or the disk refuses.
    """
    folder = settings().home / "results"
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / f"{experiment.name}.lock", results_path(experiment.name)):
        document = read_results(experiment)
        yield document
        _write(results_path(experiment.name), document)


@contextmanager
def _locked(lock: Path, path: Path) -> Iterator[None]:
    until = time.monotonic() + _PATIENCE_S
    while True:
        with exclusive(lock) as held:
            if held:
                yield
                return
        if time.monotonic() > until:
            raise EcgError(f"Another process keeps {path} to itself; let it end and try again.")
        time.sleep(0.1)


def _write(path: Path, document: Document) -> None:
    try:
        write_whole(path, to_json(document).encode())
    except OSError as error:
        raise EcgError(
            f"{path} can't be written: {error.strerror}; make room and start again, what was "
            "trained is kept."
        ) from error
