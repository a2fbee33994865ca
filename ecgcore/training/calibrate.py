"""Calibration to one patient: a few labelled beats at a recording's beginning move the last layer.

Of the network's layers only the last, linear one is adapted, by the labelled beats and a Gaussian
prior around the weights it has; beside the embedding it is given the RR features, where a beat lies
along what tells this person's beats apart, and how like it is to each labelled one, with weights
that are zero before (``models.rhythm_beside``). This is the maximum a posteriori estimate of a
logistic regression,

    −Σ wᵢ log p(classᵢ | embeddingᵢ; W, b)  +  λ/2 · (‖W − W₀‖² + ‖b − b₀‖²),

where a class of n beats weighs √n and a beat 1 on average. It is convex and has one solution, so
nothing is random. Of a class of which the beginning shows no beat the log odds against N are moved
half-way back to what they were: one minute without such a beat says little of those to come. It
needs no beats of other people, so it works wherever the checkpoint does, and takes a moment. What
the adapted network says of a beat is then put in the context of what it says of the recording's
others (``context``). Regularising towards the weights of the source follows Li, Grandvalet and
Davoine, "Explicit inductive bias for transfer learning with convolutional networks" (ICML 2018);
adapting a heartbeat classifier by the patient's own first minutes Hu, Palreddy and Tompkins (IEEE
Trans Biomed Eng 44, 1997) and de Chazal and Reilly (53, 2006).
"""

import copy
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch
from scipy.optimize import minimize
from scipy.special import log_softmax

