"""From a beat of some recording to the panel that figures draw."""

from html import escape

import numpy as np
import torch

from ecgcore.dsp.detectors import DETECTORS
from ecgcore.explain.attention import heads
from ecgcore.explain.beat import explain_input
from ecgcore.explain.split import Split, split_decision
from ecgcore.faithfulness.report import TrustReport
from ecgcore.features.inputs import BeatInputs
from ecgcore.features.what_if import with_rhythm
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.plots.panel import BeatPanel
from ecgcore.schema import DoubleArray, FloatArray, Predictions, RecordHeader
from ecgcore.training.store import ANNOTATED
from ecgcore.ui import cache, model_cache, trust_cache
from ecgcore.ui.context_note import changed_words


def beat_panel(
    checkpoint: Checkpoint,
    predictions: Predictions,
    beat: int,
    *,
    method: str,
    target: str | None = None,
    context: int = 3,
    title: str = "",
    pre: float | None = None,
    post: float | None = None,
) -> BeatPanel:
    """Return a beat with its surroundings and its explanation.

    ``pre`` and ``post``: explain it as if the RR intervals beside it were so many seconds. Raises
    EcgError when the recording can no longer be read or the beat can't be explained.
    """
    header = predictions.header
    names = _names(checkpoint, predictions)
    inputs = with_rhythm(model_cache.inputs(*names), beat, pre=pre, post=post)
    return BeatPanel(
        record=cache.record(names[0]),
        lead=predictions.lead,
        peaks=predictions.peaks,
        beat=beat,
        predicted=predictions.label,
        truth=predictions.truth,
        explanation=explain_input(checkpoint, inputs, header, beat, method, target),
        classes=predictions.classes,
        title=title,
        context=context,
        median=model_cache.median(*names),
        picture=seen_picture(inputs, beat),
        window=(float(predictions.start[beat]), float(predictions.stop[beat])),
    )


def seen_picture(inputs: BeatInputs, beat: int) -> FloatArray | None:
    """Return the picture (rows, times) that a network is shown of a beat, None for waveforms."""
    if inputs.spec.kind == "waveform":
        return None
    seen: FloatArray = inputs.take(slice(beat, beat + 1))[0, 0]
    return seen


def beat_split(
    checkpoint: Checkpoint,
    predictions: Predictions,
    beat: int,
    target: str,
    *,
    pre: float | None = None,
    post: float | None = None,
) -> Split:
    """Return how a beat's score for ``target`` is made up of waveform and rhythm.

    Raises EcgError for a checkpoint that is given no RR intervals.
    """
    inputs = model_cache.inputs(*_names(checkpoint, predictions))
    changed = with_rhythm(inputs, beat, pre=pre, post=post)
    return split_decision(checkpoint, changed, beat, target)


def input_names(
    checkpoint: Checkpoint, header: RecordHeader, source: str, lead: str
) -> tuple[cache.RecordKey, str, str, str, str]:
    """Return what the inputs of a recording's beats are kept by in ``model_cache``.

    ``source`` of its R-peaks: a detector, or an annotator's extension.
    """
    found = source if source in DETECTORS else ANNOTATED
    return cache.record_key(header), checkpoint.name, checkpoint.digest, found, lead


def beat_trust(
    checkpoint: Checkpoint,
    predictions: Predictions,
    beat: int,
    method: str,
    target: str,
    *,
    pre: float | None = None,
    post: float | None = None,
) -> TrustReport:
    """Return how a beat's map stands up to all tests; kept between runs. Errors as beat_panel."""
    names = _names(checkpoint, predictions)
    return trust_cache.report(*names, beat, method, target, pre, post)


def beat_heads(
    checkpoint: Checkpoint,
    predictions: Predictions,
    beat: int,
    *,
    pre: float | None = None,
    post: float | None = None,
) -> tuple[DoubleArray, FloatArray]:
    """Return the tokens' edges (T' + 1,), s from the R-peak, and each head's weights (heads, T').

    Raises EcgError for a network without attention.
    """
    inputs = model_cache.inputs(*_names(checkpoint, predictions))
    changed = with_rhythm(inputs, beat, pre=pre, post=post)
    x = torch.from_numpy(changed.take(slice(beat, beat + 1)))
    rr = torch.from_numpy(changed.rr[beat : beat + 1])
    weights: FloatArray = heads(checkpoint.network, x, rr)[0].numpy()
    at, fs = predictions.peaks.sample[beat], predictions.peaks.fs
    low, high = (float(edge[beat] - at) / fs for edge in (predictions.start, predictions.stop))
    return np.linspace(low, high, weights.shape[1] + 1), weights


def _names(
    checkpoint: Checkpoint, predictions: Predictions
) -> tuple[cache.RecordKey, str, str, str, str]:
    part = predictions
    return input_names(checkpoint, part.header, part.peaks.source, part.lead)


def column_title(part: Predictions, beat: int, what: str, last: str) -> str:
    """Return, as HTML, what stands over a beat's column; ``what`` it is, and the ``last`` line."""
    label, sure = str(part.label[beat]), float(part.probability[beat].max())
    truth = "" if part.truth is None else str(part.truth[beat])
    brief = f"true {truth}, predicted {label}" if len(truth) <= 2 else f"{truth} → {label}"
    lines = [
        brief if truth != label else f"true and predicted {label}",
        f"{part.header.name}, beat {beat}",
        last,
    ]
    if changed := changed_words(part, beat):
        lines.insert(1, changed)
    return "<br>".join([f"<b>{escape(what)}</b> ({sure:.2f})", *map(escape, lines)])
