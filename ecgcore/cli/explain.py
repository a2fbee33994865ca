"""``explain``: which part of one beat spoke for a class."""

import math
from typing import Annotated

import typer

from ecgcore.cli.output import JsonFlag, print_json, print_table, split_record
from ecgcore.schema import Explanation


def explain(
    record: Annotated[str, typer.Argument(metavar="DB/REC", help="Such as mitdb/208.")],
    beat: Annotated[int, typer.Option(help="Index among the record's beats, from 0.")],
    checkpoint: Annotated[str, typer.Option(help="A checkpoint's name.")],
    method: Annotated[
        str,
        typer.Option(
            help="How to explain: gradcam, gradcam++, cam, integrated-gradients, lrp-epsilon, "
            "lrp-alpha-beta, occlusion, lime, smoothgrad or attention."
        ),
    ] = "gradcam",
    target: Annotated[
        str | None, typer.Option(help="The class to explain; default: the predicted one.")
    ] = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """Explain one beat: a map with one value for each sample of the recording it covers.

    What is explained is what the network says of the beat by itself, also where the checkpoint puts
    its predictions in the context of the recording's other beats.
    Beats are the annotated ones, or those that the default detector finds where there are none.
    """
    from ecgcore.errors import EcgError
    from ecgcore.models.checkpoint import load_checkpoint, read_meta
    from ecgcore.models.meta import check_class
    from ecgcore.records.catalog import database
    from ecgcore.records.trace import open_record

    # What can be wrong is looked at before the recording and torch, the cheapest first.
    name, rest = split_record(record)
    if beat < 0:
        raise EcgError(f"There is no beat {beat}; beats are counted from 0.")
    meta = read_meta(checkpoint)
    if target:
        check_class(checkpoint, meta.classes, target)
    where = database(name)

    from ecgcore.explain.registry import explainer

    entry = explainer(method)

    from ecgcore.explain.beat import explain_beat
    from ecgcore.training.predict import checkpoint_lead
    from ecgcore.training.store import find_beats

    whole = open_record(where, rest)
    loaded = load_checkpoint(checkpoint)
    peaks = find_beats(whole, lead=checkpoint_lead(loaded.meta, whole.header.leads))
    found = explain_beat(loaded, whole, peaks, beat, method, target)
    for note in found.notes:
        typer.echo(note, err=True)
    if meta.context:
        typer.echo(
            "These probabilities are of the beat by itself, and the map explains them; classify "
            "puts them in the context of the recording's other beats.",
            err=True,
        )
    if as_json:
        print_json(_document(found))
        return
    likely = sorted(found.prediction.items(), key=lambda item: -item[1])[:6]
    print_table(("class", "probability"), ((label, f"{p:.3f}") for label, p in likely))
    peak = found.start_sample + int(abs(found.values).argmax())
    away = (peak - int(peaks.sample[beat])) / found.fs
    against = found.values[peak - found.start_sample] < 0
    side = "(against) " if against else ""
    typer.echo(
        f"{entry.title} for {found.target}: strongest {side}{away * 1000:+.0f} ms from the R-peak "
        f"({found.values.size} samples from {found.start_sample}; --json prints them)."
    )
    for name, amount in found.parts:
        typer.echo(f"  {amount:+.3f} logits  {name}")
    if not math.isnan(found.fit):
        typer.echo(f"Fit of the linear model: R² {found.fit:.2f}.")


def _document(found: Explanation) -> dict[str, object]:
    """Return what is printed as JSON; what only some methods know stands last, where they do."""
    document: dict[str, object] = {
        "method": found.method,
        "target": found.target,
        "prediction": found.prediction,
        "start_sample": found.start_sample,
        "fs": found.fs,
        "values": found.values,
    }
    if found.signed:
        document |= {"signed": True, "largest": found.largest, "quantity": found.quantity}
    if found.reference:
        document["reference"] = found.reference
    if found.parts:
        document |= {"score": found.score, "start": found.start, "parts": dict(found.parts)}
    if not math.isnan(found.fit):
        document["fit"] = found.fit
    return document
