"""Beats classified in a second by each committed checkpoint, from inputs at hand."""

from time import perf_counter
from typing import Any

import numpy as np

from ecgcore.features.inputs import BeatInputs, beat_inputs
from ecgcore.models.checkpoint import Checkpoint, load_checkpoint
from ecgcore.records.catalog import database
from ecgcore.records.reader import read_record
from ecgcore.training.predict import classify
from ecgcore.training.store import find_beats

CASES = {"resunet-b2": ("mitdb", "208"), "identity-nsrdb": ("nsrdb", "16483")}
REPEATS = 3


def run() -> dict[str, Any]:
    """Return beats a second (the best of three) by checkpoint, with and without the inputs."""
    found: dict[str, Any] = {}
    for name, (base, record) in CASES.items():
        checkpoint, whole, peaks = load_checkpoint(name), *_beats(base, record)
        start = perf_counter()
        inputs = beat_inputs(whole, peaks, checkpoint.meta.input)
        prepared = perf_counter() - start
        seconds = min(timed(checkpoint, inputs) for _ in range(REPEATS))
        found[name] = {
            "record": f"{base}/{record}",
            "beats": len(inputs),
            "beats_per_second": len(inputs) / seconds,
            "with_inputs_beats_per_second": len(inputs) / (seconds + prepared),
        }
    return found


def timed(checkpoint: Checkpoint, inputs: BeatInputs) -> float:
    """Return the seconds that classifying all beats takes."""
    start = perf_counter()
    probability, _ = classify(checkpoint, inputs.x, inputs.rr)
    taken = perf_counter() - start
    if not np.isfinite(probability).all():
        raise ValueError("a probability is not finite")
    return taken


def _beats(base: str, record: str) -> tuple[Any, Any]:
    whole = read_record(database(base), record)
    return whole, find_beats(whole)


if __name__ == "__main__":
    print(run())
