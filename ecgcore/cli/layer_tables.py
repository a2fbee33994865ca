"""How a layer compares with another, as tables on a terminal."""

import typer

from ecgcore.cli.output import print_table
from ecgcore.layers.comparison import Comparison
from ecgcore.layers.layer import Layer
from ecgcore.layers.rhythms import RhythmComparison


def print_beats(result: Comparison, layer: Layer, other: str) -> None:
    """Print the table of the beats, and each that differs; ``other`` names the reference."""
    names = list(result.classes)
    rows = [
        (name, *counts, f"{100 * result.se(name):.2f}", f"{100 * result.ppv(name):.2f}")
        for name, counts in zip(names, result.counts[:-1].tolist(), strict=True)
    ]
    extra = ("extra", *result.counts[-1].tolist(), "", "")
    print_table((f"{other} \\ {layer.name}", *names, "missed", "Se %", "+P %"), [*rows, extra])
    typer.echo(f"beats: Se {100 * result.se():.2f} %, +P {100 * result.ppv():.2f} %")
    print_table(
        ("sample", "seconds", "what", "there", "here"),
        (
            (one.sample, f"{one.sample / layer.fs:.3f}", one.kind, one.reference, one.other)
            for one in result.disagreements
        ),
    )


def print_rhythms(result: RhythmComparison, layer: Layer, other: str) -> None:
    """Print the time in each rhythm, and each stretch that differs."""
    if not result.times:
        typer.echo(f"rhythms are not compared: {layer.name} or {other} marks none")
        return
    print_table(
        ("rhythm", f"{other} (s)", f"{layer.name} (s)", "both (s)", "Se %", "+P %"),
        (
            (
                one.name,
                *(f"{seconds:.1f}" for seconds in (one.reference, one.other, one.both)),
                f"{100 * one.se:.2f}",
                f"{100 * one.ppv:.2f}",
            )
            for one in result.times
        ),
    )
    print_table(
        ("sample", "seconds", "lasts (s)", "there", "here"),
        (
            (
                one.start,
                f"{one.start / layer.fs:.3f}",
                f"{(one.stop - one.start) / layer.fs:.3f}",
                one.reference,
                one.other,
            )
            for one in result.disagreements
        ),
    )
