"""The command line: one module a command, joined here.

Each command prints its result on stdout (one JSON document with ``--json``), messages on stderr,
and ends with 0, or with 2 and a clear sentence. Commands import what they need when they run, so
that ``--help`` and light commands never wait for torch.
"""

import importlib
import logging
import sys
from typing import Final

import typer

from ecgcore.errors import EcgError

# command name -> "module:function"; the module is imported for its signature only, so it must
# keep heavy imports inside the function.
COMMANDS: Final[dict[str, str]] = {
    "databases": "ecgcore.cli.databases:databases",
    "records": "ecgcore.cli.databases:records",
    "download": "ecgcore.cli.download:download",
    "peaks": "ecgcore.cli.peaks:peaks",
    "hrv": "ecgcore.cli.hrv:hrv",
    "score-detector": "ecgcore.cli.score_detector:score_detector",
    "detectors": "ecgcore.cli.detectors:detectors",
    "explain": "ecgcore.cli.explain:explain",
    "clusters": "ecgcore.cli.clusters:clusters",
    "faithfulness": "ecgcore.cli.faithfulness:faithfulness",
    "league": "ecgcore.cli.faithfulness:league",
    "classify": "ecgcore.cli.classify:classify",
    "evaluate": "ecgcore.cli.evaluate:evaluate",
    "train": "ecgcore.cli.train:train",
    "held-out": "ecgcore.cli.held_out:held_out",
    "batch": "ecgcore.cli.batch:batch",
    "reproduce": "ecgcore.cli.reproduce:reproduce",
    "worker": "ecgcore.cli.worker:worker",
    "layers": "ecgcore.cli.layers:layers",  # a group: commands of its own under this name
    "jobs": "ecgcore.cli.jobs:jobs",  # a group: commands of its own under this name
}


def build() -> typer.Typer:
    """Return the typer application with every command."""
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help="BeatLens without a browser. ECG_DATA_DIR says where the recordings are.",
    )
    for name, target in COMMANDS.items():
        module, _, function = target.partition(":")
        found = getattr(importlib.import_module(module), function)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def main() -> None:
    """Run one command; an EcgError becomes a sentence on stderr and exit code 2."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    try:
        build()()
    except EcgError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)
