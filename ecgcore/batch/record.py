"""One recording of a batch, from its files to its results: what a worker does.

A task carries all that a worker must know as absolute paths of storage that it shares with the one
who asks, so workers need no settings and no database.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ecgcore.batch import output
from ecgcore.batch.config import BatchConfig
from ecgcore.batch.output import UNCLASSIFIED
from ecgcore.batch.rhythm import rhythm_figures
from ecgcore.dsp.detectors import DEFAULT_DETECTOR, detect, detector_state
from ecgcore.dsp.lead_quality import LeadQuality, lead_quality
from ecgcore.dsp.quality_seconds import GOOD
from ecgcore.dsp.stretches import merged
from ecgcore.errors import CheckpointError, EcgError, ExecutorError, RecordError
from ecgcore.executor.task import Failed
from ecgcore.features.hrv.record import bad_stretches
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.database import Database
from ecgcore.records.reader import content_hash, is_away, scan_record
from ecgcore.records.trace import OpenRecord, open_record
from ecgcore.schema import Explanation, IntArray, Peaks, Predictions, Recording, StrArray
from ecgcore.strict_json import to_json

if TYPE_CHECKING:
    from ecgcore.models.checkpoint import Checkpoint

# Raise it with every change of what is written or of how it is computed: results of another
# version are made anew. A detector's own changes are in the key (``made_by``).
VERSION: Final = 4


EARLIER: Final = "earlier"  # a recording's state: its results are those of an earlier run


@dataclass(frozen=True, kw_only=True)
class RecordTask:
    """One recording to analyse."""

    database: Database  # with no other record
    config: BatchConfig
    out: Path  # absolute
    checkpoint: Path | None  # its folder, absolute
    digest: str  # of the checkpoint, "" without

    @property
    def record(self) -> str:
        """The recording's name."""
        return self.database.records[0]


@dataclass(frozen=True, kw_only=True)
class RecordReport:
    """What came of it: the recording's row of the summary."""

    record: str
    row: dict[str, Any]
    before: bool = False  # it was done before, and is as it was
    failure: Failed | None = None  # why it could not be done now, where what was done before stays


def analyse(task: RecordTask) -> RecordReport:
    """Analyse a recording and write its results, unless they are there.

    Where its files can't be read now, what is there of it stays, and the report says so.

    Raises EcgError where the recording can't be used, ExecutorError where no recording's results
    could be written.
    """
    there = output.read_done(task.out, task.record)
    try:
        key = _key(task)
    except (EcgError, OSError) as error:
        # The disk's own word counts: it may be back by the time that the files are looked at.
        failed = isinstance(error, OSError) or isinstance(error.__cause__, OSError)
        if there is not None and (failed or is_away(task.database, task.record)):
            return _kept(task, there["row"], error)
        _forget(task)
        raise
    if there is not None and there.get("key") == key:
        return RecordReport(record=task.record, row=there["row"], before=True)
    _forget(task)
    record = _opened(task)
    network = None
    if task.checkpoint is not None:
        network = _network(task.checkpoint, task.digest)
    lead = _lead(task, record, network)
    peaks = _peaks(task, record, lead)
    found = _classified(network, record, peaks, lead)
    quality = lead_quality(record, lead)
    of_beats = quality.of(peaks.sample)
    row = _row(task, record, peaks, found, quality, of_beats)
    maps = _maps(task, network, record, found)
    with _said(task):
        _write(task, peaks, found, maps, of_beats)
        output.write_done(task.out, task.record, key, row)
    return RecordReport(record=task.record, row=row)


def _kept(task: RecordTask, row: dict[str, Any], error: Exception) -> RecordReport:
    """Report a recording whose content is not known now by what there is of it."""
    failure = Failed(
        said=f"It can't be read now, and what an earlier run made of it stays: {error}"
    )
    row = {**row, "state": EARLIER, "said": failure.said}
    return RecordReport(record=task.record, row=row, failure=failure)


def _forget(task: RecordTask) -> None:
    """Remove what there is of another content of the recording: one that fails has no results."""
    with _said(task):
        output.remove_record(task.out, task.record)


@contextmanager
def _said(task: RecordTask) -> Iterator[None]:
    """Say that the results' folder can't be written to, which no other recording survives."""
    try:
        yield
    except OSError as error:
        raise ExecutorError(
            f"The results can't be written to {task.out} ({error.strerror or error}); make room or "
            "choose another folder, then run it again: what was done is kept."
        ) from error


def _opened(task: RecordTask) -> OpenRecord:
    """Open the recording, and go through its signal once for what must be told of it."""
    record = open_record(task.database, task.record)
    told = scan_record(task.database, task.record, lambda _first, _signal: None)
    return replace(record, notices=(*told, *record.notices))


def _key(task: RecordTask) -> str:
    """Return a hash of all that the results depend on: content, settings, code, checkpoint."""
    content = content_hash(task.database, task.record)
    made = made_by(task.config, task.digest)
    parts = [made, task.database.name, task.record, content, task.config.decisive()]
    return hashlib.sha256(to_json(parts).encode()).hexdigest()[:24]


