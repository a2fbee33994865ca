"""Layers in the app's database: made, listed, renamed, put away, read at any version.

Nothing is ever overwritten: a layer is what it began as and the edits since, see ``editing``.
"""

import json
import secrets
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Row, RowMapping, Select, case, func, insert, select, update

from ecgcore import __version__
from ecgcore.errors import LayerError
from ecgcore.layers.edits import Edit, LayerState, open_ends, replayed, started
from ecgcore.layers.layer import Layer, Origin
from ecgcore.layers.marks import Change, Mark
from ecgcore.layers.names import checked_name
from ecgcore.records.annotation_file import parse_annotations
from ecgcore.records.annotation_writer import annotation_bytes
from ecgcore.records.annotations import as_annotations
from ecgcore.schema import Annotations, RecordHeader
from ecgcore.storage.engine import AppDatabase
from ecgcore.storage.layer_tables import EDITS, LAYERS
from ecgcore.storage.tables import now

_IN_FORCE: Final = (
    select(func.coalesce(func.sum(case((EDITS.c.kind == "undo", -1), else_=1)), 0))
    .where(EDITS.c.layer == LAYERS.c.id)
    .correlate(LAYERS)
    .scalar_subquery()
    .label("edits")
)
_PUBLIC: Final = (
    *(column for column in LAYERS.c if column.name not in ("base", "removed")),
    LAYERS.c.removed.is_not(None).label("put_away"),
    _IN_FORCE,
)


def create_layer(
    database: AppDatabase,
    header: RecordHeader,
    *,
    name: str,
    author: str,
    base: Annotations,
    origin: Origin,
) -> Layer:
    """Keep a new layer over a recording, beginning as ``base``; return it.

    Raises LayerError for a name that is none or taken among the recording's layers, or a base that
    does not fit the recording, and StorageError.
    """
    name, author = checked_name(name, "the layer's name"), checked_name(author, "your name")
    first = started(base).base
    if first.sample.size and not 0 <= int(first.sample.min()) <= int(first.sample.max()) < (
        header.length
    ):
        raise LayerError(f"{header.name} has {header.length} samples; these beats lie outside.")
    id = secrets.token_hex(6)
    values = {
        "id": id,
        "database": header.database,
        "record": header.name,
        "fs": header.fs,
        "length": header.length,
        "name": name,
        "author": author,
        "origin": json.dumps({**origin.to_json(), "tool": __version__, "digest": header.digest}),
        "base": annotation_bytes(first, fs=header.fs),
        "version": 0,
    }

    def put(connection: Connection) -> None:
        _alone(connection, header.database, header.name)
        _refuse_taken(connection, header.database, header.name, name)
        connection.execute(insert(LAYERS).values(**values, created=now()))

    database.work(put)
    return get_layer(database, id)


def list_layers(
    database: AppDatabase,
    of: str | None = None,
    record: str | None = None,
    *,
    put_away: bool = False,
) -> tuple[Layer, ...]:
    """Return the layers over a recording, a database or everything, oldest first.

    ``put_away``: those that were put away instead of those that are in use.
    """
    removed = LAYERS.c.removed
    wanted = select(*_PUBLIC).where(removed.is_not(None) if put_away else removed.is_(None))
    if of is not None:
        wanted = wanted.where(LAYERS.c.database == of)
    if record is not None:
        wanted = wanted.where(LAYERS.c.record == record)
    wanted = wanted.order_by(LAYERS.c.created, LAYERS.c.id)
    rows = database.look(lambda connection: connection.execute(wanted).mappings().all())
    return tuple(_layer(row) for row in rows)


def get_layer(database: AppDatabase, id: str) -> Layer:
    """Return a layer, also one that was put away. Raises LayerError where there is none."""
    return database.look(lambda connection: _get(connection, id))


def _get(connection: Connection, id: str) -> Layer:
    wanted = select(*_PUBLIC).where(LAYERS.c.id == id)
    row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        raise LayerError(f"There is no layer {id!r}; `python -m ecgcore layers list` shows them.")
    return _layer(row)


