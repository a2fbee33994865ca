"""What a beat of a recording is compared with, and which channels show the beat itself.

The reference of a beat's class is the record's own median beat, as ordinary as this person's beats
are, with the RR features at the training beats' mean and early RR rows at 1 (an interval as long as
the mean). Of a person it is an even input without any beat, because the median beat is the very
thing that a person is known by.
"""

from dataclasses import replace
from typing import Final

import numpy as np
import torch
from torch import Tensor

from ecgcore.explain.attribution import Reference, default_reference
from ecgcore.features.channels import RR_CHANNELS, Channel
from ecgcore.features.inputs import BeatInputs, InputSpec
from ecgcore.features.templates import chosen_beats, middle
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.schema import FloatArray

# The beat itself, at its own points; what is averaged with beats like it shows at those points too.
OWN: Final = (
    "raw",
    "difference",
    "deviation",
    "typical_difference",
    "typical_deviation",
    "ectopic_part",
)
_WORDS: Final[dict[str, str]] = {
    "previous": "waveform of the beat before",
    "next": "waveform of the beat after",
    "previous_deviation": "waveform of the beat before, over the usual spread",
    "next_deviation": "waveform of the beat after, over the usual spread",
    "previous_typical": "typical waveform of the beat before, over the usual spread",
    "next_typical": "typical waveform of the beat after, over the usual spread",
    "rr_pre_global": "pre / mean, as an input row",
    "rr_pre_local": "pre / last 10, as an input row",
}


def reference_of(checkpoint: Checkpoint, inputs: BeatInputs) -> Reference:
    """Return the reference of a recording's beats, one row: x (1, C, …), rr (1, R)."""
    person = checkpoint.meta.task == "identity"
    some = int(np.argmax(inputs.beats.usable))
    stacked = np.stack([_channel(name, inputs, k, person) for k, name in _named(inputs.spec)])
    x = torch.from_numpy(inputs.shown(stacked[None], np.array([some])))
    rr = torch.from_numpy(inputs.rr[:1])
    start = default_reference(checkpoint.network, x, rr)
    what = "an even input without a beat" if person else "the record's own median beat"
    usual = ["RR features at the training beats' mean"] if rr.shape[1] else []
    if set(inputs.spec.channels) & set(RR_CHANNELS):
        usual.append("RR rows of an ordinary interval")
    words = f"{what}, with {' and '.join(usual)}" if usual else what
    return Reference(x=x, rr=start.rr, beat=what, words=words)


def own_channels(spec: InputSpec) -> tuple[int, ...]:
    """Return which of the input's channels show the beat itself; the one channel of a picture."""
    return tuple(k for k, name in _named(spec) if name in OWN)


def other_channels(spec: InputSpec) -> tuple[tuple[int, str], ...]:
    """Return the other channels with their words: neighbouring beats, early RR rows."""
    return tuple((k, _WORDS[name]) for k, name in _named(spec) if name not in OWN)


def beside(reference: Reference, x: Tensor, own: tuple[int, ...]) -> Reference:
    """Return the reference of beats ``x`` (B, C, …) with all but the channels ``own`` as they are.

    That is what a beat is put back to piece by piece: its neighbours and early RR rows stay.
    """
    mine = torch.zeros(x.shape[1], dtype=torch.bool)
    mine[list(own)] = True
    there = torch.where(mine.view(-1, *[1] * (x.ndim - 2)), reference.x, x)
    words = f"{reference.beat}, piece by piece; all else stays as it is"
    return replace(reference, x=there, words=words)


def _named(spec: InputSpec) -> tuple[tuple[int, Channel], ...]:
    return tuple(enumerate(spec.channels))


def _channel(name: Channel, inputs: BeatInputs, k: int, person: bool) -> FloatArray:
    """Return one channel's reference (points,)."""
    points = inputs.spec.points
    if name in RR_CHANNELS:
        return np.ones(points, np.float32)
    if name != "raw" or person:
        return np.zeros(points, np.float32)
    return middle(inputs.rows(chosen_beats(inputs.beats, inputs.beats.usable))[:, k])
