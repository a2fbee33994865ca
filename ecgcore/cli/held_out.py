"""``held-out``: what networks say of training patients whom they never saw."""

from pathlib import Path
from typing import Annotated

import typer

from ecgcore.cli.output import JsonFlag, print_json


def held_out(
    config: Annotated[Path, typer.Option(help="The TOML file that trained the checkpoint.")],
    checkpoint: Annotated[
        str | None, typer.Option(help="Its name; default: the file's own.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(min=1, help="How many of its seeds; default: all.")
    ] = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """Keep the folds' predictions beside a checkpoint, so that its training labels can be doubted.

    Folds that a training left under ECG_HOME are read; others are fitted, resumable.
    """
    from ecgcore.models.checkpoint import read_meta
    from ecgcore.training.config import load_config

    wanted = load_config(config)
    name = checkpoint or wanted.name
    meta = read_meta(name)

    import torch

    from ecgcore.training.held_out import cross_validate, keep_held_out

    torch.set_num_threads(1)
    command = f"python -m ecgcore held-out --config {config.as_posix()}"
    command += f" --checkpoint {checkpoint}" if checkpoint else ""
    command += f" --seeds {seeds}" if seeds else ""
    found = cross_validate(wanted, wanted.seeds[:seeds], _say, command)
    path = keep_held_out(name, meta, found)
    if as_json:
        print_json({"checkpoint": name, "beats": found.record.size, **found.about})
        return
    typer.echo(f"{found.record.size:,} beats in {path}")


def _say(what: str, done: int, of: int) -> None:
    typer.echo(f"{what}: epoch {done} of {of}", err=True)
