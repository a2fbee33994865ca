"""The inputs of a long recording's beats, kept on disk so that they are prepared once.

Of recordings that are gone through block by block; shorter ones are prepared quicker than read.
The waveforms stand in a file of their own that is looked at, not loaded (``np.load`` with a memory
map), so that an app that shows several days holds none of them. Nothing is lost without the files:
one that is missing or can't be read is made anew, and the oldest are removed beyond a bound.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ecgcore.background import Report
from ecgcore.dsp.detectors import detector_state
from ecgcore.dsp.survey_store import is_long
from ecgcore.features.alike import Alike
from ecgcore.features.ectopic import EctopicParts
from ecgcore.features.inputs import BeatInputs, InputSpec, beat_inputs
from ecgcore.features.stack import Stack
from ecgcore.kept import load_arrays, one_at_a_time, save_arrays
from ecgcore.schema import Beats, FloatArray, Peaks, RecordHeader, Recording
from ecgcore.settings import settings
from ecgcore.whole_file import whole_file

# Raise it with every change of what is stored, and of ``features`` or the ``dsp`` below it.
VERSION: Final = 1
MAX_BYTES: Final = 2 << 30  # a day takes about 75 MB
_BEATS: Final = ("start", "stop", "padded", "usable")
_STACK: Final = ("level", "span", "ratios")

_log = logging.getLogger(__name__)


def stored_inputs(
    spec: InputSpec,
    record: Recording,
    peaks: Peaks,
    source: str,
    lead: str,
    report: Report | None = None,
) -> BeatInputs:
    """Return ``beat_inputs`` of a whole recording, of a long one from disk where it was made.

    ``source`` of the peaks: "annotated", or a detector's name; ``lead``: the one that is looked
    at. ``report`` is told how far it is, and of waiting for somebody who prepares the same.
    Raises what ``beat_inputs`` and ``report`` raise; never because of the disk.
    """
    if not is_long(record.header):
        return beat_inputs(record, peaks, spec, lead, report)
    path = _path(spec, record.header, source, lead)
    with one_at_a_time(path, report):
        found = _load(path, spec, peaks, lead)
        if found is None:
            made = beat_inputs(record, peaks, spec, lead, report)
            _save(path, made)
            found = _load(path, spec, peaks, lead) or made  # what is looked at takes no memory
    return found


def has_inputs(spec: InputSpec, header: RecordHeader, source: str, lead: str) -> bool:
    """Return whether inputs are at hand or so quickly made that they need not be."""
    return not is_long(header) or _path(spec, header, source, lead).is_file()


def source_state(source: str) -> str:
    """Return what names the R-peaks of a source: its name, or the state of a detector."""
    return source if source == "annotated" else detector_state(source)


def _path(spec: InputSpec, header: RecordHeader, source: str, lead: str) -> Path:
    what = [header.database, header.name, header.digest, header.partial, source_state(source), lead]
    key = json.dumps([VERSION, *what, spec.to_json()])
    return settings().home / "inputs" / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npz"


def _save(path: Path, made: BeatInputs) -> None:
    stack, beats = made.stack, made.beats
    arrays: dict[str, Any] = {"rr": made.rr}
    arrays |= {name: getattr(beats, name) for name in _BEATS}
    arrays |= {name: getattr(stack, name) for name in _STACK}
    if stack.alike is not None:
        arrays |= {f"alike_{name}": value for name, value in vars(stack.alike).items()}
    if stack.ectopic is not None:
        arrays |= {f"ectopic_{name}": value for name, value in vars(stack.ectopic).items()}
    arrays |= {"median": stack.median, "unit": stack.unit}
    try:
        with whole_file(path.with_suffix(".npy")) as file:
            np.save(file, beats.waveform)
    except OSError as error:
        _log.warning("%s could not be stored in %s (%s)", path.name, path.parent, error)
        return
    there = {name: value for name, value in arrays.items() if value is not None}
    save_arrays(path, there, path.parent, MAX_BYTES)


def _load(path: Path, spec: InputSpec, peaks: Peaks, lead: str) -> BeatInputs | None:
    arrays = load_arrays(path)
    if arrays is None:
        return None
    try:
        waveform = np.asarray(np.load(path.with_suffix(".npy"), mmap_mode="r"))
        return _unpacked(arrays, waveform, spec, peaks, lead)
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("stored inputs %s can't be read (%s); made anew", path.name, error)
        return None


def _unpacked(
    arrays: Mapping[str, NDArray[Any]],
    waveform: FloatArray,
    spec: InputSpec,
    peaks: Peaks,
    lead: str,
) -> BeatInputs:
    count = len(peaks)
    of_beats = ("rr", "ratios", *_BEATS)
    if waveform.shape != (count, spec.points) or any(
        len(arrays[name]) != count for name in of_beats
    ):
        raise ValueError("its parts don't belong together")
    alike = {name: arrays.get(f"alike_{name}") for name in Alike.__dataclass_fields__}
    ectopic = {name: arrays.get(f"ectopic_{name}") for name in EctopicParts.__dataclass_fields__}
    # Of each all parts are there where its first is: they were written together.
    beats = Beats(
        waveform=waveform, peaks=peaks, lead=lead, **{name: arrays[name] for name in _BEATS}
    )
    stack = Stack(
        beats=beats,
        channels=spec.channels,
        median=arrays.get("median"),
        unit=arrays.get("unit"),
        alike=None if alike["pool"] is None else Alike(**alike),  # type: ignore[arg-type]
        ectopic=None if ectopic["share"] is None else EctopicParts(**ectopic),  # type: ignore[arg-type]
        **{name: arrays[name] for name in _STACK},
    )
    rr = arrays["rr"].copy()  # PyTorch warns of what can't be written to
    return BeatInputs(stack=stack, rr=rr, spec=spec)