def find_layer(database: AppDatabase, text: str) -> Layer:
    """Return the one layer of this id, beginning of an id, or name. Raises LayerError."""
    there = list_layers(database)
    for found in (
        [layer for layer in there if layer.id == text],
        [layer for layer in there if layer.name == text],
        [layer for layer in there if text and layer.id.startswith(text)],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            raise LayerError(f"{len(found)} layers are called {text!r}; give the layer's id.")
    return get_layer(database, text)


def rename_layer(database: AppDatabase, id: str, name: str) -> Layer:
    """Give a layer another name. Raises LayerError for one that is none or taken."""
    name = checked_name(name, "the layer's name")

    def change(connection: Connection) -> Layer:
        layer = _locked(connection, id)
        if name != layer.name:
            _refuse_taken(connection, layer.database, layer.record, name)
        connection.execute(update(LAYERS).where(LAYERS.c.id == id).values(name=name))
        return _get(connection, id)

    return database.work(change)


def put_away(database: AppDatabase, id: str) -> None:
    """Take a layer out of the lists. Its edits stay, and a link to it still opens it."""

    def change(connection: Connection) -> None:
        if not _locked(connection, id).put_away:
            connection.execute(update(LAYERS).where(LAYERS.c.id == id).values(removed=now()))

    database.work(change)


def bring_back(database: AppDatabase, id: str) -> Layer:
    """Put a layer that was put away into the lists again.

    Raises LayerError where another one over the recording has its name by now.
    """

    def change(connection: Connection) -> Layer:
        layer = _locked(connection, id)
        if layer.put_away:
            _refuse_taken(connection, layer.database, layer.record, layer.name)
        connection.execute(update(LAYERS).where(LAYERS.c.id == id).values(removed=None))
        return _get(connection, id)

    return database.work(change)


def _locked(connection: Connection, id: str) -> Layer:
    """Return a layer as it stays until this transaction has ended, whoever else writes."""
    layer = _get(connection, id)
    _alone(connection, layer.database, layer.record)
    return _get(connection, id)


def _alone(connection: Connection, of: str, record: str) -> None:
    """Have the names of the layers over a recording to oneself until this transaction has ended.

    SQLite has one who writes at a time; a server has many.
    """
    if connection.dialect.name == "postgresql":
        key = func.hashtext(f"layers over {of}/{record}")
        connection.execute(select(func.pg_advisory_xact_lock(key)))


def edits(database: AppDatabase, id: str, version: int | None = None) -> tuple[Edit, ...]:
    """Return a layer's edits up to ``version``, all without it, oldest first."""
    return database.look(lambda connection: read_edits(connection, id, version))


def open_turns(database: AppDatabase, layer: Layer) -> tuple[Edit | None, Edit | None]:
    """Return what an undo and a redo would be of, in the state that ``layer`` is."""
    return open_ends(edits(database, layer.id, layer.version))


def layer_state(database: AppDatabase, id: str, version: int | None = None) -> LayerState:
    """Return a layer's state at a version, the newest without one. Raises LayerError."""
    return database.look(lambda connection: _state(connection, id, version))


def layer_annotations(
    database: AppDatabase, layer: Layer, version: int | None = None
) -> Annotations:
    """Return a layer's annotations at ``version``, by default the one that ``layer`` has."""
    wanted = layer.version if version is None else version
    return layer_state(database, layer.id, wanted).annotations(layer.annotator)


def _refuse_taken(connection: Connection, of: str, record: str, name: str) -> None:
    same = select(func.count()).where(
        LAYERS.c.database == of,
        LAYERS.c.record == record,
        LAYERS.c.name == name,
        LAYERS.c.removed.is_(None),
    )
    if connection.execute(same).scalar_one():
        raise LayerError(
            f"There is a layer {name!r} over {of}/{record} already; take another name."
        )


def _state(connection: Connection, id: str, version: int | None) -> LayerState:
    return replayed(read_base(connection, id), read_edits(connection, id, version))


def read_base(connection: Connection, id: str) -> LayerState:
    """Return what a layer began as, within a transaction. Raises LayerError."""
    wanted: Select[Any] = select(LAYERS.c.base).where(LAYERS.c.id == id)
    row: Row[Any] | None = connection.execute(wanted).one_or_none()
    if row is None:
        raise LayerError(f"There is no layer {id!r}; `python -m ecgcore layers list` shows them.")
    return _parsed(bytes(row[0]))


@lru_cache(maxsize=16)
def _parsed(content: bytes) -> LayerState:
    """Return a base; it never changes, and a day of beats takes a while to parse."""
    return started(as_annotations(parse_annotations(content, "the layer")))


def read_edits(connection: Connection, id: str, version: int | None = None) -> tuple[Edit, ...]:
    """Return a layer's edits up to ``version``, within a transaction."""
    wanted = select(EDITS).where(EDITS.c.layer == id).order_by(EDITS.c.number)
    if version is not None:
        wanted = wanted.where(EDITS.c.number <= version)
    return tuple(
        Edit(
            number=row["number"],
            kind=row["kind"],
            changes=tuple(_change(pair) for pair in json.loads(row["changes"])),
            author=row["author"],
            at=row["at"],
            of=row["of"],
        )
        for row in connection.execute(wanted).mappings()
    )


def _change(pair: list[Any]) -> Change:
    before, after = (None if mark is None else Mark.from_json(mark) for mark in pair)
    return Change(before=before, after=after)


def _layer(row: RowMapping) -> Layer:
    return Layer(**{**row, "origin": Origin(**json.loads(row["origin"]))})
