"""What a database is: a folder of records by their names."""

from dataclasses import dataclass
from pathlib import Path

from ecgcore.errors import RecordError
from ecgcore.records.names import inside, is_record_name


@dataclass(frozen=True, kw_only=True)
class Database:
    """A folder of WFDB records, laid out as PhysioNet lays it out or simply holding headers."""

    name: str
    root: Path
    records: tuple[str, ...]  # slash-separated, relative to root, without ".hea"
    synthetic: bool = False

    def path(self, record: str) -> Path:
        """Return the record's path without an extension.

        Only listed names are accepted, and only while they lie in the folder after links are
        resolved. Raises RecordError for any other.
        """
        if record not in self.records or not is_record_name(record):
            raise RecordError(
                f"There is no record {record!r} in {self.name}; there are {_some(self.records)}."
            )
        path = self.root / record
        inside(self.root, path.with_name(path.name + ".hea"))
        return path


def _some(names: tuple[str, ...]) -> str:
    return f"{len(names)}: {', '.join(names[:8])}{', …' if len(names) > 8 else ''}"
