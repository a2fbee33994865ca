"""A checkpoint's figures on annotated recordings, one recording in memory at a time."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from ecgcore.aami import AAMI_CLASSES
from ecgcore.dsp.detectors import detect
from ecgcore.dsp.lead_quality import lead_quality
from ecgcore.dsp.matching import match_peaks
from ecgcore.dsp.quality_seconds import GOOD
from ecgcore.dsp.stretches import outside
from ecgcore.errors import EcgError
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.models.meta import CheckpointMeta
from ecgcore.records.annotations import annotated_peaks, flutter_stretches
from ecgcore.records.database import Database
from ecgcore.records.trace import open_record
from ecgcore.schema import (
    BoolArray,
    FloatArray,
    IntArray,
    Peaks,
    Predictions,
    Protocol,
    Recording,
    StrArray,
)
from ecgcore.training.metrics import Metrics, class_metrics
from ecgcore.training.predict import checkpoint_lead, predict
from ecgcore.training.protocols import ONE_PERSON
from ecgcore.training.seen import CROSS_DATABASE, seen_flags, tested_beats
from ecgcore.training.verification import Identification, identify

PeakSource = Literal["annotated", "detected"]
Predictor = Callable[[Checkpoint, Recording, Peaks], Predictions]
Progress = Callable[[int, int, str], None]  # records done, of, the next one


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """Figures over all records and of each, with the protocol that they were obtained by."""

    checkpoint: str
    database: str
    total: Metrics
    records: dict[str, Metrics]
    protocol: Protocol
    identification: Identification | None = None  # of a checkpoint for user recognition
    measured: tuple[str, ...] = ()  # of the protocol's flags, those with figures of this network

    def to_json(self) -> dict[str, Any]:
        """Return plain values, as ``evaluate --json`` prints them."""
        who = self.identification
        return {
            **self.total.to_json(),
            **({} if who is None else {"identification": who.to_json(), "people": who.table()}),
            "records": {name: _brief(metrics) for name, metrics in self.records.items()},
            "protocol": asdict(self.protocol),
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class Scored:
    """What is compared of one recording."""

    truth: StrArray  # (n,), "" for a detection that is no beat
    probability: FloatArray  # (n, classes)
    missed: StrArray  # (m,), classes of beats that no detection met
    unusable: int  # of the n, without usable signal: classified from zeros and their rhythm
    trusted: BoolArray  # (n,), False in seconds that are noisy or carry no ECG
    notes: tuple[str, ...]  # of the predictions: resampled, another lead


def evaluate(
    checkpoint: Checkpoint,
    database: Database,
    records: Sequence[str],
    peaks: PeakSource = "annotated",
    progress: Progress | None = None,
    predictor: Predictor = predict,
    skip: float = 0.0,
) -> Evaluation:
    """Score a checkpoint on recordings with annotated beats.

    AAMI classes that the checkpoint doesn't know are scored with probability 0, so that no true
    beat is left out. A checkpoint for user recognition is scored on the test beats of its own
    split and on other recordings of its people. With ``peaks="detected"`` detections are matched to
    the annotations by EC57 (150 ms, one to one); missed beats count against Se, extra ones against
    +P, and ventricular flutter is left out. Beats without usable signal, and those in noise, count
    as the network classifies them, and the protocol's flags say how many. ``predictor``: what
    classifies a recording, for example one that remembers. ``skip``: seconds at each recording's
    beginning whose beats are not scored.

    Raises RecordError when a recording has no annotated beats, and EcgError when the checkpoint
    and the recordings have no class in common.
    """
    classes = evaluated_classes(checkpoint.meta)
    scored: dict[str, Scored] = {}
    for number, name in enumerate(records):
        if progress:
            progress(number, len(records), name)
        record = open_record(database, name)
        scored[name] = _score(checkpoint, record, peaks, predictor, classes, skip)
    if progress:
        progress(len(records), len(records), "")
    if not sum((s.truth != "").sum() + s.missed.size for s in scored.values()):
        raise EcgError(
            f"The checkpoint {checkpoint.name} knows {_few(checkpoint.meta.classes)}; there are no "
            f"test beats of these in the records {_few(tuple(records))} of {database.name}"
            + (f" after their first {skip:g} s, which are not scored." if skip else ".")
        )
    total = class_metrics(
        np.concatenate([s.truth for s in scored.values()]),
        np.concatenate([s.probability for s in scored.values()]),
        classes,
        np.concatenate([s.missed for s in scored.values()]),
    )
    people = checkpoint.meta.task == "identity"
    return Evaluation(
        checkpoint=checkpoint.name,
        database=database.name,
        total=total,
        records={
            name: class_metrics(s.truth, s.probability, classes, s.missed)
            for name, s in scored.items()
        },
        protocol=evaluated_protocol(
            checkpoint.meta,
            database.name,
            tuple(records),
            peaks,
            (*_told(tuple(scored.values()), classes), *((skipped_flag(skip),) if skip else ())),
        ),
        identification=identify(
            {name: s.truth for name, s in scored.items()},
            {name: s.probability for name, s in scored.items()},
            classes,
        )
        if people
        else None,
        measured=_in_noise(tuple(scored.values()), classes),
    )


def evaluated_classes(meta: CheckpointMeta) -> tuple[str, ...]:
    """Return the classes that are scored: the checkpoint's, and every AAMI class for beats."""
    if meta.task == "identity":
        return meta.classes
    return (*meta.classes, *(name for name in AAMI_CLASSES if name not in meta.classes))


