"""One lead of a recording that is read where it is looked at, and nowhere else."""

from dataclasses import dataclass

import numpy as np

from ecgcore.records.catalog import Database
from ecgcore.records.reader import read_record
from ecgcore.schema import FloatArray, RecordHeader


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
        window = read_record(
            self.database,
            self.header.name,
            start=first,
            stop=max(stop, first),
            annotator="",
            allow_partial=self.header.partial,
        )
        return np.ascontiguousarray(window.lead(self.lead))
