"""The words of the project: frozen dataclasses that cross a border between two folders.

Each carries what a view needs (sampling rate, start, lead, units), so that nothing has to call
back upstream. Sample numbers are absolute: counted from the first sample of the recording, at
the recording's own rate, also where only a window of it was read.
"""

import typing
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ecgcore.errors import RecordError

FloatArray = NDArray[np.float32]
HalfArray = NDArray[np.float16]
DoubleArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
StrArray = NDArray[np.str_]

PREFERRED_LEAD = "MLII"


def choose_lead(leads: tuple[str, ...], wanted: str | None = None) -> int:
    """Return the index of ``wanted``; without it of MLII, else of the first lead.

    Raises RecordError, naming the leads there are, when ``wanted`` is not among them.
    """
    if wanted is None:
        return leads.index(PREFERRED_LEAD) if PREFERRED_LEAD in leads else 0
    if wanted not in leads:
        raise RecordError(f"There is no lead {wanted!r}; this recording has {', '.join(leads)}.")
    return leads.index(wanted)


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something odd about a recording that its reader must be told: a badge and a sentence."""

    code: Literal[
        "synthetic", "uncalibrated", "checksum", "partial", "no-signal", "annotations", "gaps"
    ]
    text: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Annotations:
    """Annotations as they stand in the file, plus the AAMI class of those that are beats."""

    sample: IntArray  # (n,), absolute, ascending
    symbol: StrArray  # (n,), WFDB symbols
    aami: StrArray  # (n,), one of AAMI_CLASSES, or "" where the symbol is no beat
    aux: tuple[str, ...]  # n notes, "" where there is none
    annotator: str = "atr"
    dropped: int = 0  # outside the recording, left out
    unknown: int = 0  # codes that WFDB does not define, read as class Q
    fields: IntArray | None = None  # (n, 3): the file's subtype, channel and num; None: all 0

    def beats(self) -> tuple[IntArray, StrArray, StrArray]:
        """Return sample (b,), symbol (b,) and AAMI class (b,) of the beats only."""
        is_beat = self.aami != ""
        return self.sample[is_beat], self.symbol[is_beat], self.aami[is_beat]


@dataclass(frozen=True, kw_only=True)
class RecordHeader:
    """What is known of a recording without reading its signal."""

    database: str
    name: str  # unique within the database, e.g. "208" or "Person_01/rec_1"
    fs: float  # Hz
    length: int  # samples in the whole recording
    leads: tuple[str, ...]
    units: tuple[str, ...]  # "mV", or "uncalibrated" where the gain is a guess
    comments: tuple[str, ...]  # untrusted text: show it escaped
    annotators: tuple[str, ...]  # extensions of the annotation files beside it
    digest: str  # changes when any of the record's files does; part of every cache key
    partial: bool = False  # the signal file is cut short and only what is there is read
    layer: str = ""  # whose annotations stand in for its own, see ``records.overlay``

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.length / self.fs


@dataclass(frozen=True, kw_only=True, eq=False)
class Record:
    """A recording, or a window of one, in physical units."""

    header: RecordHeader
    signal: FloatArray  # (n, leads), mV; NaN where the recording has a gap
    start: int = 0  # absolute sample of signal[0]
    annotations: Annotations | None = None  # those within the window
    notices: tuple[Notice, ...] = ()

    @property
    def fs(self) -> float:
        """Sampling rate, Hz."""
        return self.header.fs

    @property
    def stop(self) -> int:
        """Absolute sample after the last one."""
        return self.start + int(self.signal.shape[0])

    def lead(self, name: str | None = None) -> FloatArray:
        """Return one lead (n,), mV; MLII, else the first lead, when no name is given."""
        return self.signal[:, choose_lead(self.header.leads, name)]

    def lead_name(self, name: str | None = None) -> str:
        """Return the name of the lead that ``lead`` returns."""
        return self.header.leads[choose_lead(self.header.leads, name)]


class Sliceable(typing.Protocol):
    """A trace (n,), mV, of which slices are taken: an array, or one that is read only then."""

    def __len__(self) -> int: ...
    def __getitem__(self, some: slice, /) -> NDArray[np.floating]: ...


class Recording(typing.Protocol):
    """A recording whose leads can be sliced: a ``Record``, or ``records.trace.OpenRecord``."""

    @property
    def header(self) -> RecordHeader:  # noqa: D102  these are as in Record
        ...
    @property
    def start(self) -> int:  # noqa: D102
        ...
    @property
    def stop(self) -> int:  # noqa: D102
        ...
    @property
    def fs(self) -> float:  # noqa: D102
        ...
    @property
    def annotations(self) -> Annotations | None:  # noqa: D102
        ...
    @property
    def notices(self) -> tuple[Notice, ...]:  # noqa: D102
        ...

    def lead(self, name: str | None = None, /) -> Sliceable:
        """Return one lead; MLII, else the first one, when no name is given."""
        ...

    def lead_name(self, name: str | None = None, /) -> str:
        """Return the name of the lead that ``lead`` returns."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Peaks:
    """R-peaks of one lead of a recording, annotated or detected."""

    sample: IntArray  # (b,), absolute, strictly ascending
    source: str  # an annotator ("atr") or a detector ("pan_tompkins")
    fs: float
    symbol: StrArray | None = None  # (b,), when annotated
    aami: StrArray | None = None  # (b,), when annotated

    def __len__(self) -> int:
        return int(self.sample.size)