def evaluated_protocol(
    meta: CheckpointMeta,
    database: str,
    records: tuple[str, ...],
    peaks: PeakSource,
    notes: tuple[str, ...] = (),
) -> Protocol:
    """Return the checkpoint's protocol with what was really tested on.

    On another database than those of the protocol it is named "cross-database"; recordings that
    trained the checkpoint, and ``notes`` of the predictions, are said among the flags.
    """
    elsewhere = database not in (meta.home, meta.away)
    flags = [*seen_flags(meta, database, records)]
    flags += [f for f in meta.protocol.flags if not (elsewhere and f == ONE_PERSON)]
    if peaks == "detected":
        flags.append("Detected R-peaks: missed beats count against Se, extra ones against +P.")
    return replace(
        meta.protocol,
        name=CROSS_DATABASE if elsewhere else meta.protocol.name,
        test=f"{database} {_few(records)}",
        peaks=peaks,
        flags=(*flags, *notes),
        seeds=(meta.seed,),
    )


def skipped_flag(seconds: float) -> str:
    """Return the sentence that goes with figures without the recordings' beginnings."""
    return f"The first {seconds:g} s of each recording are not scored."


def _told(scored: tuple[Scored, ...], classes: tuple[str, ...]) -> tuple[str, ...]:
    """Return every note of the predictions once, and how many beats are not to be trusted."""
    notes = list(dict.fromkeys(note for one in scored for note in one.notes))
    unusable = sum(one.unusable for one in scored)
    if unusable:
        notes.append(
            f"{unusable} of the beats have no usable signal; they count as the network classifies "
            "them, from their rhythm alone."
        )
    return (*notes, *_in_noise(scored, classes))


def _in_noise(scored: tuple[Scored, ...], classes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sentence on beats in noise; none where there are none."""
    truth = np.concatenate([one.truth for one in scored])
    beat = truth != ""  # a detection that met no beat is none
    trusted = np.concatenate([one.trusted for one in scored])[beat]
    if trusted.all():
        return ()
    said = np.concatenate([one.probability.argmax(axis=1) for one in scored])
    right = (np.array(classes)[said] == truth)[beat]
    rest = f", {100 * right[trusted].mean():.1f} % of the others" if trusted.any() else ""
    return (
        f"{int((~trusted).sum())} of the beats lie in seconds that are noisy or carry no ECG; "
        f"{100 * right[~trusted].mean():.1f} % of them are classified right{rest}. All count.",
    )


def _score(
    checkpoint: Checkpoint,
    record: Recording,
    source: PeakSource,
    predictor: Predictor,
    classes: tuple[str, ...],
    skip: float,
) -> Scored:
    beginning = np.array([[0, int(np.ceil(skip * record.fs))]], dtype=np.int64)
    reference = annotated_peaks(record)
    if source == "annotated":
        found = predictor(checkpoint, record, reference)
        truth = found.truth if found.truth is not None else np.full(len(reference), "")
        missed = np.empty(0, dtype=truth.dtype)
        keep = (truth != "") & outside(found.peaks.sample, beginning)
    else:
        lead = checkpoint_lead(checkpoint.meta, record.header.leads)
        found = predictor(checkpoint, record, detect(record, lead=lead))
        truth, missed, keep = _match(checkpoint, record, reference, found, beginning)
    keep &= tested_beats(checkpoint.meta, record.header, found.peaks)
    probability = np.zeros((int(keep.sum()), len(classes)), dtype=np.float32)
    probability[:, : len(found.classes)] = found.probability[keep]
    return Scored(
        truth=truth[keep],
        probability=probability,
        missed=missed,
        unusable=int((keep & ~found.usable).sum()),
        trusted=lead_quality(record, found.lead).of(found.peaks.sample[keep]) == GOOD,
        notes=found.notes,
    )


def _match(
    checkpoint: Checkpoint,
    record: Recording,
    reference: Peaks,
    found: Predictions,
    beginning: IntArray,
) -> tuple[StrArray, StrArray, BoolArray]:
    """Return the truth of each detection, the classes of missed beats, detections to score.

    ``beginning`` (1, 2): samples [start, stop) that are not scored.
    """
    if checkpoint.meta.task == "identity":
        raise EcgError("User recognition is scored on annotated R-peaks; leave --peaks out.")
    assert reference.aami is not None
    assert record.annotations is not None
    met = match_peaks(reference.sample, found.peaks.sample, record.fs)
    truth = np.full(len(found.peaks), "", dtype=reference.aami.dtype)
    truth[met.pairs[:, 1]] = reference.aami[met.pairs[:, 0]]
    # Where a pair stands is where its annotated beat does, as in the detectors' own score.
    place = found.peaks.sample.copy()
    place[met.pairs[:, 1]] = reference.sample[met.pairs[:, 0]]
    flutter = flutter_stretches(record.annotations, record.header.length)
    out = np.concatenate([flutter.reshape(-1, 2), beginning])
    missed = met.missed[outside(reference.sample[met.missed], out)]
    return truth, reference.aami[missed], outside(place, out)


def _brief(metrics: Metrics) -> dict[str, Any]:
    """Return one record's figures: of the classes that occur in it, and no curves' areas.

    The confusion is left out where the classes are people: a record is one person's, and its
    counts are a row of the whole matrix.
    """
    plain = metrics.to_json()
    keep = ["n_beats", "macro", "accuracy", "mean_ovr_accuracy"]
    if len(metrics.classes) <= len(AAMI_CLASSES):
        keep += ["confusion", "missed", "extra"]
    per_class = {
        name: {key: figures[key] for key in ("se", "ppv", "f1", "beats")}
        for name, figures in plain["per_class"].items()
        if not math.isnan(figures["f1"])
    }
    return {**{key: plain[key] for key in keep}, "per_class": per_class}


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names) if len(names) <= 24 else f"{', '.join(names[:24])} …"
