"""The one reader of WFDB records: headers, signals in mV, annotations with AAMI classes.

Foreign files are checked by our own strict reading of their headers and by their sizes before
anything is allocated; every fault is a RecordError that names the record, what is wrong and what
to do, or a Notice on a record that can be used all the same.
"""

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from ecgcore.errors import CutShortError, RecordError
from ecgcore.records.annotations import annotation_notice, read_annotations
from ecgcore.records.database import Database
from ecgcore.records.facts import facts_of
from ecgcore.records.header_file import NO_SIGNAL
from ecgcore.records.names import inside
from ecgcore.records.notices import database_notices, signal_notices
from ecgcore.records.overlay import overlaid_header, overlay_of, windowed
from ecgcore.records.segments import Segmented, open_segmented
from ecgcore.records.source import Single, check_window, open_single, read_header_file
from ecgcore.schema import Annotations, FloatArray, Notice, Record, RecordHeader

DEFAULT_ANNOTATOR: Final = "atr"
SCANNED_VALUES: Final = 2**21  # samples of all leads that a scan holds at once: 8 MiB
# Extensions that stand beside records and are no annotators.
_OTHER_FILES: Final = frozenset(
    "hea dat txt md html xws pdf csv tsv json zip gz edf mat png jpg svg py flac part tmp".split()
)
_ANNOTATOR: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,15}")


def read_header(database: Database, record: str, *, allow_partial: bool = False) -> RecordHeader:
    """Read what is known of a record without reading its signal.

    With ``allow_partial`` a record whose signal file is cut short has the length that is there.
    Raises RecordError where the record can't be read: see ``read_record``.
    """
    path = database.path(record)
    return _header(database, record, path, _open(database, record, path, allow_partial))


def read_record(
    database: Database,
    record: str,
    *,
    start: int = 0,
    stop: int | None = None,
    annotator: str = DEFAULT_ANNOTATOR,
    allow_partial: bool = False,
) -> Record:
    """Read a record, or the window ``start`` to ``stop`` (absolute samples) of it.

    Never more than the window is read; ``stop`` beyond the end means the end. Voltages come in
    mV, other quantities in their own units. Without an annotation file ``annotations`` is None, as
    it is for ``annotator`` ""; where that file can't be used it is None too, and a notice says why.
    Checksums are compared where the whole signal is read.

    Raises RecordError where the header is refused (``header_file``), files are missing or lead
    out of the database, the signal is cut short (CutShortError, unless ``allow_partial``: then
    the part that is there is read, with a notice), or the window is none or too large to read
    at once.
    """
    path = database.path(record)
    source = _open(database, record, path, allow_partial)
    header = _header(database, record, path, source)
    stop = source.length if stop is None else min(stop, source.length)
    check_window(source.label, start, stop, source.length, len(source.leads))
    window = source.read(start, stop)
    annotations, told = _annotations(database, header, annotator, source.claimed, start, stop)
    return Record(
        header=header,
        signal=window.signal,
        start=start,
        annotations=annotations,
        notices=(
            *database_notices(database),
            *signal_notices(source, facts_of(window.signal), window.checksum_faults),
            *told,
        ),
    )


def read_signal(
    database: Database, record: str, start: int, stop: int, *, allow_partial: bool = False
) -> FloatArray:
    """Read samples (n, leads) as ``read_record`` does, without a look at how odd they are."""
    source = _open(database, record, database.path(record), allow_partial)
    stop = min(stop, source.length)
    check_window(source.label, start, stop, source.length, len(source.leads))
    return source.read(start, stop).signal


