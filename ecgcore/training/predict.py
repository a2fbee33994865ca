"""What a checkpoint says of the beats of one recording."""

import numpy as np
import torch

from ecgcore.background import Report, part_of
from ecgcore.features.inputs import BeatInputs, beat_inputs, hour_of
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.models.meta import CheckpointMeta
from ecgcore.schema import FloatArray, Peaks, Predictions, Recording, StrArray
from ecgcore.training.context import in_context, in_context_by
from ecgcore.training.leads import own_lead, pick_lead
from ecgcore.training.seen import known_person

_BATCH = 1024


def predict(
    checkpoint: Checkpoint,
    record: Recording,
    peaks: Peaks,
    lead: str | None = None,
    *,
    inputs: BeatInputs | None = None,
    report: Report | None = None,
    context: bool | None = None,
) -> Predictions:
    """Classify each beat of ``record`` at ``peaks`` (b): the one place where predictions are made.

    ``record`` should be whole, because the input may take its median beat and mean RR interval.
    A recording of another rate than the checkpoint's is resampled, and ``notes`` say so, as they
    do when the lead is another than in training. Beats without usable signal are classified from
    zeros and their rhythm alone; ``usable`` tells them apart.

    ``lead``: see ``checkpoint_lead``; ``inputs``: those of the checkpoint, where they are at hand;
    ``report`` is told how far it is and may raise to end it. ``context``: whether what is said of
    each beat is put in the context of the others (``training.context``); None: as the checkpoint
    says. Raises RecordError for an unknown lead, when no beat is usable, or with fewer than two
    beats where the input has RR features; EcgError as ``in_context_by``.
    """
    meta = checkpoint.meta
    together = in_context_by(meta, context)
    lead = checkpoint_lead(meta, record.header.leads, lead)
    if inputs is None:
        inputs = beat_inputs(record, peaks, meta.input, lead, part_of(report, 0.0, 0.5))
        report = part_of(report, 0.5, 1.0)
    hours = (record.stop - record.start) / record.fs / 3600
    # Batch by batch from the input on: the pictures of a day's beats don't fit together.
    batches = [slice(k, k + _BATCH) for k in range(0, len(inputs), _BATCH)] or [slice(0)]
    parts = []
    for k, some in enumerate(batches):
        if report is not None:
            share = k / len(batches)
            report(share, f"classifying {hour_of(share, hours)}".strip())
        parts.append(classify(checkpoint, inputs.take(some), inputs.rr[some]))
    probability, embedding = (np.concatenate(column) for column in zip(*parts, strict=True))
    found = Predictions(
        header=record.header,
        lead=inputs.beats.lead,
        peaks=peaks,
        classes=meta.classes,
        probability=probability,
        embedding=embedding,
        usable=inputs.beats.usable,
        start=inputs.beats.start,
        stop=inputs.beats.stop,
        truth=true_classes(meta, record, peaks),
        notes=input_notes(meta, record, inputs.beats.lead),
    )
    return in_context(found, inputs) if together else found


def predict_alone(checkpoint: Checkpoint, record: Recording, peaks: Peaks) -> Predictions:
    """Classify each beat by itself, whatever the checkpoint's own way; raises as ``predict``."""
    return predict(checkpoint, record, peaks, context=False)


def predict_in_context(checkpoint: Checkpoint, record: Recording, peaks: Peaks) -> Predictions:
    """Classify in context, whatever the checkpoint's own way; raises as ``predict``."""
    return predict(checkpoint, record, peaks, context=True)


def checkpoint_lead(meta: CheckpointMeta, leads: tuple[str, ...], wanted: str | None = None) -> str:
    """Return the lead to classify: ``wanted``, else the checkpoint's, else MLII or the first.

    A recording without the checkpoint's lead is classified all the same, and ``notes`` of its
    predictions say so. Raises RecordError when ``wanted`` is not there.
    """
    return pick_lead(leads, own_lead(meta.input, meta.lead), wanted)


def classify(
    checkpoint: Checkpoint, x: FloatArray, rr: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return probabilities (b, classes) and embeddings (b, d) of inputs x (b, …), rr (b, R)."""
    network = checkpoint.network
    parts = []
    with torch.inference_mode():
        for start in range(0, len(x), _BATCH):
            rows = slice(start, start + _BATCH)
            features = network.features(torch.from_numpy(x[rows]))
            embedding = network.embed(features, torch.from_numpy(rr[rows]))
            logits = network.classifier(embedding)
            parts.append((torch.softmax(logits, dim=1).numpy(), embedding.numpy()))
    if not parts:
        empty = np.empty((0, network.classifier.in_features), dtype=np.float32)
        return np.empty((0, len(checkpoint.meta.classes)), dtype=np.float32), empty
    probability, embeddings = (np.concatenate(column) for column in zip(*parts, strict=True))
    return probability, embeddings


def true_classes(meta: CheckpointMeta, record: Recording, peaks: Peaks) -> StrArray | None:
    """Return the class of each beat (b,) by the annotations; None where they say nothing.

    For user recognition the class is whose recording it is, where that is one of the people.
    """
    if meta.task == "beat-class":
        return peaks.aami
    name = known_person(meta, record.header.database, record.header.name)
    return None if name is None else np.full(len(peaks), name)


def input_notes(meta: CheckpointMeta, record: Recording, lead: str) -> tuple[str, ...]:
    """Return sentences to show: resampled, or another lead than in training."""
    notes = []
    if meta.input.fs is not None and meta.input.fs != record.fs:
        notes.append(
            f"The recording, {record.fs:g} Hz, was resampled to the checkpoint's "
            f"{meta.input.fs:g} Hz."
        )
    own = own_lead(meta.input, meta.lead)
    if own is not None and lead != own:
        notes.append(f"Lead {lead} is used; the checkpoint was trained on {own}.")
    return tuple(notes)
