"""A database in which one recording's annotations are others': a person's layer.

Everything that reads the database (pages, scoring, classifying) then reads those, with a header
whose digest tells the two apart. No file is changed, nothing is written.
"""

from dataclasses import dataclass, replace

from ecgcore.records.database import Database
from ecgcore.schema import Annotations, RecordHeader


@dataclass(frozen=True, kw_only=True, eq=False)
class Overlay:
    """Annotations that stand in for a recording's own."""

    record: str
    layer: str  # names their state, such as "3f9a…@12"; never the same for other annotations
    annotations: Annotations  # of the whole recording


@dataclass(frozen=True, kw_only=True)
class OverlaidDatabase(Database):
    """A database with an overlay; see ``overlaid``."""

    overlay: Overlay


def overlaid(database: Database, overlay: Overlay) -> OverlaidDatabase:
    """Return the database with a recording's annotations replaced."""
    return OverlaidDatabase(
        name=database.name,
        root=database.root,
        records=database.records,
        synthetic=database.synthetic,
        overlay=overlay,
    )


def overlay_of(database: Database, record: str) -> Overlay | None:
    """Return what stands in for the annotations of a record, None where nothing does."""
    if isinstance(database, OverlaidDatabase) and database.overlay.record == record:
        return database.overlay
    return None


def overlaid_header(header: RecordHeader, layer: str) -> RecordHeader:
    """Return a header as it is under a layer: named, and with a digest of its own."""
    return replace(header, layer=layer, digest=f"{header.digest}+{layer}")


def own_digest(digest: str) -> str:
    """Return the digest that a recording's header has without a layer."""
    return digest.partition("+")[0]


def windowed(annotations: Annotations, start: int, stop: int) -> Annotations:
    """Return the annotations from ``start`` to ``stop`` (absolute samples)."""
    first, last = annotations.sample.searchsorted([start, stop])
    fields = annotations.fields
    return replace(
        annotations,
        sample=annotations.sample[first:last],
        symbol=annotations.symbol[first:last],
        aami=annotations.aami[first:last],
        aux=annotations.aux[first:last],
        fields=None if fields is None else fields[first:last],
    )
