"""Which databases and records there are: folders with WFDB headers under the data folder."""

from dataclasses import dataclass
from pathlib import Path

from ecgcore.errors import RecordError
from ecgcore.settings import settings


@dataclass(frozen=True, kw_only=True)
class Database:
    """A folder of WFDB records, laid out as PhysioNet lays it out or simply holding headers."""

    name: str
    root: Path
    records: tuple[str, ...]  # slash-separated, relative to root, without ".hea"
    synthetic: bool = False

    def path(self, record: str) -> Path:
        """Return the record's path without an extension.

        Only listed names are accepted, so that no name can lead out of the folder. Raises
        RecordError for any other.
        """
        if record not in self.records:
            raise RecordError(f"There is no record {record!r} in {self.name}.")
        return self.root / record


def databases(root: Path | None = None) -> dict[str, Database]:
    """Return the databases under ``root`` (default: the data folder) by name."""
    root = root or settings().data_dir
    if not root.is_dir():
        return {}
    found = {}
    for folder in sorted(p for p in root.iterdir() if p.is_dir()):
        names = _record_names(folder)
        if names:
            found[folder.name] = Database(name=folder.name, root=folder, records=names)
    return found


def database(name: str) -> Database:
    """Return one database. Raises RecordError, naming those there are, when it is not here."""
    there = databases()
    if name not in there:
        raise RecordError(
            f"There is no database {name!r} in {settings().data_dir}; "
            f"there are: {', '.join(there) or 'none'}."
        )
    return there[name]


def _record_names(folder: Path) -> tuple[str, ...]:
    headers = (p.relative_to(folder).with_suffix("").as_posix() for p in folder.rglob("*.hea"))
    return tuple(sorted(headers))
