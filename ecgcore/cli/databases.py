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
        print_table(("database", "records"), ((r["name"], r["records"]) for r in rows))


def records(
    name: Annotated[str, typer.Argument(metavar="DB", help="A database's name.")],
    *,
    as_json: JsonFlag = False,
) -> None:
    """List the records of a database."""
    from ecgcore.records.catalog import database
    from ecgcore.records.reader import read_header

    where = database(name)
    headers = [read_header(where, record) for record in where.records]
    if as_json:
        rows = [
            {"record": h.name, "fs": h.fs, "seconds": h.duration, "leads": h.leads} for h in headers
        ]
        print_json({"database": name, "records": rows})
    else:
        print_table(
            ("record", "fs", "seconds", "leads"),
            ((h.name, f"{h.fs:g}", f"{h.duration:.1f}", ", ".join(h.leads)) for h in headers),
        )
