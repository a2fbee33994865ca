"""``peaks``: the R-peaks that a detector finds in one recording."""

from typing import Annotated

import typer

from ecgcore.cli.output import JsonFlag, print_json, print_table, split_record


def peaks(
    which: Annotated[str, typer.Argument(metavar="DB/REC", help="A recording.")],
    *,
    detector: Annotated[str, typer.Option(help="An R-peak detector.")] = "beatlens",
    lead: Annotated[
        str | None, typer.Option(help="A lead's name; default: MLII, else the first.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Find the R-peaks of a recording."""
    from ecgcore.dsp.detectors import detect, find_detector
    from ecgcore.records.catalog import database
    from ecgcore.records.trace import open_record

    database_name, name = split_record(which)
    find_detector(detector)  # before anything is read
    record = open_record(database(database_name), name)
    found = detect(record, detector, lead)
    if as_json:
        print_json(
            {
                "record": f"{database_name}/{name}",
                "fs": record.fs,
                "lead": record.lead_name(lead),
                "detector": detector,
                "peaks": found.sample,
            }
        )
    else:
        print_table(
            ("sample", "seconds"), ((s, f"{s / record.fs:.3f}") for s in found.sample.tolist())
        )
