"""The channels of a recording's beats, made of as few beats at a time as are wanted.

Seven channels of a day's beats take half a gigabyte, and a page looks at one beat. What is kept is
what they are made of: the beats in mV once, the record's median and spread, and which beats of the
record each is most like. ``rows`` makes any beats' channels of that, the same whichever others are
asked for with them. Names and scales of channels: see ``channels``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecgcore.features.alike import Alike, find_alike, typical
from ecgcore.features.channels import DEVIATIONS, RR_CHANNELS, TYPICAL, Channel, Scale, scaling
from ecgcore.features.ectopic import EctopicParts, find_ectopic
from ecgcore.features.rr import rr_features
from ecgcore.features.templates import Rows, chosen_beats, middle, spread
from ecgcore.schema import Beats, FloatArray, IntArray

# In units of the scale, with "record" a hundredth of the median beat's size: steadier than this
# is no recording, and its rounding errors are no deviations.
_LEAST_SPREAD: Final = np.float32(0.01)
# Channel -> the waveform that it shows, and of how many beats before.
_SHOWS: Final[dict[Channel, tuple[str, int]]] = {
    "raw": ("scaled", 0),
    "difference": ("difference", 0),
    "previous": ("difference", 1),
    "next": ("difference", -1),
    "deviation": ("deviation", 0),
    "previous_deviation": ("deviation", 1),
    "next_deviation": ("deviation", -1),
    "typical_difference": ("typical_difference", 0),
    "typical_deviation": ("typical_deviation", 0),
    "previous_typical": ("typical_deviation", 1),
    "next_typical": ("typical_deviation", -1),
    "ectopic_part": ("ectopic_part", 0),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Stack:
    """What the channels of b beats are made of; made by ``prepare``."""

    beats: Beats
    channels: tuple[Channel, ...]
    level: FloatArray  # (b, 1) or (1, 1), mV: see ``scaling``
    span: FloatArray
    ratios: FloatArray  # (b, RR channels), in the order of the channels
    median: FloatArray | None = None  # (points,), in the scale's unit, where it is compared with
    unit: FloatArray | None = None  # (points,), what a deviation is counted in
    alike: Alike | None = None
    ectopic: EctopicParts | None = None

    def rows(self, index: IntArray) -> FloatArray:
        """Return the channels (k, channels, points) of beats ``index`` (k,).

        Zero where a beat is not usable, and for neighbours that are not there or not usable.
        """
        count, points = self.beats.waveform.shape
        shown = np.zeros((index.size, len(self.channels), points), dtype=np.float32)
        alone = all(_SHOWS[name][1] == 0 for name in self.channels if name in _SHOWS)
        near = index if alone else np.unique(np.concatenate([index - 1, index, index + 1]))
        near = near[(near >= 0) & (near < count)]
        made: dict[str, FloatArray] = {}  # of the beats ``near``, each waveform once
        rhythm = 0
        for column, name in enumerate(self.channels):
            if name in RR_CHANNELS:
                usable = self.beats.usable[index]
                shown[usable, column] = self.ratios[index[usable], rhythm, None]
                rhythm += 1
                continue
            what, by = _SHOWS[name]
            waveform = self._waveform(what, near, made)
            if alone:
                shown[:, column] = waveform
                continue
            there = (index >= by) & (index < count + by)
            shown[there, column] = waveform[np.searchsorted(near, index[there] - by)]
        return shown

    @property
    def deviations(self) -> Rows:
        """All beats' deviations (b, points), of which rows are taken."""
        return _Deviations(self)

    def scaled(self, rows: IntArray) -> FloatArray:
        """Return the scaled beats (k, points), zero where they are not usable."""
        level, span = (part if len(part) == 1 else part[rows] for part in (self.level, self.span))
        scaled: FloatArray = (self.beats.waveform[rows] - level) / span
        scaled[~self.beats.usable[rows]] = 0
        return scaled

    def difference(self, rows: IntArray) -> FloatArray:
        """Return the scaled beats minus the median one (k, points), zero as ``scaled``."""
        assert self.median is not None  # ``prepare`` took it where a channel asks for it
        difference = self.scaled(rows)
        difference -= self.median
        difference[~self.beats.usable[rows]] = 0
        return difference

    def deviation(self, difference: FloatArray) -> FloatArray:
        """Return differences (k, points) in the record's usual spread, through asinh(·) / 2."""
        assert self.unit is not None
        deviation: FloatArray = (np.arcsinh(difference / self.unit) / 2).astype(np.float32)
        return deviation

    def _waveform(self, what: str, rows: IntArray, made: dict[str, FloatArray]) -> FloatArray:
        if what not in made:
            made[what] = self._made(what, rows, made)
        return made[what]

    def _made(self, what: str, rows: IntArray, made: dict[str, FloatArray]) -> FloatArray:
        match what:
            case "scaled":
                return self.scaled(rows)
            case "difference":
                return self.difference(rows)
            case "deviation":
                return self.deviation(self._waveform("difference", rows, made))
            case "ectopic_part":
                if self.ectopic is None:
                    return np.zeros((rows.size, self.beats.waveform.shape[1]), np.float32)
                return self.ectopic.rows(rows)
        assert self.alike is not None  # what is left are typical waveforms
        of = what.removeprefix("typical_")
        among = self.alike.difference if of == "difference" else self.alike.deviation
        mean = typical(self._waveform(of, rows, made), self.alike.place[rows], among)
        mean[~self.beats.usable[rows]] = 0
        return mean


