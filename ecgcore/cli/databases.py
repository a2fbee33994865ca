"""``databases`` and ``records``: what there is."""

from typing import Annotated

import typer

from ecgcore.cli.output import JsonFlag, print_json, print_table


def databases(*, as_json: JsonFlag = False) -> None:
    """List the databases in the data folder."""
    from ecgcore.records.catalog import databases as find

    rows = [
        {"name": d.name, "records": len(d.records), "synthetic": d.synthetic}
        for d in find().values()
    ]
    if as_json:
        print_json({"databases": rows})
    else:
        print_table(
            ("database", "records", ""),
            ((r["name"], r["records"], "synthetic" if r["synthetic"] else "") for r in rows),
        )


def records(
    name: Annotated[str, typer.Argument(metavar="DB", help="A database's name.")],
    *,
    as_json: JsonFlag = False,
) -> None:
    """List the records of a database, with their annotated beats by AAMI class.

    A record that can't be read is listed with the reason: on stderr, or under "unreadable".
    """
    from ecgcore.records.catalog import database
    from ecgcore.records.summary import summarize

    found = summarize(database(name), signal_limit=0)
    readable = [(row.header, row.beats or {}) for row in found if row.header is not None]
    faults = {row.name: row.fault for row in found if row.header is None}
    for row in found:
        for notice in row.notices:
            if notice.code == "annotations":
                typer.echo(f"{name}/{row.name}: {notice.text}", err=True)
    if as_json:
        rows = [
            {
                "record": h.name,
                "fs": h.fs,
                "seconds": h.duration,
                "leads": h.leads,
                "units": h.units,
                "comments": h.comments,
                "annotators": h.annotators,
                "beats": beats,
            }
            for h, beats in readable
        ]
        unreadable = [{"record": record, "reason": reason} for record, reason in faults.items()]
        print_json({"database": name, "records": rows, "unreadable": unreadable})
        return
    print_table(
        ("record", "fs", "seconds", "leads", "beats"),
        (
            (
                h.name,
                f"{h.fs:g}",
                f"{h.duration:.1f}",
                ", ".join(h.leads),
                " ".join(f"{label} {n}" for label, n in beats.items() if n),
            )
            for h, beats in readable
        ),
    )
    for reason in faults.values():
        typer.echo(reason, err=True)
