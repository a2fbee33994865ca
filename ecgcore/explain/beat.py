"""Explain one beat of a recording, on the recording's own time axis."""

from dataclasses import replace
from typing import Final

import numpy as np
import torch
from torch import Tensor

from ecgcore.errors import EcgError
from ecgcore.explain.attribution import Attribution
from ecgcore.explain.reference import beside, other_channels, own_channels, reference_of
from ecgcore.explain.registry import ExplainerEntry, explain, explainer
from ecgcore.explain.tile import tile_axes
from ecgcore.features.inputs import BeatInputs, beat_inputs
from ecgcore.features.rr import RR_FEATURES
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.models.meta import check_class
from ecgcore.schema import DoubleArray, Explanation, FloatArray, Peaks, RecordHeader, Recording
from ecgcore.training.predict import checkpoint_lead, input_notes

_PADDED: Final = (
    "The input's window reaches beyond the recording: the network saw the edge's value repeated "
    "there."
)


def explain_beat(
    checkpoint: Checkpoint,
    record: Recording,
    peaks: Peaks,
    beat: int,
    method: str = "gradcam",
    target: str | None = None,
    *,
    lead: str | None = None,
) -> Explanation:
    """Return the map of what spoke for ``target`` (default: the predicted class) in one beat.

    Parameters: ``record`` whole, because the input may need its median beat and mean RR; ``beat``,
    index into ``peaks``; ``lead``: see ``checkpoint_lead``. The map's values run from the first
    to the last sample of the recording inside the input's window. See ``explain_input`` for
    errors; RecordError as ``beat_inputs``.
    """
    lead = checkpoint_lead(checkpoint.meta, record.header.leads, lead)
    inputs = beat_inputs(record, peaks, checkpoint.meta.input, lead)
    found = explain_input(checkpoint, inputs, record.header, beat, method, target)
    return replace(found, notes=(*input_notes(checkpoint.meta, record, lead), *found.notes))


def explain_input(
    checkpoint: Checkpoint,
    inputs: BeatInputs,
    header: RecordHeader,
    beat: int,
    method: str = "gradcam",
    target: str | None = None,
) -> Explanation:
    """Explain one beat of inputs that are at hand already: a recording's are made once.

    The map is divided by its largest absolute value, so values are shares of it and maps of two
    beats compare in shape; ``largest`` has the size. It tells of the beat itself: what neighbouring
    beats and RR rows among the channels did stands in ``parts``. Beats are compared with the
    recording's own reference (``reference_of``). For a network that sees a picture (a spectrogram,
    or the beat drawn), ``tile`` is the map over it and ``values`` its mean over frequency or
    amplitude. Raises EcgError when there is no such beat or class or method, when the method can't
    explain this network, and when the beat has no usable signal.
    """
    classes = checkpoint.meta.classes
    entry = explainer(method)
    _check(inputs, header, beat)
    x = torch.from_numpy(inputs.take(slice(beat, beat + 1)))
    rr = torch.from_numpy(inputs.rr[beat : beat + 1])
    with torch.no_grad():
        probability = torch.softmax(checkpoint.network(x, rr), dim=1)[0].double().numpy()
    label = str(target) if target else classes[int(probability.argmax())]
    check_class(checkpoint.name, classes, label)
    reference = reference_of(checkpoint, inputs)
    if entry.swaps:
        reference = beside(reference, x, own_channels(inputs.spec))
    found = explain(
        method,
        checkpoint.network,
        x,
        rr,
        torch.tensor([classes.index(label)]),
        reference,
    )
    share, largest = _share(_own_map(found, inputs))
    notes = () if largest > 0 else (_nothing(entry, label),)
    explanation = Explanation(
        method=method,
        target=label,
        prediction=dict(zip(classes, probability.tolist(), strict=True)),
        values=np.empty(0, np.float32),
        start_sample=0,
        fs=header.fs,
        notes=(*notes, _PADDED) if inputs.beats.padded[beat] else notes,
        signed=entry.signed,
        largest=largest,
        quantity=entry.quantity,
        parts=_parts(found, inputs, entry),
        score=_number(found.score),
        start=_number(found.start),
        fit=_number(found.fit),
        reference=reference.words if entry.compares else "",
    )
    if share.ndim == 1:
        return _on_samples(explanation, inputs, header, beat, np.arange(share.size), share)
    return _tile(explanation, inputs, header, beat, share)