def prepare(
    beats: Beats,
    channels: tuple[Channel, ...],
    scale: Scale,
    progress: Callable[[float], None] | None = None,
) -> Stack:
    """Return what the beats' channels are made of.

    ``progress`` is told the share that is done; what it raises ends the work. Raises RecordError
    when a median beat is needed and no beat is usable, or RR intervals are (for rows of them,
    typical beats and ectopic parts) and there are fewer than two beats.
    """
    level, span = scaling(beats, scale)
    rhythm = tuple(RR_CHANNELS[name] for name in channels if name in RR_CHANNELS)
    ratios = (
        rr_features(beats.peaks, rhythm).values
        if rhythm
        else np.empty((len(beats), 0), dtype=np.float32)
    )
    stack = Stack(beats=beats, channels=channels, level=level, span=span, ratios=ratios)
    if not set(channels) - {"raw", *RR_CHANNELS}:
        return stack
    usual = stack.scaled(chosen_beats(beats, beats.usable))
    stack = replace(stack, median=middle(usual))
    if set(channels) & (DEVIATIONS | TYPICAL):
        stack = replace(stack, unit=np.maximum(spread(usual), _LEAST_SPREAD))
    if set(channels) & TYPICAL:
        alike = find_alike(stack.deviations, beats.peaks, beats.usable, progress)
        pool = stack.difference(alike.pool)
        alike = replace(alike, deviation=stack.deviation(pool))
        stack = replace(
            stack,
            alike=replace(alike, difference=pool) if "typical_difference" in channels else alike,
        )
    if "ectopic_part" in channels:
        ectopic = find_ectopic(_Differences(stack), beats.peaks, beats.usable)
        stack = replace(stack, ectopic=ectopic)
    return stack


def stack_channels(beats: Beats, channels: tuple[Channel, ...], scale: Scale) -> FloatArray:
    """Return the channels (b, channels, points) of all beats. See ``Stack.rows``, ``prepare``."""
    return prepare(beats, channels, scale).rows(np.arange(len(beats)))


@dataclass(frozen=True)
class _Differences:
    """All beats' differences (b, points), of which rows are taken."""

    stack: Stack

    def __getitem__(self, rows: IntArray) -> FloatArray:
        return self.stack.difference(rows)


@dataclass(frozen=True)
class _Deviations:
    stack: Stack

    def __getitem__(self, rows: IntArray) -> FloatArray:
        return self.stack.deviation(self.stack.difference(rows))
