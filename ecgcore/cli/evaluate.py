"""``evaluate``: a checkpoint's figures on annotated recordings."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Final

import typer

from ecgcore.cli.layered import LayerOption, layer_flag, with_layer
from ecgcore.cli.output import JsonFlag, PeaksOption, print_json, print_table

_FEW: Final = 6  # classes that are named one by one


def evaluate(
    checkpoint: Annotated[str, typer.Option(help="A checkpoint's name.")],
    database: Annotated[str, typer.Option(help="A database's name.")],
    records: Annotated[
        str | None, typer.Option(help="DS1, DS2, all, or names with commas; default: all.")
    ] = None,
    peaks: PeaksOption = "annotated",
    calibrate: Annotated[
        float | None,
        typer.Option(
            help="Seconds: adapt a copy of the network to each recording by the labels of its "
            "first so many seconds, which then are not scored; left out: as it is.",
        ),
    ] = None,
    layer: LayerOption = "",
    *,
    context: Annotated[
        bool | None,
        typer.Option(
            "--context/--no-context",
            help="Put what is said of each beat in the context of what is said of the "
            "recording's others, without labels, or take each beat by itself; left out: the "
            "checkpoint's own way. A calibrated network's always is in context.",
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Classify the beats of recordings and compare with their annotations.

    Se is sensitivity, +P positive predictivity, F1 their harmonic mean, AUROC and AUPRC areas
    under the curves of each class against the rest. Macro figures are means over classes that
    count alike: f1 over all classes of the checkpoint, f1_4 over N S V F and f1_5 over N S V F Q
    where it has them; se and ppv over N S V F, or over all where it has not. JSON names them so.
    """
    from ecgcore.errors import EcgError
    from ecgcore.models.checkpoint import load_checkpoint, read_meta
    from ecgcore.records.catalog import database as find
    from ecgcore.records.splits import select_records

    source = find(database)
    flags: tuple[str, ...] = ()
    if layer:
        source, chosen = with_layer(source, layer)
        records = chosen.record if records is None else records
        flags = (layer_flag(chosen),)
    names = select_records("all" if records is None else records, source.records)
    meta = read_meta(checkpoint)  # before torch: a wrong name is said at once
    if calibrate is not None and not calibrate > 0:
        raise EcgError(
            f"A calibration by {calibrate:g} s has no beats; take more, or leave it out."
        )
    if calibrate and context is False:
        raise EcgError(
            "What a calibrated network says is always put in context; leave --no-context out."
        )

    from ecgcore.training.context import in_context_by

    together = in_context_by(meta, context)

    from ecgcore.training.calibrate import evaluate_calibrated
    from ecgcore.training.evaluate import evaluate as score
    from ecgcore.training.predict import predict_alone, predict_in_context

    loaded = load_checkpoint(checkpoint)
    if calibrate:
        found = evaluate_calibrated(loaded, source, names, calibrate, peaks, _say)
    else:
        way = predict_in_context if together else predict_alone
        found = score(loaded, source, names, peaks, _say, way)
    protocol = replace(found.protocol, flags=(*flags, *found.protocol.flags))
    found = replace(found, protocol=protocol)
    for flag in protocol.flags:
        typer.echo(flag, err=True)
    if as_json:
        print_json(found.to_json())
        return
    total = found.total
    print_table(
        ("class", "beats", "Se", "+P", "F1", "AUROC", "AUPRC"),
        (
            (name, m.beats, *(f"{x:.4f}" for x in (m.se, m.ppv, m.f1, m.auroc, m.auprc)))
            for name, m in total.per_class.items()
        ),
    )
    typer.echo("means over classes that count alike:")
    for words, value in macro_words(total.macro, total.classes):
        typer.echo(f"  {words} {value:.4f}")
    typer.echo(f"accuracy {total.accuracy:.4f}  beats {total.n_beats}")


def macro_words(
    macro: Mapping[str, float], classes: tuple[str, ...]
) -> tuple[tuple[str, float], ...]:
    """Return each macro figure that is defined, with its name in JSON and over what it is a mean.

    ``macro`` and ``classes`` as in ``training.metrics.Metrics``.
    """
    four = not math.isnan(macro["f1_4"])
    every = " ".join(classes) if len(classes) <= _FEW else f"all {len(classes)} classes"
    over = {"f1": every, "f1_4": "N S V F", "f1_5": "N S V F Q"}
    over |= dict.fromkeys(("se", "ppv"), "N S V F" if four else every)
    titles = {"se": "Se", "ppv": "+P"}
    return tuple(
        (f"{titles.get(name, 'F1')} of {over[name]} ({name})", value)
        for name, value in macro.items()
        if not math.isnan(value)
    )


def _say(done: int, of: int, record: str) -> None:
    if record:
        typer.echo(f"{done + 1} of {of}: {record}", err=True)