@dataclass(frozen=True, kw_only=True, eq=False)
class PeakMatch:
    """One-to-one pairing of reference and detected peaks within a tolerance (EC57)."""

    pairs: IntArray  # (tp, 2): index into reference, index into detected
    missed: IntArray  # (fn,): indices into reference
    extra: IntArray  # (fp,): indices into detected

    @property
    def se(self) -> float:
        """Sensitivity, TP / (TP + FN); NaN without reference beats."""
        total = len(self.pairs) + len(self.missed)
        return len(self.pairs) / total if total else float("nan")

    @property
    def ppv(self) -> float:
        """Positive predictivity +P, TP / (TP + FP); NaN without detections."""
        total = len(self.pairs) + len(self.extra)
        return len(self.pairs) / total if total else float("nan")


@dataclass(frozen=True, kw_only=True, eq=False)
class Beats:
    """Beats cut from one lead, each resampled to the same number of points."""

    waveform: FloatArray  # (b, points), mV
    peaks: Peaks  # b of them
    start: DoubleArray  # (b,), absolute (fractional) sample of the first point
    stop: DoubleArray  # (b,), absolute (fractional) sample of the last point
    lead: str
    padded: BoolArray  # (b,), True where the window reached beyond the recording
    usable: BoolArray  # (b,), False where the window touches a gap or has no signal

    def __len__(self) -> int:
        return int(self.waveform.shape[0])


@dataclass(frozen=True, kw_only=True, eq=False)
class RRFeatures:
    """RR features of consecutive beats; never NaN, see ``features.rr`` for what fills edges."""

    values: FloatArray  # (b, features)
    names: tuple[str, ...]
    units: tuple[str, ...]  # "s", or "" for ratios

    def column(self, name: str) -> FloatArray:
        """Return one feature (b,)."""
        return self.values[:, self.names.index(name)]


@dataclass(frozen=True, kw_only=True, eq=False)
class Spectrogram:
    """Short-time Fourier transform power, of a stretch of signal or of many beats."""

    power: FloatArray  # (..., frequencies, times); mV^2/Hz, or dB re 1 mV^2/Hz
    frequency: DoubleArray  # (frequencies,), Hz
    time: DoubleArray  # (times,), s from the first sample given
    unit: str


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """How a figure was obtained; travels with it in its file and on the screen."""

    name: str  # "inter-patient", "identity-random", "identity-time", ...
    train: str  # which recordings trained, e.g. "mitdb DS1"
    test: str
    peaks: Literal["annotated", "detected"] = "annotated"
    flags: tuple[str, ...] = ()  # plain sentences that must be shown when true
    seeds: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictions:
    """What a checkpoint said of consecutive beats of one recording."""

    header: RecordHeader
    lead: str
    peaks: Peaks  # b of them
    classes: tuple[str, ...]
    probability: FloatArray  # (b, classes), rows sum to 1
    embedding: FloatArray  # (b, d): what the last linear layer sees
    usable: BoolArray  # (b,)
    start: DoubleArray  # (b,), absolute sample of the input window's first point
    stop: DoubleArray  # (b,), absolute sample of its last point
    truth: StrArray | None = None  # (b,), the class by the annotations, "" where unknown
    notes: tuple[str, ...] = ()  # sentences to show: resampled, another lead than in training
    alone: FloatArray | None = None  # (b, classes), of each beat by itself; None: probability is

    @property
    def label(self) -> StrArray:
        """Predicted class of each beat (b,)."""
        label: StrArray = np.array(self.classes)[self.probability.argmax(axis=1)]
        return label


@dataclass(frozen=True, kw_only=True, eq=False)
class Explanation:
    """A map of what in one beat spoke for ``target``, on the recording's own time axis.

    ``values`` times ``largest`` are in ``quantity``. Where the method shares out the score,
    ``parts`` are what the waveform as a whole and everything else got, and ``start`` plus all of
    them is ``score``.
    """

    method: str
    target: str
    prediction: dict[str, float]
    values: FloatArray  # (n,), one per sample of the recording from start_sample on
    start_sample: int  # absolute
    fs: float  # Hz, the recording's
    unit: str = "share of the largest value"
    tile: FloatArray | None = None  # (rows, times), for networks that see a picture of the beat
    frequency: DoubleArray | None = None  # (rows,), Hz: the picture is a spectrogram
    amplitude: DoubleArray | None = None  # (rows,), mV: the picture is the waveform drawn
    time: DoubleArray | None = None  # (times,), s relative to the R-peak
    notes: tuple[str, ...] = field(default=())
    signed: bool = False  # values below zero speak against the target
    largest: float = float("nan")  # the largest absolute value of the map, in ``quantity``
    quantity: str = ""  # such as "logits a point"; a point is one of the network's input
    parts: tuple[tuple[str, float], ...] = ()  # logits: (what of the input, how much it spoke for)
    score: float = float("nan")  # the target's logit
    start: float = float("nan")  # the logit that the parts are counted from
    fit: float = float("nan")  # R² of the simple model that a surrogate method reads its map from
    reference: str = ""  # what the beat is compared with, where the method compares
