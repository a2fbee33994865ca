"""Drawn patients most of whose beats are supraventricular, as hardly a training patient's are.

Where most beats are ectopic, the record's median beat is an ectopic one and the mean interval is
theirs: a beat that differs from nothing is then no normal beat, and only the rhythm tells. Networks
that met no such patient take all of them for normal. A patient is drawn from a training record's
own beats, supraventricular and normal ones at random, in a drawn rhythm of runs and pauses
(``rhythms.mostly_atrial``) and in a mixture of both leads; channels and RR features are made of the
drawn record as of any other. Our own construction.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from ecgcore.features.inputs import BeatInputs
from ecgcore.features.rr import rr_features
from ecgcore.features.stack import stack_channels
from ecgcore.schema import FloatArray, IntArray, Peaks, Record, StrArray
from ecgcore.training.rhythms import drawn_peaks, mostly_atrial
from ecgcore.training.virtual_leads import mixture, sized_leads

_FEWEST: Final = 25  # supraventricular beats that a record must have
_PATIENTS: Final = 6  # drawn of each
# Of a drawn patient, at most; fewer where there are few to draw from. A third may come twice or
# more: beats are drawn for all places, and those of the other class left out.
_BEATS: Final = 500
_SHARE: Final = (0.3, 0.85)  # of its beats that are supraventricular

Drawn = tuple[FloatArray, FloatArray, StrArray]  # (m, channels, points), (m, RR), class (m,)


def mostly_atrial_patients(
    record: Record, peaks: Peaks, own: BeatInputs, rng: np.random.Generator
) -> list[Drawn]:
    """Return six patients drawn from a record's beats; none where it has too few to draw from.

    Parameters: ``own``, the record's inputs in its own lead, of kind "waveform" and with the scale
    "record"; ``peaks`` with their classes. Raises RecordError as ``beat_inputs``.
    """
    assert peaks.aami is not None  # annotated peaks have it
    enough = np.count_nonzero(peaks.aami == "S") >= _FEWEST
    leads = sized_leads(record, peaks, own) if enough and (peaks.aami == "N").any() else None
    if leads is None:
        return []
    first, second, usable = leads
    atrial, normal = (np.flatnonzero(usable & (peaks.aami == name)) for name in "SN")
    if atrial.size < _FEWEST or not normal.size:
        return []
    found = []
    for _ in range(_PATIENTS):
        share = rng.uniform(*_SHARE)
        rr, ectopic = mostly_atrial(rng, min(_BEATS, int(atrial.size / share)), share)
        which = np.where(
            ectopic, _drawn(atrial, ectopic.size, rng), _drawn(normal, ectopic.size, rng)
        )
        at = drawn_peaks(rr)
        beats = replace(
            own.beats,
            waveform=first[which],
            peaks=at,
            usable=np.ones(which.size, dtype=np.bool_),
            start=at.sample.astype(np.float64),  # of no recording: nothing is cut there
            stop=(at.sample + 1).astype(np.float64),
        )
        beats = mixture(beats, first[which], second[which], rng)
        x = stack_channels(beats, own.spec.channels, own.spec.scale)
        found.append((x, rr_features(at, own.spec.rr).values, np.where(ectopic, "S", "N")))
    return found


def _drawn(beats: IntArray, count: int, rng: np.random.Generator) -> IntArray:
    """Return ``count`` of the beats, each once before any comes again."""
    rounds = -(-count // beats.size)
    drawn: IntArray = np.concatenate([rng.permutation(beats) for _ in range(rounds)])[:count]
    return drawn
