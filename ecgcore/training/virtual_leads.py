"""Virtual leads: the training beats as electrodes elsewhere would have shown them.

A lead is close to a projection of one electric vector on one axis (Einthoven et al. 1913; Burger
and van Milaan 1946), so a weighted sum of two leads is nearly a third one. Each version of a
training record is c · (first lead / its size) + s · (other lead / its size), with (c, s) on the
unit circle: the two leads themselves, and angles drawn at random, turned-over ones among them. The
network thus meets many more hearts' axes than there are patients, and one lead is still all that
it sees of a beat. Only training beats are changed; a test beat is its recording's own lead.
"""

from dataclasses import replace

import numpy as np

from ecgcore.features.channels import scaling
from ecgcore.features.inputs import BeatInputs, beat_inputs
from ecgcore.features.stack import stack_channels
from ecgcore.features.templates import median_beat
from ecgcore.schema import Beats, BoolArray, FloatArray, HalfArray, Peaks, Record

_LEAST_SIZE = 0.25  # of a mixture's median beat; each lead's own is 1
_TRIES = 100  # angles drawn for one mixture
_MOST = 6e4  # what float16 holds


def virtual_leads(
    record: Record, peaks: Peaks, own: BeatInputs, count: int, rng: np.random.Generator
) -> HalfArray:
    """Return versions of the beats' channels (count, b, channels, points), float16 to save memory.

    Parameters: ``own``, the beats' own input, of kind "waveform" and with the scale "record".
    The first version is the other lead alone, the rest are mixtures of both. Where the recording
    has one lead, or a beat isn't usable in the other one, all versions are the own one. Raises
    RecordError as ``beat_inputs``.
    """
    versions = np.repeat(_half(own.stacked)[None], count, axis=0)
    both = sized_leads(record, peaks, own)
    if both is None:
        return versions
    first, second, usable = both
    for number in range(count):
        beats = replace(own.beats, waveform=second, usable=usable)
        if number:
            beats = mixture(beats, first, second, rng)
        stacked = stack_channels(beats, own.spec.channels, own.spec.scale)
        versions[number, usable] = _half(stacked[usable])
    return versions


def sized_leads(
    record: Record, peaks: Peaks, own: BeatInputs
) -> tuple[FloatArray, FloatArray, BoolArray] | None:
    """Return the beats in their own lead and in another one, and which are usable in both.

    Two waveforms (b, points), each over the size of its lead's median beat, and (b,); None where
    the recording has one lead, or no beat is usable in both. Raises RecordError as ``beat_inputs``.
    """
    others = [lead for lead in record.header.leads if lead != own.beats.lead]
    if not others:
        return None
    other = beat_inputs(record, peaks, own.spec, others[0])
    usable = own.beats.usable & other.beats.usable
    return (_sized(own), _sized(other), usable) if usable.any() else None


def mixture(beats: Beats, first: FloatArray, second: FloatArray, rng: np.random.Generator) -> Beats:
    """Return the beats with the waveforms (b, points) mixed at a random angle.

    Near some angles the leads cancel, and what is left is noise: such an angle is drawn anew.
    Where neither lead shows a beat, all are such, and the last one is taken.
    """
    found = beats
    for _ in range(_TRIES):
        angle = rng.uniform(0, 2 * np.pi)
        mixed = np.float32(np.cos(angle)) * first + np.float32(np.sin(angle)) * second
        found = replace(beats, waveform=mixed)
        if np.ptp(median_beat(found)) >= _LEAST_SIZE:
            break
    return found


def _half(x: FloatArray) -> HalfArray:
    """Return ``x`` in half the memory; what is too large for it is cut, not infinite."""
    half: HalfArray = np.clip(x, -_MOST, _MOST).astype(np.float16)
    return half


def _sized(inputs: BeatInputs) -> FloatArray:
    """Return the beats (b, points) over the size of the record's median beat."""
    _, span = scaling(inputs.beats, "record")
    sized: FloatArray = inputs.beats.waveform / span
    return sized