def made_by(config: BatchConfig, digest: str) -> list[Any]:
    """Return what results depend on besides recordings and settings, as plain values.

    The versions of this and of predictions, the state of the detector, which finds R-peaks and
    tells noisy seconds whoever found them, and the checkpoint's ``digest``.
    """
    predictions = None
    if config.classifies:
        from ecgcore.training.store import VERSION as PREDICTIONS

        predictions = PREDICTIONS
    return [VERSION, detector_state(DEFAULT_DETECTOR), predictions, digest]


@lru_cache(maxsize=2)
def _network(folder: Path, digest: str) -> "Checkpoint":
    import torch

    from ecgcore.models.checkpoint import load_folder

    torch.set_num_threads(1)  # processes share the cores, and results depend on it
    found = load_folder(folder.name, folder)
    if found.digest != digest:
        raise CheckpointError(
            f"The checkpoint {folder.name} has changed since the batch began; start it anew."
        )
    return found


def _lead(task: RecordTask, record: Recording, network: "Checkpoint | None") -> str:
    if network is None:
        return record.lead_name(task.config.lead)
    from ecgcore.training.predict import checkpoint_lead

    return checkpoint_lead(network.meta, record.header.leads, task.config.lead)


def _peaks(task: RecordTask, record: Recording, lead: str) -> Peaks:
    annotated = task.config.peaks == "annotated"
    peaks = annotated_peaks(record) if annotated else detect(record, DEFAULT_DETECTOR, lead)
    if not len(peaks):
        raise RecordError(
            f"{record.header.database}/{record.header.name}: no R-peaks were found in lead {lead}."
        )
    return peaks


def _classified(
    network: "Checkpoint | None", record: Recording, peaks: Peaks, lead: str
) -> Predictions | None:
    if network is None:
        return None
    from ecgcore.training.predict import predict

    return predict(network, record, peaks, lead)


def _row(
    task: RecordTask,
    record: Recording,
    peaks: Peaks,
    found: Predictions | None,
    quality: LeadQuality,
    of_beats: StrArray,
) -> dict[str, Any]:
    """Return the recording's row of the summary: plain values. ``of_beats`` (b,): their quality."""
    none = merged(np.concatenate(list(quality.no_ecg.values())))
    spoilt = {**quality.no_ecg, "noisy": quality.noisy}
    bad_beats = int((of_beats != GOOD).sum())
    row: dict[str, Any] = {
        "database": record.header.database,
        "record": record.header.name,
        "state": "done",
        "duration_s": record.header.duration,
        "fs_hz": record.fs,
        "lead": quality.lead,
        "peaks_by": peaks.source,  # an annotator or a detector
        "beats": len(peaks),
        "without_ecg_percent": 100 * _samples(none) / max(record.stop - record.start, 1),
        **{f"{reason}_s": _samples(where) / record.fs for reason, where in spoilt.items()},
        # In seconds that are not good: no ECG, or noisy.
        "untrusted_beats": bad_beats,
        "untrusted_beats_percent": 100 * bad_beats / len(peaks),
    }
    if found is not None:
        label = found.label[found.usable]
        row["beats_unusable"] = int((~found.usable).sum())
        row |= {f"beats_{name}": int((label == name).sum()) for name in found.classes}
        sure = found.probability[found.usable].max(axis=1)
        row["mean_probability"] = float(sure.mean()) if sure.size else None
    if "rr" in task.config.steps:
        bad = bad_stretches(record.annotations, record.stop, none)
        row |= rhythm_figures(peaks, _aami(found), bad, quality.noisy)
    notes = (*(notice.text for notice in record.notices), *(found.notes if found else ()))
    return row | {"notes": " ".join(notes), "said": ""}


def _samples(stretches: IntArray) -> int:
    return int((stretches[:, 1] - stretches[:, 0]).sum())


def _aami(found: Predictions | None) -> Any:
    """Return the beats' classes where they tell normal beats apart."""
    if found is None or "N" not in found.classes:
        return None
    return np.where(found.usable, found.label, UNCLASSIFIED)


def _maps(
    task: RecordTask, network: "Checkpoint | None", record: Recording, found: Predictions | None
) -> list[tuple[int, Explanation]]:
    """Return maps of the beats that the network by itself is surest of, by the beats' order.

    A map explains what the network says of a beat by itself, so its word chooses them as well.
    """
    if network is None or found is None or "explain" not in task.config.steps:
        return []
    from ecgcore.explain.beat import explain_input
    from ecgcore.features.inputs import beat_inputs
    from ecgcore.training.context import by_itself

    found = by_itself(found)
    inputs = beat_inputs(record, found.peaks, network.meta.input, found.lead)
    sure = np.where(found.usable, found.probability.max(axis=1), -1.0)
    chosen: list[int] = []
    for name in found.classes:
        mine = np.flatnonzero((found.label == name) & found.usable)
        chosen += mine[np.argsort(-sure[mine], kind="stable")[: task.config.maps]].tolist()
    return [
        (beat, explain_input(network, inputs, record.header, beat, task.config.method))
        for beat in sorted(chosen)
    ]


def _write(
    task: RecordTask,
    peaks: Peaks,
    found: Predictions | None,
    maps: list[tuple[int, Explanation]],
    of_beats: StrArray,
) -> None:
    out, record = task.out, task.record
    table = output.beat_table(record, peaks, found, of_beats)
    output.write_table(output.beats_file(out, record), table)
    output.write_annotations(output.annotation_file(out, record), peaks, found)
    if maps:
        output.write_table(output.maps_file(out, record), output.map_table(record, maps))
