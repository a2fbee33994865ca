"""``reproduce``: a whole table, resumable."""

import sys
from contextlib import nullcontext
from typing import Annotated, Literal

import typer

from ecgcore.cli.output import JsonFlag, print_json, print_table
from ecgcore.errors import EcgError


def reproduce(
    name: Annotated[
        str,
        typer.Argument(
            help="table3, table4, table5, table6, beats, identity, best, ablation, ways."
        ),
    ],
    seeds: Annotated[
        int | None, typer.Option(help="How many, from 0 on; default: the configurations'.", min=1)
    ] = None,
    row: Annotated[list[str] | None, typer.Option(help="Only this row; may be repeated.")] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="Where; auto: a GPU where there is one.")
    ] = "auto",
    precision: Annotated[
        Literal["fp32", "bf16"], typer.Option(help="bf16: forward passes under autocast.")
    ] = "fp32",
    threads: Annotated[int, typer.Option(help="CPU threads.", min=1)] = 1,
    executor: Annotated[
        str | None,
        typer.Option(help="Fit seeds beside one another: local, or tcp://scheduler:8786."),
    ] = None,
    processes: Annotated[
        int | None, typer.Option(help="Of the local executor; default: one a core.", min=1)
    ] = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """Run a table's missing seeds into results/NAME.json; interrupted, it goes on where it was."""
    from ecgcore.experiments.ablation_plan import ABLATION
    from ecgcore.experiments.catalog import experiment
    from ecgcore.experiments.ways_table import TABLE as WAYS

    # Before torch: a wrong name is said at once.
    own = {table.name: table for table in (ABLATION, WAYS)}
    wanted = own[name] if name in own else experiment(name, beside=own)
    if executor is not None and (device == "cuda" or precision != "fp32" or threads != 1):
        raise EcgError("An executor fits on CPUs, in fp32 and one thread each; leave those out.")
    import torch

    from ecgcore.executor.opening import open_executor
    from ecgcore.experiments import ablation, runner, ways
    from ecgcore.training.compute import choose_compute

    # The result depends on the number of threads in its last digits, so it is one by default.
    torch.set_num_threads(threads)
    compute = choose_compute("cpu" if executor else device, precision)
    typer.echo(f"{compute.name}, {compute.precision}", err=True)
    opened = open_executor(executor, processes) if executor else nullcontext()
    try:
        with opened as where:
            if wanted is ABLATION:
                document = ablation.run_ablation(
                    seeds=seeds,
                    variants=row or (),
                    compute=compute,
                    progress=_say,
                    executor=where,
                )
            elif wanted is WAYS:
                document = ways.run_ways(
                    seeds=seeds, ways=row or (), compute=compute, progress=_say
                )
            else:
                document = runner.reproduce(
                    wanted,
                    seeds=seeds,
                    rows=row or (),
                    compute=compute,
                    progress=_say,
                    executor=where,
                )
    except KeyboardInterrupt:
        typer.echo("Stopped; the same command goes on from the last whole epoch.", err=True)
        sys.exit(130)
    if as_json:
        print_json(document)
        return
    columns = wanted.columns
    print_table(
        ("row", "seeds", *(column.title for column in columns)),
        (
            (
                entry["title"],
                f"{len(entry['seeds'])} of {len(entry['planned'])}",
                *(
                    _cell(entry["summary"].get(column.figure), count=bool(column.of))
                    for column in columns
                ),
            )
            for entry in document["rows"].values()
        ),
    )


def _cell(found: dict[str, float | None] | None, *, count: bool) -> str:
    if found is None or found["mean"] is None:
        return "–"
    scale = 1 if count else 100
    spread = f" ± {scale * found['std']:.2f}" if found["std"] is not None else ""
    return f"{scale * found['mean']:.2f}{spread}"


def _say(what: str, done: int, of: int) -> None:
    kind = "seed" if " fitted on " in what else "epoch"
    typer.echo(f"{what}: {kind} {done} of {of}", err=True)
