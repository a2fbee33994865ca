"""``classify``: what a checkpoint says of each beat of a recording."""

from typing import Annotated, Any

import typer

from ecgcore.cli.output import JsonFlag, PeaksOption, print_json, print_table, split_record
from ecgcore.schema import Predictions


def classify(
    name: Annotated[str, typer.Argument(metavar="DB/REC", help="A recording.")],
    checkpoint: Annotated[str, typer.Option(help="A checkpoint's name.")],
    peaks: PeaksOption = "annotated",
    *,
    as_json: JsonFlag = False,
) -> None:
    """Classify the beats of a recording; the probability is the label's.

    Where the checkpoint puts beats in context, what it says of each by itself stands beside.
    """
    from ecgcore.models.checkpoint import load_checkpoint, read_meta
    from ecgcore.records.catalog import database
    from ecgcore.records.trace import open_record

    folder, record_name = split_record(name)
    read_meta(checkpoint)  # before the recording and torch: a wrong name is said at once
    record = open_record(database(folder), record_name)

    from ecgcore.training.context import by_itself
    from ecgcore.training.predict import checkpoint_lead, predict
    from ecgcore.training.store import ANNOTATED, DETECTOR, find_beats

    network = load_checkpoint(checkpoint)
    lead = checkpoint_lead(network.meta, record.header.leads)
    source = ANNOTATED if peaks == "annotated" else DETECTOR
    found = predict(network, record, find_beats(record, source, lead), lead)
    for note in found.notes:
        typer.echo(note, err=True)
    unusable = int((~found.usable).sum())
    if unusable:
        typer.echo(
            "1 beat has no usable signal; its label means nothing."
            if unusable == 1
            else f"{unusable} beats have no usable signal; their labels mean nothing.",
            err=True,
        )
    columns = {"sample": found.peaks.sample.tolist(), **_said(found)}
    if found.alone is not None:
        columns |= {f"alone_{name}": told for name, told in _said(by_itself(found)).items()}
    rows = list(zip(*columns.values(), strict=True))
    if as_json:
        print_json({"beats": [dict(zip(columns, row, strict=True)) for row in rows]})
    else:
        print_table(
            tuple(columns),
            ([f"{one:.3f}" if isinstance(one, float) else one for one in row] for row in rows),
        )


def _said(found: Predictions) -> dict[str, list[Any]]:
    """Return each beat's label and its probability."""
    sure = found.probability.max(axis=1).astype(float)
    return {"label": found.label.tolist(), "probability": sure.tolist()}
