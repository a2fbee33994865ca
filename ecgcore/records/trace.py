"""A recording whose leads are read where they are looked at, and nowhere else."""

from dataclasses import dataclass

import numpy as np

from ecgcore.records.database import Database
from ecgcore.records.reader import read_header, read_record_annotations, read_signal
from ecgcore.schema import Annotations, FloatArray, Notice, RecordHeader, choose_lead


@dataclass(frozen=True, kw_only=True)
class Trace:
    """Stands for the lead's samples (n,), mV: a slice of it is read from the file."""

    database: Database
    header: RecordHeader
    lead: str

    @property
    def size(self) -> int:
        """Samples of the whole lead."""
        return self.header.length

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, some: slice) -> FloatArray:
        """Read samples; steps of one only. Raises RecordError as ``read_record`` does."""
        first, stop, step = some.indices(self.size)
        if step != 1:
            raise ValueError("a trace is read in steps of one")
        whole = read_signal(
            self.database,
            self.header.name,
            first,
            max(stop, first),
            allow_partial=self.header.partial,
        )
        return np.ascontiguousarray(whole[:, self.header.leads.index(self.lead)])


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenRecord:
    """Stands for a whole ``Record``: its header and annotations are read, its signal is not."""

    database: Database
    header: RecordHeader
    annotations: Annotations | None
    notices: tuple[Notice, ...]  # on the annotations; those on the signal need its survey
    start: int = 0

    @property
    def fs(self) -> float:
        """Sampling rate, Hz."""
        return self.header.fs

    @property
    def stop(self) -> int:
        """Sample after the last one."""
        return self.header.length

    def lead(self, name: str | None = None) -> Trace:
        """Return one lead; MLII, else the first, when no name is given."""
        return Trace(database=self.database, header=self.header, lead=self.lead_name(name))

    def lead_name(self, name: str | None = None) -> str:
        """Return the name of the lead that ``lead`` returns."""
        return self.header.leads[choose_lead(self.header.leads, name)]


def open_record(database: Database, record: str, *, allow_partial: bool = False) -> OpenRecord:
    """Open a record. Raises RecordError where ``read_header`` does."""
    header = read_header(database, record, allow_partial=allow_partial)
    annotations, notices = read_record_annotations(database, header)
    return OpenRecord(database=database, header=header, annotations=annotations, notices=notices)
