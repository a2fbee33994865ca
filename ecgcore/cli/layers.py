"""``layers``: layers of annotations without a browser: list, show, export, import, compare."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecgcore.cli.output import JsonFlag, print_json, print_table, split_record

if TYPE_CHECKING:
    from ecgcore.layers.layer import Layer
    from ecgcore.schema import Annotations

layers = typer.Typer(
    no_args_is_help=True,
    help="Layers of annotations that people made: list, show, export, import, compare.",
)

LayerArgument = Annotated[
    str, typer.Argument(metavar="LAYER", help="A layer's id, its beginning, or its name.")
]


@layers.command("list")
def list_all(
    of: Annotated[
        str | None, typer.Argument(metavar="DB[/REC]", help="A database or a recording.")
    ] = None,
    *,
    put_away: Annotated[bool, typer.Option("--put-away", help="Those that were put away.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """List layers, oldest first."""
    from ecgcore.layers.store import list_layers
    from ecgcore.storage.engine import app_database

    database, _, record = (of or "").partition("/")
    found = list_layers(app_database(), database or None, record or None, put_away=put_away)
    if as_json:
        print_json([_plain(layer) for layer in found])
        return
    print_table(
        ("layer", "recording", "edits", "name", "author", "from"),
        (
            (o.id, f"{o.database}/{o.record}", o.edits, o.name, o.author, o.origin.words)
            for o in found
        ),
    )


@layers.command()
def show(
    layer: LayerArgument,
    *,
    as_json: JsonFlag = False,
) -> None:
    """Show a layer: what it began as, its beats by class, its edits."""
    from ecgcore.layers.edits import ordinals
    from ecgcore.layers.marks import told
    from ecgcore.layers.reviews import moment
    from ecgcore.layers.store import edits, find_layer, layer_annotations
    from ecgcore.records.annotations import class_counts
    from ecgcore.storage.engine import app_database

    found = find_layer(app_database(), layer)
    history = edits(app_database(), found.id, found.version)
    counts = class_counts(layer_annotations(app_database(), found))
    if as_json:
        steps = [
            {
                "number": edit.number,
                "kind": edit.kind,
                "of": edit.of,
                "author": edit.author,
                "at": edit.at,
                "changes": [
                    [mark and mark.to_json() for mark in (change.before, change.after)]
                    for change in edit.changes
                ],
            }
            for edit in history
        ]
        print_json({**_plain(found), "beats": counts, "edits": steps})
        return
    typer.echo(f"{found.id}  {found.name}  over {found.database}/{found.record}")
    typer.echo(f"by {found.author}, {moment(found.created)}, from {found.origin.words}")
    typer.echo(", ".join(f"{count} {name}" for name, count in counts.items() if count))
    number = ordinals(history)
    print_table(
        ("edit", "when", "who", "what"),
        (
            (
                f"{e.kind} of {number[e.of]}" if e.of else number[e.number],
                moment(e.at),
                e.author,
                "; ".join(told(c, found.fs) for c in e.changes),
            )
            for e in history
        ),
    )


@layers.command("put-away")
def put_away(layer: LayerArgument) -> None:
    """Take a layer out of the lists; nothing of it is lost."""
    from ecgcore.layers import store
    from ecgcore.storage.engine import app_database

    found = store.find_layer(app_database(), layer)
    store.put_away(app_database(), found.id)
    typer.echo(f"{found.name} is put away; layers bring-back {found.id} brings it back.")


@layers.command("bring-back")
def bring_back(
    layer: Annotated[str, typer.Argument(metavar="ID", help="See layers list --put-away.")],
) -> None:
    """Put a layer that was put away into the lists again."""
    from ecgcore.layers import store
    from ecgcore.storage.engine import app_database

    found = store.bring_back(app_database(), layer)
    typer.echo(f"{found.name} over {found.database}/{found.record} is back.")


@layers.command()
def export(
    layer: LayerArgument,
    out: Annotated[
        Path, typer.Option(help="Where to write: a name ending in .csv gives a table, else WFDB.")
    ],
    *,
    version: Annotated[
        int | None,
        typer.Option(min=0, help="An earlier version: so many steps of its history."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write a layer as a WFDB annotation file with its provenance, or as a table."""
    from dataclasses import replace

    from ecgcore.errors import LayerError
    from ecgcore.layers.exchange import layer_file, layer_table
    from ecgcore.layers.store import edits, find_layer, layer_annotations
    from ecgcore.safe_csv import csv_bytes
    from ecgcore.settings import settings
    from ecgcore.storage.engine import app_database
    from ecgcore.whole_file import write_whole

    found = find_layer(app_database(), layer)
    if version is not None:
        if version > found.version:
            raise LayerError(
                f"{found.name} is at version {found.version}; there is no version {version}."
            )
        found = replace(found, version=version)
    if out.resolve().is_relative_to(settings().data_dir.resolve()):
        raise LayerError(
            f"{out} is among the recordings, whose files are never changed; write elsewhere."
        )
    marks = layer_annotations(app_database(), found)
    content = (
        csv_bytes(layer_table(marks, found.fs))
        if out.suffix == ".csv"
        else layer_file(found, marks, edits(app_database(), found.id, found.version))
    )
    try:
        write_whole(out, content)
    except OSError as error:
        raise LayerError(f"{out} can't be written: {error.strerror}.") from error
    if as_json:
        print_json({"file": str(out), "annotations": marks.sample.size, **_plain(found)})
    else:
        typer.echo(f"{marks.sample.size} annotations of {found.name} in {out}")


