"""``detectors``: the learned detector's training, and the league table."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ecgcore.cli.output import JsonFlag, print_json, print_table
from ecgcore.errors import EcgError

detectors = typer.Typer(help="Train our detector; measure all of them.", no_args_is_help=True)


@detectors.command()
def train(seed: int = 0) -> None:
    """Train beatlens on the tuning half of mitdb; writes its weights into the package."""
    import torch

    from ecgcore.experiments.detector_training import train_detector

    torch.set_num_threads(1)
    train_detector(seed, lambda text: typer.echo(text, err=True))


@detectors.command()
def league(
    peer: Annotated[
        list[str] | None,
        typer.Option(help="NAME=PYTHON: sleepecg, xqrs or neurokit by an interpreter that has it."),
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="Only this one; may be repeated.")] = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """Score every detector on mitdb, clean and with noise, into results/detectors.json."""
    from ecgcore.experiments.detector_league import PEER_TITLES, run_league

    python = dict(one.partition("=")[::2] for one in peer or ())
    if unknown := set(python) - set(PEER_TITLES):
        raise EcgError(
            f"There is no peer {', '.join(sorted(unknown))}; there are: {', '.join(PEER_TITLES)}."
        )
    document = run_league(
        {name: Path(path or sys.executable) for name, path in python.items()},
        lambda text: typer.echo(text, err=True),
        tuple(only or ()),
    )
    if as_json:
        print_json(document)
        return
    rows: list[tuple[object, ...]] = []
    for entry in document["detectors"].values():
        clean = [entry["from_start"][group]["gross"]["f1"] for group in ("whole", "tuning", "test")]
        noise = [one["gross"]["f1"] for one in entry["noise"].values()]
        figures = (f"{100 * share:.2f}" for share in (*clean, *noise))
        rows.append((entry["title"], entry["version"], *figures))
    noisy = tuple(document["stressed"])
    print_table(("detector", "version", "F1 % whole", "tuning", "test", *noisy), rows)
