"""``jobs``: durable trainings and batches without a browser: start, list, show, cancel, resume."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecgcore.cli.output import JsonFlag, print_json, print_table

if TYPE_CHECKING:
    from ecgcore.jobs.job import Job

jobs = typer.Typer(
    no_args_is_help=True,
    help="Trainings and batches that outlive whoever started them: start, list, show, cancel, "
    "resume. A batch is started by: batch --job.",
)

JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="A job's id, or its beginning.")]


@jobs.command()
def start(
    config: Annotated[Path, typer.Option(help="A TOML file, such as configs/resunet-b2.toml.")],
    *,
    as_json: JsonFlag = False,
) -> None:
    """Put a training into the queue, and start a worker where none is alive."""
    from ecgcore.training.config import load_config

    wanted = load_config(config)
    from ecgcore.jobs.engine import jobs_database
    from ecgcore.jobs.starting import ensure_worker
    from ecgcore.jobs.training import submit_training

    database = jobs_database()
    job = submit_training(database, wanted)
    ensure_worker(database)
    _print(job, as_json)


@jobs.command("list")
def list_all(*, as_json: JsonFlag = False) -> None:
    """List the newest jobs, newest first."""
    from ecgcore.jobs.engine import jobs_database
    from ecgcore.jobs.store import list_jobs

    found = list_jobs(jobs_database())
    if as_json:
        print_json([_plain(job) for job in found])
        return
    print_table(
        ("job", "state", "done", "title"),
        ((job.id, job.state, f"{job.done} of {job.of}", job.title) for job in found),
    )


@jobs.command()
def show(
    job: JobArgument,
    *,
    log: Annotated[int, typer.Option(help="How many lines of its log.", min=0)] = 10,
    as_json: JsonFlag = False,
) -> None:
    """Show a job: where it is, its epochs' figures, the end of its log."""
    from ecgcore.jobs import store
    from ecgcore.jobs.engine import jobs_database

    database = jobs_database()
    found = store.find(database, job)
    notes = store.epochs(database, found.id)
    lines = store.log_lines(database, found.id, log) if log else ()
    if as_json:
        document = {
            **_plain(found),
            "config": found.config,
            "result": found.result,
            "epochs": [asdict(note) for note in notes],
            "log": [asdict(line) for line in lines],
        }
        print_json(document)
        return
    _print(found, False)
    if notes and found.kind == "train":
        print_table(
            ("stage", "epoch", "loss", "held-out F1", "beats/s"),
            (
                (
                    note.stage,
                    note.epoch,
                    f"{note.figures['loss']:.4f}",
                    f"{note.figures['macro_f1']:.4f}" if note.figures.get("macro_f1") else "–",
                    f"{note.figures['beats_per_second']:.0f}",
                )
                for note in notes
            ),
        )
    for line in lines:
        typer.echo(line.text)


@jobs.command()
def cancel(job: JobArgument, *, as_json: JsonFlag = False) -> None:
    """Cancel a job; what it did is kept."""
    from ecgcore.jobs import store
    from ecgcore.jobs.engine import jobs_database

    database = jobs_database()
    _print(store.cancel(database, store.find(database, job).id), as_json)


@jobs.command()
def resume(job: JobArgument, *, as_json: JsonFlag = False) -> None:
    """Let a job that was cancelled or has failed go on, from its last whole epoch."""
    from ecgcore.jobs import store
    from ecgcore.jobs.engine import jobs_database
    from ecgcore.jobs.starting import ensure_worker

    database = jobs_database()
    found = store.resume(database, store.find(database, job).id)
    ensure_worker(database)
    _print(found, as_json)


def _plain(job: "Job") -> dict[str, Any]:
    return {key: value for key, value in asdict(job).items() if key not in ("config", "result")}


def _print(job: "Job", as_json: bool) -> None:
    if as_json:
        print_json(_plain(job))
        return
    typer.echo(f"{job.id}  {job.state}  {job.title}")
    unit = "recordings" if job.kind == "batch" else "epochs"
    if job.stage:
        typer.echo(f"{job.stage}; {job.done} of {job.of} {unit}")
    if job.message:
        typer.echo(job.message)