@layers.command("import")
def import_file(
    record: Annotated[str, typer.Argument(metavar="DB/REC", help="The recording.")],
    file: Annotated[Path, typer.Argument(help="A WFDB annotation file.")],
    *,
    name: Annotated[str, typer.Option(help="The layer's name; by default the file's.")] = "",
    author: Annotated[str, typer.Option(help="Whose layer it is.")],
    as_json: JsonFlag = False,
) -> None:
    """Make a layer of an annotation file."""
    from ecgcore.errors import LayerError
    from ecgcore.layers.exchange import read_layer_file
    from ecgcore.layers.store import create_layer
    from ecgcore.records.catalog import database
    from ecgcore.records.reader import read_header
    from ecgcore.storage.engine import app_database

    folder, record_name = split_record(record)
    header = read_header(database(folder), record_name)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise LayerError(f"{file} can't be read: {error.strerror}.") from error
    found, origin, told = read_layer_file(content, header, file.name)
    for sentence in told:
        typer.echo(sentence, err=True)
    made = create_layer(
        app_database(),
        header,
        name=name or file.stem,
        author=author,
        base=found,
        origin=origin,
    )
    if as_json:
        print_json(_plain(made))
    else:
        typer.echo(f"{made.id}  {made.name}: {found.sample.size} annotations")


@layers.command()
def compare(
    layer: LayerArgument,
    *,
    other: Annotated[
        str, typer.Option("--with", help="Another layer, or an annotator such as atr.")
    ] = "atr",
    flutter: Annotated[
        bool, typer.Option(help="Count beats within the reference's ventricular flutter.")
    ] = True,
    as_json: JsonFlag = False,
) -> None:
    """Compare a layer's beats and rhythms with the recording's annotations, or another layer's."""
    from ecgcore.cli.layer_tables import print_beats, print_rhythms
    from ecgcore.layers.comparison import compare_annotations
    from ecgcore.layers.rhythms import compare_rhythms
    from ecgcore.layers.store import find_layer, layer_annotations
    from ecgcore.storage.engine import app_database

    found = find_layer(app_database(), layer)
    both = _reference(found, other), layer_annotations(app_database(), found)
    result = compare_annotations(*both, fs=found.fs, length=found.length, flutter=flutter)
    rhythms = compare_rhythms(*both, fs=found.fs, length=found.length)
    if as_json:
        print_json(
            {**_plain(found), "with": other, **result.to_json(), "rhythms": rhythms.to_json()}
        )
        return
    print_beats(result, found, other)
    print_rhythms(rhythms, found, other)


def _reference(layer: "Layer", other: str) -> "Annotations":
    """Return an annotator's annotations, or another layer's, of the layer's recording."""
    from ecgcore.errors import LayerError
    from ecgcore.layers.store import find_layer, layer_annotations
    from ecgcore.records.catalog import database
    from ecgcore.records.reader import read_header, read_record_annotations
    from ecgcore.storage.engine import app_database

    folder = database(layer.database)
    header = read_header(folder, layer.record)
    if other in header.annotators:
        found, notices = read_record_annotations(folder, header, annotator=other)
        if found is None:
            raise LayerError(" ".join(notice.text for notice in notices))
        return found
    reference = find_layer(app_database(), other)
    if (reference.database, reference.record) != (layer.database, layer.record):
        raise LayerError(
            f"{reference.name} is over {reference.database}/{reference.record}, not over "
            f"{layer.database}/{layer.record}."
        )
    return layer_annotations(app_database(), reference)


def _plain(layer: "Layer") -> dict[str, Any]:
    return {
        **{key: value for key, value in vars(layer).items() if key != "origin"},
        "origin": layer.origin.to_json(),
    }
