"""``explain``: which part of one beat spoke for a class."""

from typing import Annotated

import typer

from ecgcore.cli.output import JsonFlag, print_json, print_table, split_record


def explain(
    record: Annotated[str, typer.Argument(metavar="DB/REC", help="Such as mitdb/208.")],
    beat: Annotated[int, typer.Option(help="Index among the record's beats, from 0.")],
    checkpoint: Annotated[str, typer.Option(help="A checkpoint's name.")],
    method: Annotated[str, typer.Option(help="How to explain.")] = "gradcam",
    target: Annotated[
        str | None, typer.Option(help="The class to explain; default: the predicted one.")
    ] = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """Explain one beat: a map with one value for each sample of the recording it covers.

    Beats are the annotated ones, or those that Pan–Tompkins finds where there are none.
    """
    from ecgcore.errors import EcgError
    from ecgcore.models.checkpoint import load_checkpoint, read_meta
    from ecgcore.models.meta import check_class
    from ecgcore.records.catalog import database
    from ecgcore.records.reader import read_record

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

    whole = read_record(where, rest)
    loaded = load_checkpoint(checkpoint)
    peaks = find_beats(whole, lead=checkpoint_lead(loaded.meta, whole.header.leads))
    found = explain_beat(loaded, whole, peaks, beat, method, target)
    for note in found.notes:
        typer.echo(note, err=True)
    if as_json:
        print_json(
            {
                "method": found.method,
                "target": found.target,
                "prediction": found.prediction,
                "start_sample": found.start_sample,
                "fs": found.fs,
                "values": found.values,
            }
        )
        return
    likely = sorted(found.prediction.items(), key=lambda item: -item[1])[:6]
    print_table(("class", "probability"), ((label, f"{p:.3f}") for label, p in likely))
    peak = found.start_sample + int(found.values.argmax())
    away = (peak - int(peaks.sample[beat])) / found.fs
    typer.echo(
        f"{entry.title} for {found.target}: strongest {away * 1000:+.0f} ms from the R-peak "
        f"({found.values.size} samples from {found.start_sample}; --json prints them)."
    )
