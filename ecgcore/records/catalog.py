"""Which databases and records there are: folders with WFDB headers under the data folder."""

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from ecgcore.errors import RecordError
from ecgcore.records.database import Database
from ecgcore.records.header_file import MAX_SEGMENTS
from ecgcore.records.names import is_plain_name, is_record_name
from ecgcore.settings import settings

RECORDS_FILE: Final = "RECORDS"
_SEGMENTED: Final = re.compile(r"\s*\S+/(\d{1,9})\s", re.ASCII)
_DIGITS: Final = re.compile(r"(\d+)")


def databases(root: Path | None = None) -> dict[str, Database]:
    """Return the databases under ``root`` by name.

    Each folder with WFDB headers, at any depth, is one. With a RECORDS file ``root`` is a database
    itself, and the only one; headers that lie in it otherwise are one more, beside the folders.
    Without ``root`` the data folder is looked at; where it holds none, the demo database is what
    there is.
    """
    found = _found(settings().data_dir if root is None else root)
    if found or root is not None:
        return found
    from ecgcore.records.demo import demo_database  # with what writes records: slow to import

    demo = demo_database()
    return {demo.name: demo}


def database(name: str) -> Database:
    """Return one database. Raises RecordError, naming those there are, when it is not here."""
    there = databases()
    if name not in there:
        raise RecordError(
            f"There is no database {name!r} in {settings().data_dir}; "
            f"there are: {', '.join(there)}."
        )
    return there[name]


def folder_database(folder: Path) -> Database:
    """Return all records of a folder, at any depth, as one database that is called like it.

    Raises RecordError when the folder is not there, holds no header, or can't be a name.
    """
    root = folder.absolute()
    if not root.is_dir():
        raise RecordError(f"There is no folder {folder}; name a database or a folder of records.")
    records = _record_names(root, deep=True)
    if not records:
        raise RecordError(f"The folder {folder} holds no WFDB headers (.hea).")
    return Database(name=root.resolve().name, root=root, records=records)


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sorting key that puts ``rec_2`` before ``rec_10``."""
    return tuple(
        (0, int(part), part) if part.isdecimal() else (1, 0, part)
        for part in _DIGITS.split(text)
        if part
    )


def _found(root: Path) -> dict[str, Database]:
    try:
        entries = sorted(
            (entry for entry in root.iterdir() if not entry.name.startswith(".")),
            key=lambda entry: natural_key(entry.name),
        )
    except OSError:  # not there, not a folder, not ours to read: nothing found
        return {}
    if any(entry.name == RECORDS_FILE for entry in entries):
        trees = {root.resolve().name: (root, True)}
    else:
        folders = [entry for entry in entries if is_plain_name(entry.name) and entry.is_dir()]
        trees = {folder.name: (folder, True) for folder in folders}
        trees.setdefault(root.resolve().name, (root, False))
    found = {}
    for name, (folder, deep) in trees.items():
        records = _record_names(folder, deep=deep)
        if records:
            found[name] = Database(name=name, root=folder, records=records)
    return found


def _record_names(folder: Path, *, deep: bool) -> tuple[str, ...]:
    """Return the records in a folder: in the order of RECORDS, then any others by name."""
    names: set[str] = set()
    segments: set[str] = set()
    for file in _headers(folder, deep):
        relative = file.relative_to(folder).as_posix().removesuffix(".hea")
        if is_record_name(relative):
            names.add(relative)
            segments.update(_segments(file, relative))
    names -= segments
    order = {name: number for number, name in enumerate(_listed(folder))}
    return tuple(sorted(names, key=lambda name: (order.get(name, len(order)), natural_key(name))))


def _headers(folder: Path, deep: bool) -> Iterator[Path]:
    for where, folders, files in os.walk(folder):  # does not follow links, so it ends
        folders[:] = [name for name in folders if deep and not name.startswith(".")]
        yield from (
            Path(where, name)
            for name in files
            if name.endswith(".hea") and not name.startswith(".")
        )


def _segments(file: Path, record: str) -> Iterator[str]:
    """Yield the segments that a header names, as records; nothing for an ordinary header.

    Only enough is read to list records; whether the header is sound is the reader's to say.
    """
    folder = record.rpartition("/")[0]
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            text = (line for line in lines if line.strip() and not line.startswith("#"))
            first = _SEGMENTED.match(next(text, ""))
            if first:
                for line in islice(text, min(int(first[1]), MAX_SEGMENTS)):
                    name = line.split()[0]
                    if (segment := f"{folder}/{name}" if folder else name) != record:
                        yield segment
    except OSError:
        return


def _listed(folder: Path) -> list[str]:
    try:
        text = (folder / RECORDS_FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line.strip() for line in text.splitlines()]
