"""The guide's example: a beat of the demo database, wherever the app's recordings are."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st

from ecgcore.compare.difference import LEAST, MOST, Difference, difference
from ecgcore.compare.exemplars import BeatRef, right_beats
from ecgcore.compare.summary import summarise
from ecgcore.explain.beat import explain_input
from ecgcore.explain.registry import EXPLAINERS
from ecgcore.faithfulness.report import TrustReport, trust_report
from ecgcore.features.inputs import BeatInputs, beat_inputs
from ecgcore.features.templates import median_beat
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.plots.panel import BeatPanel
from ecgcore.records.demo import demo_database
from ecgcore.records.reader import read_record
from ecgcore.schema import Predictions, Record
from ecgcore.training.store import stored_predictions
from ecgcore.ui import model_cache

RECORD: Final = "demo03"  # has ventricular beats
TARGET: Final = "V"
# Networks that see the waveform itself come first: there a map falls on waves one can name.
_PREFERRED: Final[tuple[str, ...]] = ("table3-resunet-a2", "table3-resunet", "resunet-b2")
_WRONG: Final = ("demo02", "demo03", "demo04", "demo05")  # where models err, and right beats


@dataclass(frozen=True, kw_only=True, eq=False)
class Example:
    """A demo recording as a checkpoint sees it, and a ventricular beat of it."""

    checkpoint: Checkpoint
    record: Record
    inputs: BeatInputs
    predictions: Predictions
    beat: int


def example_checkpoint(method: str) -> str | None:
    """Return a checkpoint for beat classes that a method can explain, None without any."""
    there, _ = model_cache.metas()
    names = [name for name in _PREFERRED if name in there]
    names += [
        name
        for name, meta in there.items()
        if meta.task == "beat-class" and TARGET in meta.classes and name not in names
    ]
    for name in names:
        if not EXPLAINERS[method].refuses(model_cache.checkpoint(name).network):
            return name
    return None


def example(name: str) -> Example:
    """Return the example of a checkpoint. Raises EcgError as classifying does."""
    checkpoint = model_cache.checkpoint(name)
    return _example(name, checkpoint.digest)


@st.cache_resource(max_entries=4, show_spinner="Preparing an example …")
def _example(name: str, digest: str) -> Example:  # noqa: ARG001  a part of the cache key
    base, checkpoint = demo_database(), model_cache.checkpoint(name)
    record = read_record(base, RECORD)
    found = stored_predictions(checkpoint, base, RECORD)
    inputs = beat_inputs(record, found.peaks, checkpoint.meta.input, found.lead)
    right = (found.label == TARGET) & found.usable
    if found.truth is not None:
        right &= found.truth == TARGET
    there = np.flatnonzero(right if right.any() else found.usable)
    return Example(
        checkpoint=checkpoint,
        record=record,
        inputs=inputs,
        predictions=found,
        beat=int(there[min(3, there.size - 1)]),
    )


@st.cache_resource(max_entries=24, show_spinner="Explaining the example …")
def example_panel(name: str, digest: str, method: str) -> BeatPanel:  # noqa: ARG001  cache key
    """Return the example's panel: the map of its predicted class by one method."""
    one = example(name)
    found = one.predictions
    compares = "difference" in one.inputs.spec.channels
    return BeatPanel(
        record=one.record,
        lead=found.lead,
        peaks=found.peaks,
        beat=one.beat,
        predicted=found.label,
        truth=found.truth,
        explanation=explain_input(one.checkpoint, one.inputs, found.header, one.beat, method),
        classes=found.classes,
        context=2,
        median=median_beat(one.inputs.beats) if compares else None,
        window=(float(found.start[one.beat]), float(found.stop[one.beat])),
    )


@st.cache_resource(max_entries=4, show_spinner="Testing the example's map …")
def example_trust(name: str, digest: str, method: str) -> TrustReport:  # noqa: ARG001  cache key
    """Return how the example's map stands up to all tests."""
    one = example(name)
    label = str(one.predictions.label[one.beat])
    return trust_report(one.checkpoint, one.inputs, one.beat, method, label)


@st.cache_resource(max_entries=2, show_spinner="Preparing an example …")
def example_difference(name: str, digest: str) -> Difference | None:  # noqa: ARG001  cache key
    """Return a wrong demo beat between its classes, None where the checkpoint makes no error.

    The most confident one that is clearly nearer somewhere, else the most confident of all.
    """
    base, checkpoint = demo_database(), model_cache.checkpoint(name)
    parts = [stored_predictions(checkpoint, base, record) for record in _WRONG]
    found = summarise(checkpoint.meta, parts)
    if found is None:
        return None
    records = {record: read_record(base, record) for record in _WRONG}
    wrong = found.table[found.table["true"] != found.table["predicted"]]
    first: Difference | None = None
    for row in wrong.sort_values("confidence", ascending=False).to_dict("records"):
        ref = BeatRef(record=str(row["record"]), beat=int(row["beat"]))
        true, predicted = (
            right_beats(found.pool, ref, str(row[side]), most=MOST, least=LEAST)
            for side in ("true", "predicted")
        )
        if true is None or predicted is None:
            continue
        one = difference(ref, true, predicted, records, found.predictions, departures=True)
        if one.marks and not one.slight:
            return one
        first = first or one
    return first
