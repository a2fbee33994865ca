"""Annotations of a recording: as they stand in the file, with AAMI classes, and what follows.

A file that can't be annotations is refused. What merely stands out is kept and counted: marks
outside the recording are left out, codes that WFDB does not define are beats of class Q, because
a code that somebody gave a meaning to is more likely an odd beat than nothing.
"""

from pathlib import Path
from typing import Final

import numpy as np

from ecgcore.aami import AAMI_CLASSES, aami_classes
from ecgcore.errors import RecordError
from ecgcore.records.annotation_file import RawAnnotations, parse_annotations
from ecgcore.schema import Annotations, BoolArray, IntArray, Notice, Peaks, Recording

MAX_BEATS_PER_SECOND: Final = 10.0  # 600 a minute; a heart's atria and ventricles do less
MAX_MARKS_PER_SECOND: Final = 60.0  # delineators set about ten marks a beat
_MAX_UNDEFINED_SHARE: Final = 0.1  # in a file whose times also run backwards
FLUTTER_START, FLUTTER_END = "[", "]"


def read_annotations(
    file: Path, *, length: int, fs: float, start: int, stop: int, label: str
) -> Annotations:
    """Read the annotations between ``start`` and ``stop`` (absolute samples, at ``fs``).

    ``length`` is that of the whole recording, in samples. ``dropped`` and ``unknown`` count over
    the whole file. Raises RecordError where the bytes are no annotations of such a recording.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise RecordError(f"{label} can't be read ({error.strerror}).") from error
    return checked_annotations(
        content,
        length=length,
        fs=fs,
        start=start,
        stop=stop,
        label=label,
        annotator=file.suffix[1:],
    )


def checked_annotations(
    content: bytes, *, length: int, fs: float, start: int, stop: int, label: str, annotator: str
) -> Annotations:
    """Return what the bytes of an annotation file say, as ``read_annotations`` of the file."""
    raw = parse_annotations(content, label)
    sample = raw.sample
    if raw.fs is not None and raw.fs != fs:  # ticks of a resolution of its own
        sample = np.round(sample * (fs / raw.fs)).astype(np.int64)
    inside: BoolArray = (sample >= 0) & (sample < length)
    undefined = ~np.array(raw.defined, dtype=np.bool_)
    aami = np.where(undefined, "Q", aami_classes(raw.symbol))
    _refuse_nonsense(raw, inside, undefined, aami != "", length / fs, label)
    order = np.argsort(sample, kind="stable")
    order = order[inside[order]]
    order = order[(sample[order] >= start) & (sample[order] < stop)]
    return Annotations(
        sample=sample[order],
        symbol=raw.symbol[order],
        aami=aami[order],
        aux=tuple(raw.aux[i] for i in order),
        fields=raw.fields[order],
        annotator=annotator,
        dropped=int((~inside).sum()),
        unknown=int((undefined & inside).sum()),
    )


def as_annotations(raw: RawAnnotations, annotator: str = "") -> Annotations:
    """Return what a file says as annotations: in its own ticks and order, nothing checked."""
    undefined = ~np.array(raw.defined, dtype=np.bool_)
    return Annotations(
        sample=raw.sample,
        symbol=raw.symbol,
        aami=np.where(undefined, "Q", aami_classes(raw.symbol)).astype("<U1"),
        aux=raw.aux,
        fields=raw.fields,
        annotator=annotator,
    )


def annotation_notice(annotations: Annotations) -> Notice | None:
    """Return what must be told of annotations that were left out or not understood, if any."""
    told = []
    if annotations.dropped:
        told.append(f"{annotations.dropped} lie outside the recording and are left out")
    if annotations.unknown:
        told.append(f"{annotations.unknown} have a code that WFDB does not define: class Q")
    if not told:
        return None
    text = f"Annotations ({annotations.annotator}): {'; '.join(told)}."
    return Notice(code="annotations", text=text)


def annotated_peaks(record: Recording) -> Peaks:
    """Return the annotated beats of a record (or window) as peaks, non-beats left out first.

    Two beats on one sample count once (the first stays). Raises RecordError, saying why, when
    there are no annotations or no beats among them.
    """
    label = f"{record.header.database}/{record.header.name}"
    if record.annotations is None:
        reasons = [notice.text for notice in record.notices if notice.code == "annotations"]
        raise RecordError(
            f"{label} has no beat annotations; use detected peaks."
            + "".join(f" {reason}" for reason in reasons)
        )
    found = beat_peaks(record.annotations, record.fs)
    if found is None:
        raise RecordError(
            f"{label}: no beat is annotated from sample {record.start} to {record.stop} "
            f"(annotator {record.annotations.annotator}); use detected peaks."
        )
    return found


def beat_peaks(annotations: Annotations, fs: float) -> Peaks | None:
    """Return the beats among annotations as ``annotated_peaks``; None where there are none."""
    sample, symbol, aami = annotations.beats()
    sample, first = np.unique(sample, return_index=True)
    if not sample.size:
        return None
    return Peaks(
        sample=sample.astype(np.int64),
        source=annotations.annotator,
        fs=fs,
        symbol=symbol[first],
        aami=aami[first],
    )


def class_counts(annotations: Annotations | None) -> dict[str, int]:
    """Return how many beats each AAMI class has; empty without annotations."""
    if annotations is None:
        return {}
    return {name: int((annotations.aami == name).sum()) for name in AAMI_CLASSES}


def flutter_stretches(annotations: Annotations, length: int) -> IntArray:
    """Return ventricular flutter or fibrillation, ``[`` to ``]``, as (k, 2) of [start, stop).

    Absolute samples, ascending. EC57 leaves these stretches out of beat-by-beat scores. One that
    is not closed lasts to ``length``; one that was never opened began before the first sample.
    """
    stretches: list[tuple[int, int]] = []
    opened: int | None = None
    for sample, symbol in zip(annotations.sample, annotations.symbol, strict=True):
        if symbol == FLUTTER_START and opened is None:
            opened = int(sample)
        elif symbol == FLUTTER_END and (opened is not None or not stretches):
            stretches.append((opened or 0, int(sample)))
            opened = None
    if opened is not None:
        stretches.append((opened, length))
    return np.array(stretches, dtype=np.int64).reshape(-1, 2)


def _refuse_nonsense(
    raw: RawAnnotations,
    inside: BoolArray,
    undefined: BoolArray,
    beat: BoolArray,
    seconds: float,
    label: str,
) -> None:
    marks, beats = int(inside.sum()), int((inside & beat).sum())
    seconds = max(seconds, 1.0)
    if beats > MAX_BEATS_PER_SECOND * seconds or marks > MAX_MARKS_PER_SECOND * seconds:
        raise RecordError(
            f"{label} is no annotation file: {marks} marks, {beats} of them beats, "
            f"in {seconds:.0f} s."
        )
    backwards = bool((np.diff(raw.sample) < 0).any())
    if backwards and undefined.mean() > _MAX_UNDEFINED_SHARE:
        raise RecordError(
            f"{label} is no annotation file: its times run backwards and {int(undefined.sum())} of "
            f"{undefined.size} codes are not defined."
        )
