"""Edits of a layer as its history keeps them: made, undone, made again; refused when too late.

Who edits says which version they look at. Where there is a newer one the edit is refused and said
so, and both people's work stays: the one in the history, the other's to do again.
"""

import json
from collections.abc import Callable

from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import IntegrityError

from ecgcore.errors import LayerConflictError, LayerError
from ecgcore.layers.edits import Edit, EditKind, LayerState, open_ends, replayed
from ecgcore.layers.layer import Layer
from ecgcore.layers.marks import BEAT_SYMBOLS, RHYTHM, RHYTHMS, STRETCH_SYMBOLS, Change
from ecgcore.layers.names import checked_name
from ecgcore.layers.store import edits, get_layer, read_base, read_edits
from ecgcore.records.annotations import MAX_BEATS_PER_SECOND
from ecgcore.storage.engine import AppDatabase
from ecgcore.storage.layer_tables import EDITS, LAYERS
from ecgcore.storage.tables import now


def edit_layer(
    database: AppDatabase,
    layer: Layer,
    changes: tuple[Change, ...],
    *,
    kind: EditKind,
    author: str,
) -> Layer:
    """Make changes on the state that ``layer`` is; return the layer with one version more.

    Raises LayerConflictError where somebody changed it meanwhile, LayerError for changes that do
    not fit (no such mark, one there already, outside the recording, no symbol of a beat, rhythm or
    flutter): nothing is changed then.
    """
    author = checked_name(author, "your name")
    _refuse_odd(layer, changes)

    def make(connection: Connection) -> None:
        before = _history(connection, layer)
        state = replayed(read_base(connection, layer.id), before).after(changes)
        _refuse_crowd(layer, state)
        _append(connection, layer, kind, changes, author, None)

    _at_version(database, layer, make)
    return get_layer(database, layer.id)


def undo(database: AppDatabase, layer: Layer, author: str) -> Layer:
    """Take back the last edit that was not taken back. Raises as ``edit_layer``."""
    return _turn(database, layer, author, "undo")


def redo(database: AppDatabase, layer: Layer, author: str) -> Layer:
    """Make again what was undone last. Raises as ``edit_layer``."""
    return _turn(database, layer, author, "redo")


def _turn(database: AppDatabase, layer: Layer, author: str, kind: EditKind) -> Layer:
    author = checked_name(author, "your name")

    def make(connection: Connection) -> None:
        back, again = open_ends(_history(connection, layer))
        found = back if kind == "undo" else again
        if found is None:
            raise LayerError(f"There is nothing to {kind}.")
        changes = found.changes
        if kind == "undo":
            changes = tuple(change.inverse() for change in reversed(changes))
        _append(connection, layer, kind, changes, author, found.number)

    _at_version(database, layer, make)
    return get_layer(database, layer.id)


def _at_version(database: AppDatabase, layer: Layer, make: Callable[[Connection], None]) -> None:
    try:
        database.work(make)
    except IntegrityError as error:  # two that raced for the same number
        raise LayerConflictError(_conflict(database, layer)) from error


def _history(connection: Connection, layer: Layer) -> tuple[Edit, ...]:
    """Return the edits of the version that ``layer`` is, which must be the newest."""
    there = read_edits(connection, layer.id)
    if len(there) != layer.version:
        newer = there[layer.version :]
        raise LayerConflictError(_said(layer, newer))
    return there


def _append(
    connection: Connection,
    layer: Layer,
    kind: EditKind,
    changes: tuple[Change, ...],
    author: str,
    of: int | None,
) -> None:
    moved = connection.execute(
        update(LAYERS)
        .where(LAYERS.c.id == layer.id, LAYERS.c.version == layer.version)
        .values(version=layer.version + 1)
    )
    if moved.rowcount != 1:
        raise LayerConflictError(_said(layer, read_edits(connection, layer.id)[layer.version :]))
    pairs = [[mark and mark.to_json() for mark in (c.before, c.after)] for c in changes]
    connection.execute(
        insert(EDITS).values(
            layer=layer.id,
            number=layer.version + 1,
            at=now(),
            author=author,
            kind=kind,
            of=of,
            changes=json.dumps(pairs),
        )
    )


def _conflict(database: AppDatabase, layer: Layer) -> str:
    return _said(layer, edits(database, layer.id)[layer.version :])


def _said(layer: Layer, newer: tuple[Edit, ...]) -> str:
    who = ", ".join(dict.fromkeys(edit.author for edit in newer)) or "Somebody"
    count = len(newer)
    return (
        f"{who} changed the layer {layer.name} meanwhile ({count} change{'s' * (count != 1)}). "
        "Yours was not made and theirs is kept: look at it, then do yours again."
    )


def _refuse_odd(layer: Layer, changes: tuple[Change, ...]) -> None:
    for after in (change.after for change in changes if change.after is not None):
        if after.symbol not in (*BEAT_SYMBOLS, *STRETCH_SYMBOLS):
            raise LayerError(f"{after.symbol!r} is no beat; beats are {' '.join(BEAT_SYMBOLS)}.")
        if after.symbol == RHYTHM and not after.aux.startswith("("):
            raise LayerError(
                f"{after.aux!r} is no rhythm: it begins with a bracket, as {', '.join(RHYTHMS)}."
            )
        if not 0 <= after.sample < layer.length:
            raise LayerError(
                f"Sample {after.sample} is outside the recording, which has {layer.length}."
            )
    if not changes or all(change.before == change.after for change in changes):
        raise LayerError("This edit changes nothing.")


def _refuse_crowd(layer: Layer, state: LayerState) -> None:
    """Refuse what could not be read back: too many beats to be annotations of a heart."""
    if state.count > MAX_BEATS_PER_SECOND * max(layer.length / layer.fs, 1.0):
        raise LayerError(f"A layer holds at most {MAX_BEATS_PER_SECOND:g} beats a second.")
