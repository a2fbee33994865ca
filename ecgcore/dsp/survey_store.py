"""Surveys and R-peaks of long recordings, kept on disk: a day is gone through once.

One file for each state of a recording, lead and, for R-peaks, detector, under
``settings().home``. Recordings of one block are found anew: that takes less than a second.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ecgcore.dsp.blocks import blocks
from ecgcore.dsp.detectors import detector_state, find_peaks, lead_beside
from ecgcore.dsp.envelope import Envelope
from ecgcore.dsp.survey import Progress, Survey, survey
from ecgcore.kept import load_arrays, save_arrays
from ecgcore.records.database import Database
from ecgcore.records.trace import Trace
from ecgcore.schema import Notice, Peaks, RecordHeader
from ecgcore.settings import settings

MAX_BYTES: Final = 1 << 28
# Raise it with every change of what is stored or of how it is found: of the reader, the quality
# rules or the blocks. A detector's own changes are in the key (``detector_state``).
VERSION: Final = 1
_NO_ECG: Final = "no_ecg_"


def is_long(header: RecordHeader) -> bool:
    """Tell whether a recording has more than one block, so that it is gone through only once."""
    return len(blocks(header.length, header.fs)) > 1


def stored_survey(
    database: Database, header: RecordHeader, lead: str, progress: Progress | None = None
) -> Survey:
    """Return ``survey`` of a lead, from disk where it was made before."""
    path = _path(header, lead)
    arrays = load_arrays(path) if is_long(header) else None
    if arrays is not None and (found := _unpacked(arrays, header, lead)) is not None:
        return found
    found = survey(database, header, lead, progress)
    if is_long(header):
        save_arrays(path, _packed(found), _root(), MAX_BYTES)
    return found


def stored_peaks(
    database: Database,
    header: RecordHeader,
    detector: str,
    lead: str,
    progress: Progress | None = None,
) -> Peaks:
    """Return the R-peaks that a detector finds in a lead, from disk where it looked before.

    Raises SignalError for an unknown detector, RecordError as reading does.
    """
    other = lead_beside(detector, header.leads, lead)
    path = _path(header, lead, detector)
    arrays = load_arrays(path) if is_long(header) else None
    sample = None if arrays is None else arrays.get("sample")
    if sample is None:
        trace = Trace(database=database, header=header, lead=lead)
        beside = Trace(database=database, header=header, lead=other) if other else None
        sample = find_peaks(detector, trace, header.fs, beside=beside, progress=progress)
        if is_long(header):
            save_arrays(path, {"sample": sample}, _root(), MAX_BYTES)
    return Peaks(sample=sample, source=detector, fs=header.fs)


def is_surveyed(header: RecordHeader, lead: str) -> bool:
    """Return whether a survey is at hand or so quick that it need not be."""
    return not is_long(header) or _path(header, lead).is_file()


def has_peaks(header: RecordHeader, detector: str, lead: str) -> bool:
    """Return whether a detector's R-peaks are at hand or so quickly found that they need not be."""
    return not is_long(header) or _path(header, lead, detector).is_file()


def _root() -> Path:
    return settings().home / "surveys"


def _path(header: RecordHeader, lead: str, detector: str = "") -> Path:
    how = detector_state(detector) if detector else ""
    key = [VERSION, header.database, header.name, header.digest, header.partial, lead, how]
    return _root() / f"{hashlib.sha256(json.dumps(key).encode()).hexdigest()[:24]}.npz"


def _packed(found: Survey) -> dict[str, Any]:
    about = {"notices": [[n.code, n.text] for n in found.notices], "width": found.envelope.width}
    return {
        "about": json.dumps(about),
        "low": found.envelope.low,
        "high": found.envelope.high,
        **{f"{_NO_ECG}{reason}": stretches for reason, stretches in found.no_ecg.items()},
    }


def _unpacked(arrays: dict[str, NDArray[Any]], header: RecordHeader, lead: str) -> Survey | None:
    """Return the survey that was packed; None where the arrays are none."""
    try:
        about = json.loads(str(arrays["about"]))
        width, low, high = int(about["width"]), arrays["low"], arrays["high"]
        notices = tuple(Notice(code=code, text=text) for code, text in about["notices"])
    except (KeyError, TypeError, ValueError):
        return None
    if width < 1 or not low.size == high.size == -(-header.length // width):
        return None
    return Survey(
        lead=lead,
        fs=header.fs,
        envelope=Envelope(width=width, length=header.length, low=low, high=high),
        no_ecg={
            name.removeprefix(_NO_ECG): stretches.astype(np.int64)
            for name, stretches in arrays.items()
            if name.startswith(_NO_ECG)
        },
        notices=notices,
    )
