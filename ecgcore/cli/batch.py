"""``batch``: many recordings analysed, on this machine or on a cluster."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecgcore.cli.output import JsonFlag, PeaksOption, print_json, print_table
from ecgcore.errors import EcgError

if TYPE_CHECKING:
    from ecgcore.batch.config import BatchConfig
    from ecgcore.batch.run import BatchProgress


def batch(
    database: Annotated[
        str, typer.Argument(metavar="DB|FOLDER", help="A database, or a folder of recordings.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="The results' folder; what is in it is kept.")
    ] = None,
    checkpoint: Annotated[str, typer.Option(help="A checkpoint's name.")] = "",
    steps: Annotated[
        str, typer.Option(help="Among peaks, classify, rr, explain.")
    ] = "peaks,classify,rr",
    records: Annotated[str, typer.Option(help="DS1, DS2, all or a,b,c.")] = "all",
    peaks: PeaksOption = "detected",
    lead: Annotated[str | None, typer.Option(help="A lead's name.")] = None,
    method: Annotated[str, typer.Option(help="How maps are made: see explain.")] = "gradcam",
    maps: Annotated[int, typer.Option(help="Of each class, the surest.", min=1, max=1000)] = 3,
    executor: Annotated[
        str | None, typer.Option(help="local, or tcp://scheduler:8786; default: ECG_EXECUTOR.")
    ] = None,
    processes: Annotated[
        int | None, typer.Option(help="Of the local executor; default: one a core.", min=1)
    ] = None,
    *,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Remove another batch's results from the folder; else it is refused."
        ),
    ] = False,
    job: Annotated[
        bool,
        typer.Option(
            "--job", help="Queue it as a durable job, as the Batch page does, and return."
        ),
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Analyse many recordings; the same command again does what is missing or has changed."""
    from ecgcore.batch.config import batch_config
    from ecgcore.batch.run import check_batch, run_batch
    from ecgcore.batch.summary import read_summary
    from ecgcore.executor.opening import open_executor

    wanted = batch_config(
        {
            "database": database,
            "records": records,
            "checkpoint": checkpoint,
            "steps": tuple(part.strip() for part in steps.split(",") if part.strip()),
            "peaks": peaks,
            "lead": lead,
            "method": method,
            "maps": maps,
        },
        "The batch",
    )
    check_batch(wanted)
    if job:
        _queue(wanted, as_json)
        return
    if out is None:
        raise EcgError("Name the results' folder with --out, or queue a durable job with --job.")
    try:
        with open_executor(executor, processes) as where:
            typer.echo(f"On {where.name}", err=True)
            ended = run_batch(wanted, out, where, replaces=replace, progress=_say)
    except KeyboardInterrupt:
        typer.echo("Stopped; the same command goes on with what is missing.", err=True)
        sys.exit(130)
    if ended.others:
        typer.echo(
            f"{out} also holds results of {len(ended.others):,} that this was not asked for: "
            f"{', '.join(ended.others[:8])}{' …' if len(ended.others) > 8 else ''}",
            err=True,
        )
    summary = read_summary(out)
    if summary is None:
        raise EcgError(f"{out} has no summary that can be read.")
    from ecgcore.plots.batch_page import write_batch_page

    page = write_batch_page(out, summary, f"Batch of {database}")
    if as_json:
        print_json(
            {
                "out": str(out),
                "recordings": ended.of,
                "skipped": ended.before,
                "failed": ended.failed,
                "others": list(ended.others),
                "summary": summary.astype(object).where(summary.notna(), None).to_dict("records"),
            }
        )
    else:
        columns = [name for name in map(str, summary) if name.startswith(_SHOWN)]
        rows = summary[columns].to_numpy(dtype=object).tolist()
        print_table(columns, ([_cell(value) for value in row] for row in rows))
        typer.echo(f"See {page}", err=True)
    if ended.failed:
        raise EcgError(
            f"{ended.failed} of {ended.of} recordings could not be analysed; {out}/summary.csv "
            f"says why.{' The others are done.' if ended.failed < ended.of else ''}"
        )


def _queue(wanted: "BatchConfig", as_json: bool) -> None:
    from ecgcore.jobs.batches import batch_folder, submit_batch
    from ecgcore.jobs.engine import jobs_database
    from ecgcore.jobs.starting import ensure_worker

    database = jobs_database()
    made = submit_batch(database, wanted)
    ensure_worker(database)
    folder = batch_folder(made)
    if as_json:
        print_json({"id": made.id, "state": made.state, "out": str(folder)})
    else:
        typer.echo(f"{made.id}  {made.state}  {made.title}")
        typer.echo(f"Results: {folder}", err=True)


_SHOWN = (
    "record",
    "state",
    "lead",
    "beats",
    "mean_hr",
    "sdnn_ms",
    "without_ecg",
    "untrusted_beats_percent",
)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.4g}"
    return "" if value is None else str(value)


def _say(now: "BatchProgress") -> None:
    how = ", done before" if now.before == now.done else ""
    typer.echo(f"{now.done} of {now.of}: {now.record}{how}", err=True)
    if now.failure is not None:
        typer.echo(f"  {now.failure.said}", err=True)
        if now.failure.trace:
            typer.echo(now.failure.trace, err=True)