def scan_record(
    database: Database,
    record: str,
    take: Callable[[int, FloatArray], None],
    *,
    allow_partial: bool = False,
) -> tuple[Notice, ...]:
    """Read a record's signal from end to end, a stretch at a time, in bounded memory.

    ``take`` is given the first sample and the samples (n, leads), mV, of each stretch in order;
    what it raises ends the scan. Returns the notices on the signal that ``read_record`` of the
    whole would have. Raises RecordError as that does, but never for the size.
    """
    path = database.path(record)
    source = _open(database, record, path, allow_partial)
    facts = facts_of(np.empty((0, len(source.leads)), dtype=np.float32))
    sums: dict[int, int] = {}
    faults: list[str] = []
    for start, stop in source.cuts(max(SCANNED_VALUES // len(source.leads), 1)):
        window = source.read(start, stop)
        take(start, window.signal)
        facts = facts.joined(facts_of(window.signal))
        faults += window.checksum_faults
        for place, total in window.sums:
            sums[place] = sums.get(place, 0) + total
    if isinstance(source, Single) and source.length == source.claimed:
        faults = list(source.faults(sums))
    return (*database_notices(database), *signal_notices(source, facts, tuple(faults)))


def read_headers(database: Database) -> tuple[tuple[RecordHeader, ...], dict[str, str]]:
    """Read the headers of all records; return them, and why each of the others can't be read."""
    headers: list[RecordHeader] = []
    faults: dict[str, str] = {}
    for record in database.records:
        try:
            headers.append(read_header(database, record))
        except RecordError as error:
            faults[record] = str(error)
    return tuple(headers), faults


def content_hash(database: Database, record: str) -> str:
    """Return a hash of all bytes of a record's files: the same on every machine that has them.

    Raises RecordError as ``read_header``; a signal that is cut short counts as it is.
    """
    path = database.path(record)
    sha = hashlib.sha256()
    for name in sorted(_files(path, _open(database, record, path, allow_partial=True))):
        sha.update(f"{name}\n".encode())
        with inside(database.root, path.with_name(name)).open("rb") as file:
            sha.update(hashlib.file_digest(file, "sha256").digest())
    return sha.hexdigest()[:24]


def is_away(database: Database, record: str) -> bool:
    """Tell whether files of a record can't be read now, so that its content is not known.

    One that can be read and is refused, such as an empty signal, is not away.
    """
    return _is_away(database, database.path(record), record)


def _is_away(database: Database, path: Path, record: str) -> bool:
    try:
        header = read_header_file(database.root, path, f"{database.name}/{record}")
    except RecordError as error:
        return isinstance(error.__cause__, OSError)
    signals = {signal.file for signal in header.signals} - {NO_SIGNAL}
    if not all(_opens(path.with_name(name)) for name in signals):
        return True
    segments = {segment.name for segment in header.segments} - {NO_SIGNAL}
    return any(_is_away(database, path.with_name(name), name) for name in segments)


def _opens(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError:
        return False
    return True


def read_record_annotations(
    database: Database, header: RecordHeader, *, annotator: str = DEFAULT_ANNOTATOR
) -> tuple[Annotations | None, tuple[Notice, ...]]:
    """Read the annotations of a recording and not its signal; the same as ``read_record`` gives.

    None where there is no such file, or one that can't be used: then a notice says why.
    """
    return _annotations(database, header, annotator, header.length, 0, header.length)


def _annotations(
    database: Database, header: RecordHeader, annotator: str, length: int, start: int, stop: int
) -> tuple[Annotations | None, tuple[Notice, ...]]:
    overlay = overlay_of(database, header.name)
    if overlay is not None and annotator == DEFAULT_ANNOTATOR:
        return windowed(overlay.annotations, start, stop), ()
    if annotator not in header.annotators:
        return None, ()
    path = database.path(header.name)
    try:
        annotations = read_annotations(
            inside(database.root, path.with_name(f"{path.name}.{annotator}")),
            length=length,
            fs=header.fs,
            start=start,
            stop=stop,
            label=f"{database.name}/{header.name}.{annotator}",
        )
    except RecordError as error:
        return None, (Notice(code="annotations", text=str(error)),)
    return annotations, tuple(filter(None, [annotation_notice(annotations)]))


def _open(database: Database, record: str, path: Path, allow_partial: bool) -> Single | Segmented:
    label = f"{database.name}/{record}"
    file = read_header_file(database.root, path, label)
    source = (
        open_segmented(database.root, path, label, file, allow_partial=allow_partial)
        if file.segments
        else open_single(database.root, path, label, file)
    )
    if not source.claimed or (allow_partial and not source.length):
        raise RecordError(f"{label}: its signal file is empty; get the file again.")
    if source.held < source.claimed and not allow_partial:
        raise CutShortError(
            f"{label}: its signal file is cut short, {source.held} of {source.claimed} samples are "
            "there; get the file again, or read the part that is there."
        )
    return source


def _header(
    database: Database, record: str, path: Path, source: Single | Segmented
) -> RecordHeader:
    files = _files(path, source)
    used = set(source.file_names)
    extensions = sorted(
        name.removeprefix(f"{path.name}.")
        for name in files
        if name.startswith(f"{path.name}.") and name not in used
    )
    header = RecordHeader(
        database=database.name,
        name=record,
        fs=source.header.fs,
        length=source.length,
        leads=source.leads,
        units=source.units,
        comments=source.header.comments,
        annotators=tuple(
            e for e in extensions if _ANNOTATOR.fullmatch(e) and e.lower() not in _OTHER_FILES
        ),
        digest=_digest(files),
        partial=source.held < source.claimed,
    )
    overlay = overlay_of(database, record)
    return header if overlay is None else overlaid_header(header, overlay.layer)


def _files(path: Path, source: Single | Segmented) -> dict[str, os.stat_result]:
    """Return the record's files by name: of its own stem, its signals and its segments."""
    stems = {path.name, *(segment.name for segment in source.header.segments)}
    used = set(source.file_names)
    with os.scandir(path.parent) as entries:
        return {
            entry.name: entry.stat()
            for entry in entries
            if (entry.name in used or entry.name.rpartition(".")[0] in stems) and entry.is_file()
        }


def _digest(files: dict[str, os.stat_result]) -> str:
    stats = [f"{name}:{s.st_size}:{s.st_mtime_ns}" for name, s in sorted(files.items())]
    return hashlib.sha256("\n".join(stats).encode()).hexdigest()[:16]