from ecgcore.errors import EcgError
from ecgcore.features.inputs import beat_inputs
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.models.rhythm_beside import rhythm_beside
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.database import Database
from ecgcore.schema import DoubleArray, FloatArray, IntArray, Peaks, Predictions, Recording
from ecgcore.training.evaluate import Evaluation, PeakSource, Progress, evaluate, skipped_flag
from ecgcore.training.predict import checkpoint_lead, classify, predict_in_context


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How much is labelled, and how strongly the weights are held where they were.

    Chosen on the rest of held-out DS1 patients' recordings, each by the networks that were trained
    without them, but for ``unseen_kept``: all beats together say 0, patients by themselves 1, and
    the half is a judgement. results/README.md has the figures, and what of DS2 was known then.
    """

    seconds: float = 60.0
    pull: float = 0.3  # λ
    directions: bool = True  # beside the embedding, where a beat lies among this person's
    unseen_fusion: float = 0.0  # taken off class F's logit where the beginning shows none
    unseen_kept: float = 0.5  # how much of a class' odds against N stays where it shows none


CALIBRATION: Final = Calibration()
_MOST_BEATS: Final = 512  # of the recording, by which its beats' directions are found
_BATCH: Final = 256


def calibrated(
    checkpoint: Checkpoint,
    record: Recording,
    peaks: Peaks,
    seconds: float = CALIBRATION.seconds,
    lead: str | None = None,
    how: Calibration = CALIBRATION,
) -> Checkpoint:
    """Return a copy of ``checkpoint`` adapted to one recording; the given one stays as it is.

    Parameters: ``peaks``, the recording's beats with their AAMI classes. Of these the classes
    are read in the first ``seconds`` of the recording alone; the positions of all serve the
    input, which may compare a beat with the recording's median beat. ``lead``: see
    ``checkpoint_lead``; ``how``, but for its seconds. Without a usable labelled beat of a class
    that the checkpoint knows, the weights are as they were. The card and the protocol's flags say
    what was done.

    Raises EcgError for a checkpoint for user recognition, beats without classes, or no seconds;
    and as ``beat_inputs``.
    """
    meta = checkpoint.meta
    if meta.task != "beat-class":
        raise EcgError(
            f"The checkpoint {checkpoint.name} tells people apart; only classes of beats can be "
            "calibrated. Choose another checkpoint, or leave the calibration out."
        )
    if peaks.aami is None:
        raise EcgError(f"The beats of {record.header.name} have no labels to calibrate by.")
    if not seconds > 0:
        raise EcgError(f"A calibration by the first {seconds:g} s has no beats; take more seconds.")
    inputs = beat_inputs(
        record, peaks, meta.input, checkpoint_lead(meta, record.header.leads, lead)
    )
    first = slice(0, int(np.searchsorted(peaks.sample, seconds * record.fs)))
    place = {name: index for index, name in enumerate(meta.classes)}
    label = np.array([place.get(str(name), -1) for name in peaks.aami[first]], dtype=np.int64)
    keep = inputs.beats.usable[first] & (label >= 0)
    usable = np.flatnonzero(inputs.beats.usable)
    some = usable[:: max(1, -(-usable.size // _MOST_BEATS))] if how.directions else usable[:1]
    with torch.no_grad():
        labelled = checkpoint.network.features(torch.from_numpy(inputs.take(first)[keep]))
        shown = torch.from_numpy(inputs.shown(inputs.rows(some), some))
        beats = torch.cat(
            [checkpoint.network.features(part) for part in torch.split(shown, _BATCH)]
        )
    network = rhythm_beside(copy.deepcopy(checkpoint.network), labelled, beats)
    network.requires_grad_(False)
    widened = replace(checkpoint, network=network)
    _, embedding = classify(widened, inputs.take(first), inputs.rr[first])
    last = network.classifier
    weight, bias = last.weight.detach().numpy(), last.bias.detach().numpy()
    if keep.any():
        before = np.concatenate([weight, bias[:, None]], axis=1)
        weight, bias = fitted_layer(embedding[keep], label[keep], weight, bias, how.pull)
        layer = np.concatenate([weight, bias[:, None]], axis=1)
        layer = with_unseen_kept(layer, before, label[keep], place, how.unseen_kept)
        weight, bias = np.ascontiguousarray(layer[:, :-1]), np.ascontiguousarray(layer[:, -1])
        if "F" in place and not (label[keep] == place["F"]).any():
            bias[place["F"]] -= how.unseen_fusion
    with torch.no_grad():
        last.weight.copy_(torch.from_numpy(weight))
        last.bias.copy_(torch.from_numpy(bias))
    told = f"Calibrated by the labels of the first {seconds:g} s of {record.header.name}"
    told += f": {_counted(label[keep], meta.classes)}."
    content = (checkpoint.digest, record.header.digest, weight.tobytes(), bias.tobytes())
    return replace(
        checkpoint,
        network=network,
        meta=replace(meta, protocol=replace(meta.protocol, flags=(*meta.protocol.flags, told))),
        card=f"{checkpoint.card.rstrip()}\n\n## Calibrated\n\n{told}\n",
        digest=hashlib.sha256(repr(content).encode()).hexdigest()[:16],
    )


def fitted_layer(
    embedding: FloatArray, label: IntArray, weight: FloatArray, bias: FloatArray, pull: float
) -> tuple[FloatArray, FloatArray]:
    """Return weight (classes, d) and bias (classes,) moved by beats (b, d) with ``label`` (b,).

    ``pull``: λ of the module's formula, > 0.
    """
    x = np.concatenate([embedding, np.ones((len(embedding), 1))], axis=1).astype(np.float64)
    start = np.concatenate([weight, bias[:, None]], axis=1).astype(np.float64)
    truth = np.eye(len(bias))[label]
    weigh = np.bincount(label)[label] ** -0.5
    truth *= (weigh * len(label) / weigh.sum())[:, None]
    total = truth.sum(axis=1, keepdims=True)

    def loss(flat: DoubleArray) -> tuple[float, DoubleArray]:
        moved = flat.reshape(start.shape) - start
        log = log_softmax(x @ (start + moved).T, axis=1)
        slope = (total * np.exp(log) - truth).T @ x + pull * moved
        return float(-(truth * log).sum() + pull / 2 * (moved**2).sum()), slope.ravel()

    found = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    layer = found.x.reshape(start.shape).astype(np.float32)
    return np.ascontiguousarray(layer[:, :-1]), np.ascontiguousarray(layer[:, -1])


def with_unseen_kept(
    layer: FloatArray, before: FloatArray, label: IntArray, place: dict[str, int], share: float
) -> FloatArray:
    """Return the last layer (classes, d + 1) with unseen classes' odds against N partly as before.

    ``before``: the layer that was adapted; ``label`` (b,): of the beats that it was adapted by. Of
    a class of which none is among them, the logit less that of N is moved by ``share`` (0 to 1)
    towards what it was: one minute without it says little of the beats of that class to come.
    """
    normal = place.get("N")
    if normal is None or not (label == normal).any() or not share:
        return layer
    found = layer.copy()
    unseen = np.setdiff1d(np.arange(len(layer)), label)
    kept = before[unseen] + layer[normal] - before[normal]
    found[unseen] = (1 - share) * layer[unseen] + share * kept
    return found


def calibrating(
    seconds: float = CALIBRATION.seconds,
) -> Callable[[Checkpoint, Recording, Peaks], Predictions]:
    """Return a predictor for ``evaluate`` that calibrates to each recording before it predicts.

    What the network says is put in context (``context``). The labels are those of the recording's
    annotated beats, whichever beats are classified.
    """

    def predictor(checkpoint: Checkpoint, record: Recording, peaks: Peaks) -> Predictions:
        adapted = calibrated(checkpoint, record, annotated_peaks(record), seconds)
        return predict_in_context(adapted, record, peaks)

    return predictor


def evaluate_calibrated(
    checkpoint: Checkpoint,
    database: Database,
    records: Sequence[str],
    seconds: float = CALIBRATION.seconds,
    peaks: PeakSource = "annotated",
    progress: Progress | None = None,
) -> Evaluation:
    """Score a checkpoint calibrated to each recording by its first ``seconds``, not scored.

    Its predictions are put in context. Raises as ``evaluate`` and ``calibrated``.
    """
    found = evaluate(
        checkpoint, database, records, peaks, progress, calibrating(seconds), skip=seconds
    )
    flags = [flag for flag in found.protocol.flags if flag != skipped_flag(seconds)]
    flags.insert(
        0, f"Uses the labels of each test patient's first {seconds:g} s, which are not scored."
    )
    return replace(found, protocol=replace(found.protocol, flags=tuple(flags)))


def _counted(label: IntArray, classes: tuple[str, ...]) -> str:
    count = np.bincount(label, minlength=len(classes))
    there = [f"{n} {name}" for name, n in zip(classes, count.tolist(), strict=True) if n]
    return ", ".join(there) or "there is no labelled beat, so the network is as it was"
