"""``score-detector``: a detector against annotated beats, as EC57 counts."""

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecgcore.cli.layered import LayerOption, layer_flag, with_layer
from ecgcore.cli.output import JsonFlag, print_json, print_table

if TYPE_CHECKING:
    from ecgcore.dsp.scoring import AverageScore, DetectionScore


def score_detector(
    name: Annotated[str, typer.Argument(metavar="DB", help="A database's name.")],
    *,
    detector: Annotated[str, typer.Option(help="An R-peak detector.")] = "beatlens",
    records: Annotated[
        str | None, typer.Option(help="DS1, DS2, all or a,b,c; default: all.")
    ] = None,
    lead: Annotated[
        str | None, typer.Option(help="A lead's name; default: each recording's first lead.")
    ] = None,
    skip_minutes: Annotated[
        float, typer.Option(min=0, help="Leave out the first minutes (EC57: 5).")
    ] = 0.0,
    layer: LayerOption = "",
    as_json: JsonFlag = False,
) -> None:
    """Score a detector: 150 ms, one to one, flutter stretches left out.

    Of recordings annotated in part, only what the annotations span is scored.
    """
    from ecgcore.dsp.detectors import detect, find_detector
    from ecgcore.dsp.scoring import average, gross, score_detection
    from ecgcore.records.catalog import database
    from ecgcore.records.reader import read_record
    from ecgcore.records.splits import select_records

    find_detector(detector)  # before anything is read
    where, said = database(name), ""
    if layer:
        where, over = with_layer(where, layer)
        records, said = over.record if records is None else records, layer_flag(over)
        typer.echo(said, err=True)
    began = time.perf_counter()
    scores: dict[str, DetectionScore] = {}
    for one in select_records("all" if records is None else records, where.records):
        record = read_record(where, one)
        chosen = lead or record.header.leads[0]
        found = detect(record, detector, chosen)
        scores[one] = score_detection(record, found, skip=60 * skip_minutes, lead=chosen)
    seconds = time.perf_counter() - began

    together, mean = gross(scores.values()), average(scores.values())
    if as_json:
        print_json(
            {
                "gross": _counted(together),
                "average": {"se": mean.se, "ppv": mean.ppv, "f1": mean.f1},
                "records": {one: _counted(score) for one, score in scores.items()},
                "seconds": seconds,
                **({"layer": said} if said else {}),
            }
        )
        return
    rows: list[tuple[object, ...]] = [
        (one, *_percent(score), score.tp, score.fn, score.fp)
        for one, score in [*scores.items(), ("gross", together)]
    ]
    rows.append(("average", *_percent(mean), "", "", ""))
    print_table(("record", "Se %", "+P %", "F1 %", "TP", "FN", "FP"), rows)
    typer.echo(f"{seconds:.1f} s", err=True)


def _counted(score: "DetectionScore") -> dict[str, Any]:
    shares = {"se": score.se, "ppv": score.ppv, "f1": score.f1}
    counts = {"tp": score.tp, "fn": score.fn, "fp": score.fp}
    return {**shares, **counts, "scored_seconds": score.scored_seconds}


def _percent(score: "DetectionScore | AverageScore") -> tuple[str, ...]:
    return tuple(f"{100 * share:.2f}" for share in (score.se, score.ppv, score.f1))
