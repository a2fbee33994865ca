"""``download``: a database from PhysioNet into the data folder."""

import time
from typing import Annotated

import typer

from ecgcore.cli.output import JsonFlag, print_json


def download(
    name: Annotated[str, typer.Argument(metavar="DB", help="mitdb, nsrdb, qtdb, ecgid, …")],
    *,
    as_json: JsonFlag = False,
) -> None:
    """Download a database from PhysioNet, or verify and complete what is there."""
    from ecgcore.records.download import Progress
    from ecgcore.records.download import download as fetch
    from ecgcore.records.physionet import source

    said = 0.0

    def tell(progress: Progress) -> None:
        nonlocal said
        now = time.monotonic()
        last = 0 < progress.files_total == progress.files_done
        if now - said < 1 and not last:
            return
        said = now
        typer.echo(
            f"{name}: {progress.files_done} of {progress.files_total or '?'} files, "
            f"{progress.bytes_received / 1e6:.1f} MB, {progress.file}",
            err=True,
        )

    result = fetch(source(name), progress=tell)
    if as_json:
        print_json(
            {
                "database": result.name,
                "folder": str(result.folder),
                "files": result.files,
                "fetched": result.fetched,
                "bytes": result.bytes_received,
                "replaced": result.replaced,
            }
        )
    else:
        typer.echo(result.summary)