def _own_map(found: Attribution, inputs: BeatInputs) -> FloatArray:
    """Return the map of the beat itself: other channels stand for other times, or for none."""
    own: FloatArray = found.of(own_channels(inputs.spec))[0].numpy()
    return own


def _parts(
    found: Attribution, inputs: BeatInputs, entry: ExplainerEntry
) -> tuple[tuple[str, float], ...]:
    """Return what each part of the input got of the score, where the method shares it out."""
    if found.start is None:
        return ()
    parts = [("the beat's waveform", float(_own_map(found, inputs).sum()))]
    if len(found.values[0]) > 1:
        parts += [
            (word, float(found.values[0, k].sum())) for k, word in other_channels(inputs.spec)
        ]
    if found.rr is not None:
        names = [RR_FEATURES[name].label for name in inputs.spec.rr]
        parts += list(zip(names, found.rr[0].tolist(), strict=True))
    if found.rest is not None:
        parts.append((entry.rest, float(found.rest[0])))
    return tuple(parts)


def _number(of_beats: Tensor | None) -> float:
    return float("nan") if of_beats is None else float(of_beats[0])


def _on_samples(
    explanation: Explanation,
    inputs: BeatInputs,
    header: RecordHeader,
    beat: int,
    point: DoubleArray | np.ndarray,
    share: FloatArray,
) -> Explanation:
    """Carry values at ``point`` (n,), counted in the beat's points, over to whole samples."""
    start, stop = float(inputs.beats.start[beat]), float(inputs.beats.stop[beat])
    first, last = max(0, int(np.ceil(start))), min(header.length - 1, int(np.floor(stop)))
    sample = np.arange(first, last + 1)
    spacing = (stop - start) / (inputs.spec.points - 1)
    values = np.interp((sample - start) / spacing, point, share).astype(np.float32)
    return replace(explanation, values=values, start_sample=first)


def _tile(
    explanation: Explanation, inputs: BeatInputs, header: RecordHeader, beat: int, share: FloatArray
) -> Explanation:
    """Add the tile with its axes, and its mean over the rows as values."""
    axes = tile_axes(inputs, header.fs, beat)
    start, stop = float(inputs.beats.start[beat]), float(inputs.beats.stop[beat])
    own = (inputs.spec.points - 1) * header.fs / (stop - start)  # Hz of this beat's points
    at_peak = float(inputs.beats.peaks.sample[beat])
    marginal, _ = _share(share.mean(axis=0))
    tiled = replace(
        explanation,
        tile=share,
        frequency=axes.frequency,
        amplitude=axes.amplitude,
        time=(start - at_peak) / header.fs + axes.column / own,
    )
    return _on_samples(tiled, inputs, header, beat, axes.column, marginal)


def _share(found: FloatArray) -> tuple[FloatArray, float]:
    """Return a map divided by its largest absolute value, and that; 0 leaves it as it is."""
    largest = float(np.abs(found).max())
    return (found / largest if largest > 0 else found), largest


def _nothing(entry: ExplainerEntry, label: str) -> str:
    what = f"spoke for or against {label}" if entry.signed else f"spoke for {label}"
    return f"Nothing in this beat's waveform {what}: the map is zero."


def _check(inputs: BeatInputs, header: RecordHeader, beat: int) -> None:
    name = f"{header.database}/{header.name}"
    if not 0 <= beat < len(inputs):
        raise EcgError(f"{name} has no beat {beat}; its beats are 0 to {len(inputs) - 1}.")
    if not inputs.beats.usable[beat]:
        raise EcgError(
            f"Beat {beat} of {name} has no usable signal (a gap or a flat line); take another."
        )
