"""``--layer`` of commands that score: a person's annotations in place of a recording's own."""

from typing import TYPE_CHECKING, Annotated

import typer

from ecgcore.errors import LayerError

if TYPE_CHECKING:
    from ecgcore.layers.layer import Layer
    from ecgcore.records.database import Database

LayerOption = Annotated[
    str,
    typer.Option(
        help="A layer's id, its beginning, or its name: its annotations stand in for its "
        "recording's own. Unless --records says otherwise that recording alone is scored."
    ),
]


def with_layer(database: "Database", text: str) -> tuple["Database", "Layer"]:
    """Return the database as it is under a layer, and the layer.

    Raises LayerError where there is no such layer, it is over another database, or it was made
    over another state of its recording.
    """
    from ecgcore.layers.store import find_layer, layer_annotations
    from ecgcore.records.overlay import Overlay, overlaid
    from ecgcore.records.reader import read_header
    from ecgcore.storage.engine import app_database

    layer = find_layer(app_database(), text)
    if layer.database != database.name:
        raise LayerError(
            f"{layer.name} is over {layer.database}/{layer.record}, not {database.name}."
        )
    header = read_header(database, layer.record)
    if (header.length, header.fs) != (layer.length, layer.fs):
        raise LayerError(
            f"{layer.name} was made over {layer.length} samples at {layer.fs:g} Hz, and "
            f"{layer.record} now has {header.length} at {header.fs:g} Hz."
        )
    marks = layer_annotations(app_database(), layer)
    overlay = Overlay(record=layer.record, layer=layer.state, annotations=marks)
    return overlaid(database, overlay), layer


def layer_flag(layer: "Layer") -> str:
    """Return the sentence that goes with figures by a layer."""
    return (
        f"Annotations of {layer.record} are those of the layer {layer.name} by {layer.author} "
        f"(version {layer.state})."
    )
