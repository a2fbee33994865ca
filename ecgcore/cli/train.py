"""``train``: a checkpoint from a configuration file."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ecgcore.cli.output import JsonFlag, print_json, print_table


def train(
    config: Annotated[Path, typer.Option(help="A TOML file, such as configs/resunet-b2.toml.")],
    seed: Annotated[
        int | None, typer.Option(help="Train this seed only; default: all of the file's.", min=0)
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The checkpoint's folder; default: among the checkpoints.")
    ] = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """Train a network; an interrupted run goes on from its last epoch when started again."""
    from ecgcore.settings import settings
    from ecgcore.training.config import load_config

    wanted = load_config(config)  # before torch: a wrong file is said at once
    import torch

    from ecgcore.models.checkpoint import CONFIG
    from ecgcore.models.meta import read_meta_file
    from ecgcore.training import loop

    # One thread: the result then doesn't depend on the number of cores, and networks this small
    # lose more by waiting for each other's threads than they gain.
    torch.set_num_threads(1)
    folder = out or settings().checkpoint_dir / wanted.name
    command = f"python -m ecgcore train --config {config.as_posix()}"
    try:
        if seed is None:
            results = loop.train_seeds(wanted, folder, _say, command)
        else:
            results = [loop.train(wanted, seed, folder, _say, f"{command} --seed {seed}")]
    except KeyboardInterrupt:
        typer.echo("Stopped; the same command goes on from the last whole epoch.", err=True)
        sys.exit(130)
    figures = [result.figures() for result in results]
    if as_json:
        kept = read_meta_file(folder.name, folder / CONFIG)
        print_json(
            {
                "checkpoint": folder.name,
                "kept": kept.seed,
                "protocol": asdict(kept.protocol),
                "seeds": figures,
                "also": kept.metrics["also"],
            }
        )
        return
    print_table(
        ("seed", "epochs", "held-out F1", "macro F1", "accuracy"),
        (
            (f["seed"], f["epochs"], *(f"{x:.4f}" for x in (f["held_out_f1"], f1, f["accuracy"])))
            for f, f1 in ((f, f["macro"]["f1"]) for f in figures)
        ),
    )
    typer.echo(f"Saved in {folder}", err=True)


def _say(what: str, done: int, of: int) -> None:
    typer.echo(f"{what}: epoch {done} of {of}", err=True)
