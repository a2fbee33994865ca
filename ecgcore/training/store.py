"""Predictions that are kept on disk, so that a set of recordings is classified once.

One file for each state of a checkpoint, state of a recording, source of R-peaks and lead, under
``settings().home``: a changed recording or checkpoint has another digest and so another file.
Files are NumPy's npz without pickles, written beside their place and moved there whole; one that
can't be read is computed anew. The oldest are removed beyond a gigabyte.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ecgcore.background import Report, part_of
from ecgcore.dsp.detectors import DEFAULT_DETECTOR, detect
from ecgcore.kept import load_arrays, one_at_a_time, save_arrays
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.database import Database
from ecgcore.records.reader import read_header
from ecgcore.records.trace import open_record
from ecgcore.schema import Peaks, Predictions, RecordHeader, Recording
from ecgcore.settings import settings
from ecgcore.training.predict import checkpoint_lead, predict
from ecgcore.training.prepared import has_inputs, source_state, stored_inputs

ANNOTATED: Final = "annotated"
DETECTOR: Final = DEFAULT_DETECTOR
MAX_BYTES: Final = 1 << 30
# Raise it with every change of what is stored or of how it is computed: of ``predict``, of a
# network, of ``features`` or of the ``dsp`` below it, but for detectors, whose changes are in the
# key (``detector_state``), and with ``prepared.VERSION``. Files of another version are not read.
VERSION: Final = 7
_PREPARING: Final = 0.6  # of the time that a day takes
_ARRAYS: Final = ("probability", "embedding", "usable", "start", "stop", "sample")

_log = logging.getLogger(__name__)


def find_beats(record: Recording, source: str | None = None, lead: str | None = None) -> Peaks:
    """Return the beats to classify: "annotated", or those of a detector by its name.

    Without ``source``: annotated where the recording has annotated beats, else detected. Raises
    RecordError for annotated ones that are not there.
    """
    if source is None:
        marks = record.annotations
        source = ANNOTATED if marks is not None and bool((marks.aami != "").any()) else DETECTOR
    return annotated_peaks(record) if source == ANNOTATED else detect(record, source, lead)


def stored_predictions(
    checkpoint: Checkpoint,
    database: Database,
    record: str,
    *,
    source: str = ANNOTATED,
    lead: str | None = None,
    partial: bool = False,
    inputs_too: bool = False,
    report: Report | None = None,
) -> Predictions:
    """Return ``predict`` of a whole recording, from disk where it was computed before.

    ``source``: "annotated", or a detector's name; ``lead``: see ``checkpoint_lead``; ``partial``:
    take what is there of a recording that is cut short; ``inputs_too``: see to it that the inputs
    of a long recording are kept as well (``prepared``), for whoever explains its beats. ``report``
    is told how far it is and may raise to end it. Raises what reading the record, finding its
    R-peaks and ``predict`` raise; never because of the disk.
    """
    header = read_header(database, record, allow_partial=partial)
    lead = checkpoint_lead(checkpoint.meta, header.leads, lead)
    path = _path(checkpoint, header, source, lead)
    spec = checkpoint.meta.input
    with one_at_a_time(path, report):
        found = _load(path, header, checkpoint.meta.classes)
        if found is not None and not (inputs_too and not has_inputs(spec, header, source, lead)):
            return found
        whole = open_record(database, record, allow_partial=partial)
        peaks = find_beats(whole, source, lead)
        inputs = stored_inputs(spec, whole, peaks, source, lead, part_of(report, 0.0, _PREPARING))
        if found is None:
            told = part_of(report, _PREPARING, 1.0)
            found = predict(checkpoint, whole, peaks, lead, inputs=inputs, report=told)
            _save(path, found)
    return found


def is_stored(
    checkpoint: Checkpoint,
    header: RecordHeader,
    *,
    source: str = ANNOTATED,
    lead: str | None = None,
) -> bool:
    """Return whether a file of these predictions is there (it may still prove unreadable)."""
    lead = checkpoint_lead(checkpoint.meta, header.leads, lead)
    return _path(checkpoint, header, source, lead).is_file()


def _path(checkpoint: Checkpoint, header: RecordHeader, source: str, lead: str) -> Path:
    how = source_state(source)
    key = [VERSION, header.database, header.name, header.digest, header.partial, how, lead]
    name = hashlib.sha256(json.dumps(key).encode()).hexdigest()[:24]
    return settings().home / "predictions" / checkpoint.digest / f"{name}.npz"


def _load(path: Path, header: RecordHeader, classes: tuple[str, ...]) -> Predictions | None:
    arrays = load_arrays(path)
    if arrays is None:
        return None
    try:
        return _unpack(arrays, header, classes)
    except (ValueError, KeyError) as error:
        _log.warning("stored predictions %s can't be read (%s); computed anew", path.name, error)
        return None


def _unpack(
    arrays: Mapping[str, Any], header: RecordHeader, classes: tuple[str, ...]
) -> Predictions:
    about = json.loads(str(arrays["about"]))
    count = arrays["sample"].size
    alone = arrays.get("alone")
    whole = all(len(arrays[name]) == count for name in _ARRAYS)
    whole &= alone is None or alone.shape == arrays["probability"].shape
    if not whole or about["classes"] != list(classes):
        raise ValueError("its parts don't belong together")
    return Predictions(
        header=header,
        lead=about["lead"],
        peaks=Peaks(
            sample=arrays["sample"],
            source=about["source"],
            fs=header.fs,
            symbol=arrays.get("symbol"),
            aami=arrays.get("aami"),
        ),
        classes=classes,
        probability=arrays["probability"],
        embedding=arrays["embedding"],
        usable=arrays["usable"],
        start=arrays["start"],
        stop=arrays["stop"],
        truth=arrays.get("truth"),
        notes=tuple(about["notes"]),
        alone=alone,
    )


def _save(path: Path, found: Predictions) -> None:
    about = {
        "lead": found.lead,
        "source": found.peaks.source,
        "classes": found.classes,
        "notes": found.notes,
    }
    arrays = {name: getattr(found, name) for name in _ARRAYS[:-1]}
    some = {
        "symbol": found.peaks.symbol,
        "aami": found.peaks.aami,
        "truth": found.truth,
        "alone": found.alone,
    }
    arrays |= {name: value for name, value in some.items() if value is not None}
    everything = {"about": json.dumps(about), "sample": found.peaks.sample, **arrays}
    save_arrays(path, everything, path.parent.parent, MAX_BYTES)
