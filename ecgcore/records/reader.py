"""The one reader of WFDB records: headers, signals in mV, annotations with AAMI classes."""

import hashlib
from pathlib import Path

import numpy as np
import wfdb

from ecgcore.aami import aami_classes
from ecgcore.records.catalog import Database
from ecgcore.schema import Annotations, Record, RecordHeader


def read_header(database: Database, record: str) -> RecordHeader:
    """Read what is known of a record without reading its signal."""
    path = database.path(record)
    header = wfdb.rdheader(str(path))
    files = sorted(path.parent.glob(f"{path.name}.*"))
    return RecordHeader(
        database=database.name,
        name=record,
        fs=float(header.fs),
        length=int(header.sig_len),
        leads=tuple(header.sig_name),
        units=tuple(header.units),
        comments=tuple(header.comments),
        annotators=tuple(p.suffix[1:] for p in files if p.suffix not in (".hea", ".dat")),
        digest=_digest(files),
    )


def read_record(
    database: Database,
    record: str,
    *,
    start: int = 0,
    stop: int | None = None,
    annotator: str = "atr",
) -> Record:
    """Read a record, or the window ``start`` to ``stop`` (absolute samples) of it."""
    header = read_header(database, record)
    path = database.path(record)
    stop = header.length if stop is None else min(stop, header.length)
    signal = wfdb.rdrecord(str(path), sampfrom=start, sampto=stop).p_signal.astype(np.float32)
    annotations = None
    if annotator in header.annotators:
        raw = wfdb.rdann(str(path), annotator, sampfrom=start, sampto=stop)
        symbol = np.array(raw.symbol, dtype=np.str_)
        annotations = Annotations(
            sample=np.asarray(raw.sample, dtype=np.int64),
            symbol=symbol,
            aami=aami_classes(symbol),
            aux=tuple(note.rstrip("\x00") for note in raw.aux_note),
            annotator=annotator,
        )
    return Record(header=header, signal=signal, start=start, annotations=annotations)


def _digest(files: list[Path]) -> str:
    stats = [f"{p.name}:{p.stat().st_size}:{p.stat().st_mtime_ns}" for p in files]
    return hashlib.sha256("\n".join(stats).encode()).hexdigest()[:16]
