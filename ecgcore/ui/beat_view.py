"""From a beat of some recording to the panel that figures draw."""

from html import escape

from ecgcore.dsp.detectors import DETECTORS
from ecgcore.explain.beat import explain_input
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.plots.panel import BeatPanel
from ecgcore.schema import Predictions
from ecgcore.training.store import ANNOTATED
from ecgcore.ui import cache, model_cache


def beat_panel(
    checkpoint: Checkpoint,
    predictions: Predictions,
    beat: int,
    *,
    method: str,
    target: str | None = None,
    context: int = 3,
    title: str = "",
) -> BeatPanel:
    """Return a beat with its surroundings and its explanation.

    Raises EcgError when the recording can no longer be read or the beat can't be explained.
    """
    header = predictions.header
    key = cache.record_key(header)
    found = predictions.peaks.source  # a detector, or the annotator's extension
    source = found if found in DETECTORS else ANNOTATED
    names = (key, checkpoint.name, checkpoint.digest, source, predictions.lead)
    inputs = model_cache.inputs(*names)
    return BeatPanel(
        record=cache.record(key),
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
        window=(float(predictions.start[beat]), float(predictions.stop[beat])),
    )


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
    return "<br>".join([f"<b>{escape(what)}</b> ({sure:.2f})", *map(escape, lines)])
