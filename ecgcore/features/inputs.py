"""A network's input: everything that is done to a recording before the network sees it.

An ``InputSpec`` travels in the checkpoint, so that a recording of any rate and lead is prepared
exactly as the training recordings were.
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Final, Literal

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError

from ecgcore.background import Report
from ecgcore.dsp.filters import FilterSpec
from ecgcore.dsp.segmentation import WindowSpec, cut_beats
from ecgcore.dsp.snapping import snapped
from ecgcore.dsp.windowed import Filtered, Resampled
from ecgcore.errors import EcgError
from ecgcore.features.beat_image import BeatImageSpec, draw_beats
from ecgcore.features.channels import (
    RR_CHANNELS,
    Channel,
    Scale,
    spectrogram_images,
)
from ecgcore.features.rr import check_names, rr_features
from ecgcore.features.spectrogram import SpectrogramSpec
from ecgcore.features.stack import Stack, prepare
from ecgcore.features.templates import LONG, MOST_BEATS
from ecgcore.schema import Beats, FloatArray, IntArray, Peaks, Recording, Sliceable

Progress = Callable[[float], None]
_CUTTING: Final = 0.7  # of the time that a day's inputs take, with typical beats


@dataclass(frozen=True, kw_only=True)
class InputSpec:
    """What a network takes of a recording.

    ``lead``: the lead it was trained on, None for MLII, else the first one. ``fs``: the rate in
    Hz to which the recording is brought before anything else, None for its own. ``filters`` act
    at that rate, in order. ``snap``: how far, in s, a beat may be moved so that its window lies
    around the highest point near its R-peak (``dsp.snapping``); 0 takes R-peaks as they are
    given. ``window`` and ``points``: how a beat is cut and to how many points it
    is resampled. ``scale`` and ``channels``: see ``features.channels``. ``rr``: names of RR
    features. ``spectrogram`` says how a beat's time-frequency image is made where ``kind`` is
    "spectrogram", ``image`` how its waveform is drawn where it is "image".
    """

    kind: Literal["waveform", "spectrogram", "image"] = "waveform"
    lead: str | None = None
    fs: float | None = None
    filters: tuple[FilterSpec, ...] = ()
    snap: Annotated[float, Field(ge=0, le=0.2)] = 0.0
    window: WindowSpec = field(default_factory=WindowSpec)
    points: int = 128
    channels: tuple[Channel, ...] = ("difference",)
    scale: Scale = "record"
    rr: tuple[str, ...] = ()
    spectrogram: SpectrogramSpec | None = None
    image: BeatImageSpec | None = None

    def __post_init__(self) -> None:
        for kind, given in (("spectrogram", self.spectrogram), ("image", self.image)):
            if (self.kind == kind) != (given is not None):
                raise EcgError(
                    f"An input of kind {kind!r} needs [input.{kind}] settings and no other kind "
                    f"takes them; this one is of kind {self.kind!r}. Set both or neither."
                )
        shown = [name for name in self.channels if name not in RR_CHANNELS]
        if self.kind != "waveform" and not len(self.channels) == len(shown) == 1:
            raise EcgError(f"The kind {self.kind!r} shows one channel; name exactly one.")
        if not self.channels or self.points < 2:
            raise EcgError("An input needs at least one channel and two points.")
        check_names(self.rr)

    def to_json(self) -> dict[str, Any]:
        """Return plain values that ``json.dumps`` takes."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "InputSpec":
        """Return the spec that ``to_json`` wrote. Raises EcgError saying what is wrong in it."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(document) - known):
            raise EcgError(
                f"The input's settings hold {', '.join(unknown)}, which this version does not "
                "know; use the version of BeatLens that wrote them."
            )
        try:
            return TypeAdapter(cls).validate_python(document)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise EcgError(
                f"The input's settings can't be used: {place}: {first['msg']}."
            ) from None


@dataclass(frozen=True, kw_only=True, eq=False)
class BeatInputs:
    """What a network sees of b beats; zeros stand in for beats that are not ``beats.usable``.

    Channels and pictures are made when they are asked for: those of a day's beats together would
    take more memory than all that comes before them.
    """

    stack: Stack  # what their channels are made of
    rr: FloatArray  # (b, RR features); always finite
    spec: InputSpec

    def __len__(self) -> int:
        return len(self.beats)

    @property
    def beats(self) -> Beats:
        """The beats in mV, filtered, before scaling; windows in the record's own samples."""
        return self.stack.beats

    @property
    def stacked(self) -> FloatArray:
        """The channels (b, channels, points) of every beat, made anew each time."""
        return self.rows(np.arange(len(self)))

    @property
    def x(self) -> FloatArray:
        """All that the network sees of the beats: ``take`` of every one, made anew each time."""
        return self.take(slice(None))

    def rows(self, index: IntArray) -> FloatArray:
        """Return the channels (k, channels, points) of beats ``index`` (k,), always finite."""
        stacked = self.stack.rows(index)
        stacked[~self.beats.usable[index]] = 0
        return stacked

    def take(self, some: slice) -> FloatArray:
        """Return what the network sees of some of the beats, always finite.

        (k, channels, points), (k, 1, frequencies, times) or (k, 1, height, width). A beat's
        picture is the same whichever others are taken with it.
        """
        index = np.arange(len(self))[some]
        return self.shown(self.rows(index), index)

    def shown(self, stacked: FloatArray, index: IntArray) -> FloatArray:
        """Return what the network sees of beats ``index`` (k,) with channels ``stacked``."""
        spec = self.spec
        if spec.spectrogram is not None:
            rate = points_rate(self.beats, self.beats.peaks.fs)
            x = spectrogram_images(stacked, rate, spec.spectrogram)
        elif spec.image is not None:
            x = draw_beats(stacked, spec.image)
        else:
            return stacked
        x[~self.beats.usable[index]] = 0
        return x

    @cached_property
    def size(self) -> FloatArray:
        """Each channel's root mean square (channels,) over the usable beats.

        Of more than 20,000 every k-th counts, so that 5,000 at most do.
        """
        usable = np.flatnonzero(self.beats.usable)
        if usable.size > LONG:
            usable = usable[:: -(-usable.size // MOST_BEATS)]
        channels = [*range(len(self.spec.channels))]  # each gathered, and summed on its own
        size: FloatArray = np.sqrt((self.rows(usable)[:, channels] ** 2).mean(axis=(0, 2)))
        return size


def beat_inputs(
    record: Recording,
    peaks: Peaks,
    spec: InputSpec,
    lead: str | None = None,
    report: Report | None = None,
) -> BeatInputs:
    """Return a network's input for each beat.

    Parameters: ``peaks``, b beats of ``record``, at its rate; ``lead`` overrides the spec's.
    Where the spec has another rate, the signal is brought to it; windows stay where they were
    around the R-peaks, and their ends are in the recording's own absolute samples. The signal is
    looked at block by block (``cut_beats``): only what is returned grows with the recording.
    ``report`` is told how far it is and may raise to end it.

    Raises RecordError when the lead is not there, when no beat is usable, and, where the spec
    has RR features or channels, with fewer than two beats.
    """
    lead = record.lead_name(lead or spec.lead)
    hours = (record.stop - record.start) / record.fs / 3600
    beats = _cut(record, peaks, spec, lead, _telling(report, 0.0, _CUTTING, "reading", hours))
    told = _telling(report, _CUTTING, 1.0, "looking for beats alike", None)
    stack = prepare(beats, spec.channels, spec.scale, told)
    rr = (
        rr_features(peaks, spec.rr).values
        if spec.rr
        else np.empty((len(peaks), 0), dtype=np.float32)
    )
    return BeatInputs(stack=stack, rr=rr, spec=spec)


def _telling(
    report: Report | None, begin: float, end: float, what: str, hours: float | None
) -> Progress | None:
    """Return what tells ``report`` of the part of the work from ``begin`` to ``end``."""
    if report is None:
        return None

    def tell(share: float) -> None:
        at = what if hours is None else f"{what} {hour_of(share, hours)}"
        report(begin + (end - begin) * share, at.strip())

    tell(0.0)
    return tell


def hour_of(share: float, hours: float) -> str:
    """Return which hour of a long recording is at work, "hour 3 of 24"; "" of a short one."""
    every = math.ceil(hours - 1e-6)
    return f"hour {min(int(share * hours) + 1, every)} of {every}" if hours > 1.5 else ""


def _cut(
    record: Recording, peaks: Peaks, spec: InputSpec, lead: str, progress: Progress | None
) -> Beats:
    """Return the beats (b, points) of one lead, filtered at the spec's rate."""
    own = record.lead(lead)
    if spec.fs is None or spec.fs == record.fs:
        signal = Filtered(own, record.fs, spec.filters) if spec.filters else own
        return _windows(record, peaks, spec, lead, signal, Fraction(1), progress)

    # The other rate counts from the first sample that was read: from the recording's own first
    # sample, that one would fall between two of the new ones.
    there = Resampled(own, record.fs, spec.fs)
    signal = Filtered(there, spec.fs, spec.filters)
    return _windows(record, peaks, spec, lead, signal, there.ratio, progress)


def _windows(
    record: Recording,
    peaks: Peaks,
    spec: InputSpec,
    lead: str,
    signal: Sliceable,
    ratio: Fraction,
    progress: Progress | None,
) -> Beats:
    at = peaks
    if spec.snap:
        at = snapped(signal, peaks, spec.snap, start=record.start, ratio=ratio)
    beats = cut_beats(
        record, at, spec.window, spec.points, lead, signal=signal, ratio=ratio, progress=progress
    )
    return replace(beats, peaks=peaks)


def points_rate(beats: Beats, fs: float) -> float:
    """Return the rate of the beats' points, Hz: exact for a fixed window, else of the median one.

    Beats that are stretched to a common length have no common rate; their spectrogram's
    frequencies then are those of a beat of median length.
    """
    seconds = float(np.median(beats.stop - beats.start)) / fs
    return float((beats.waveform.shape[1] - 1) / seconds)
