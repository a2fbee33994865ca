"""The only place with ``st.cache_*``: what is kept between runs and shared by all sessions.

Keys are the record's id and digest and frozen specs, never arrays: Streamlit hashes large arrays
from a sample, so a changed one could return an old result. Results are shared between sessions, so
their arrays are made read-only. Every cache is bounded.
"""

from dataclasses import dataclass, replace

import plotly.graph_objects as go
import streamlit as st

from ecgcore.dsp.filters import FilterSpec
from ecgcore.dsp.matching import match_peaks
from ecgcore.dsp.pan_tompkins import PanTompkinsStages
from ecgcore.dsp.pan_tompkins import pan_tompkins_stages as stages_of
from ecgcore.dsp.quality_seconds import noisy_stretches, quality_seconds
from ecgcore.dsp.scoring import leave_out, unannotated_stretches
from ecgcore.dsp.segmentation import WindowSpec
from ecgcore.dsp.survey import Survey
from ecgcore.dsp.survey_store import stored_peaks, stored_survey
from ecgcore.dsp.windowed import Filtered
from ecgcore.errors import RecordError
from ecgcore.features.course import Course
from ecgcore.features.course import course as make_course
from ecgcore.features.mean_spectrogram import ClassSpectrogram, class_spectrograms
from ecgcore.features.rr import RR_FEATURES, rr_features
from ecgcore.features.shapes import ClassShape, aligned_on_r, class_shapes
from ecgcore.features.spectrogram import SpectrogramSpec
from ecgcore.plots.overview import overview_figure
from ecgcore.plots.theme import THEMES
from ecgcore.records.annotations import beat_peaks
from ecgcore.records.catalog import databases
from ecgcore.records.database import Database
from ecgcore.records.overlay import overlaid_header, own_digest
from ecgcore.records.reader import read_header, read_headers, read_record_annotations
from ecgcore.records.summary import RecordSummary, summarize
from ecgcore.records.trace import OpenRecord, Trace, open_record
from ecgcore.schema import (
    Annotations,
    DoubleArray,
    FloatArray,
    Notice,
    PeakMatch,
    Peaks,
    RecordHeader,
    RRFeatures,
    StrArray,
)
from ecgcore.ui import layer_cache


@dataclass(frozen=True, kw_only=True)
class RecordKey:
    """Names one state of one record; made by ``record_key``."""

    database: str
    record: str
    digest: str
    partial: bool = False
    layer: str = ""  # the state of a layer, whose annotations stand in for the recording's own

    @property
    def signal(self) -> "RecordKey":
        """The same recording with its own annotations: all that its signal depends on."""
        return replace(self, digest=own_digest(self.digest), layer="")


@st.cache_resource(ttl=10, show_spinner=False)
def catalog() -> dict[str, Database]:
    """Return the databases there are; looked up anew every few seconds."""
    return databases()


def header(database: str, record: str, *, partial: bool = False) -> RecordHeader:
    """Read a header; cheap, and how a changed file is noticed, so never cached."""
    return read_header(catalog()[database], record, allow_partial=partial)


def summaries(database: str) -> tuple[RecordSummary, ...]:
    """Return a line on each record of a database; all are read anew when one has changed."""
    headers, faults = read_headers(catalog()[database])
    keys = tuple(record_key(head) for head in headers)
    return _summaries(database, keys, tuple(faults.items()))


@st.cache_resource(max_entries=16, show_spinner="Reading annotations …")
def _summaries(
    database: str,
    keys: tuple[RecordKey, ...],  # noqa: ARG001  a part of the cache key, as is the next
    faults: tuple[tuple[str, str], ...],  # noqa: ARG001
) -> tuple[RecordSummary, ...]:
    return summarize(catalog()[database])


def record_key(head: RecordHeader) -> RecordKey:
    """Return the cache key of a record as it is now."""
    return RecordKey(
        database=head.database,
        record=head.name,
        digest=head.digest,
        partial=head.partial,
        layer=head.layer,
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def record(key: RecordKey) -> OpenRecord:
    """Return a recording whose leads are read where they are looked at."""
    if key.layer:
        own = record(key.signal)
        header = overlaid_header(own.header, key.layer)
        return replace(own, header=header, annotations=layer_cache.annotations(key.layer))
    return open_record(catalog()[key.database], key.record, allow_partial=key.partial)


def trace(key: RecordKey, lead: str) -> Trace:
    """Return one lead that is read where it is looked at."""
    head = header(key.database, key.record, partial=key.partial)
    return Trace(database=catalog()[key.database], header=head, lead=lead)


@st.cache_resource(max_entries=32, show_spinner="Looking through the recording …")
def survey(key: RecordKey, lead: str) -> Survey:
    """Return what the whole of one lead comes to; of a long recording, kept on disk."""
    if key.layer:
        return survey(key.signal, lead)
    there = trace(key, lead)
    return stored_survey(there.database, there.header, lead)


@st.cache_resource(max_entries=32, show_spinner=False)
def annotations(key: RecordKey) -> tuple[Annotations | None, tuple[Notice, ...]]:
    """Return the recording's annotations, None where it has none, and what must be told of them."""
    if key.layer:
        return layer_cache.annotations(key.layer), annotations(key.signal)[1]
    head = header(key.database, key.record, partial=key.partial)
    return read_record_annotations(catalog()[key.database], head)


def notices(key: RecordKey, lead: str) -> tuple[Notice, ...]:
    """Return what must be told of a recording, and of the lead's stretches that carry no ECG."""
    return (*survey(key, lead).notices, *annotations(key)[1])


@st.cache_resource(max_entries=64, show_spinner=False)
def annotated(key: RecordKey) -> Peaks | None:
    """Return the annotated R-peaks, None where the recording has none."""
    marks = annotations(key)[0]
    head = header(key.database, key.record, partial=key.partial)
    return None if marks is None else beat_peaks(marks, head.fs)


@st.cache_resource(max_entries=64, show_spinner="Finding R-peaks …")
def detected(key: RecordKey, detector: str, lead: str) -> Peaks:
    """Return the R-peaks that a detector finds in one lead; of a long recording, kept on disk."""
    if key.layer:
        return detected(key.signal, detector, lead)
    there = trace(key, lead)
    return stored_peaks(there.database, there.header, detector, lead)


@st.cache_resource(max_entries=64, show_spinner=False)
def agreement(key: RecordKey, detector: str, lead: str) -> PeakMatch | None:
    """Return how detected peaks match the annotated ones, None without annotations.

    Of a recording that is annotated in part, only what its annotations span is compared.
    """
    reference = annotated(key)
    if reference is None:
        return None
    found = detected(key, detector, lead)
    match = match_peaks(reference.sample, found.sample, reference.fs)
    whole = survey(key, lead)
    left_out = unannotated_stretches(
        reference, 0, whole.length, [whole.no_ecg[name] for name in ("flat", "calibration")]
    )
    return leave_out(match, reference.sample, found.sample, left_out)


@st.cache_resource(max_entries=32, show_spinner=False)
def between_detectors(key: RecordKey, detectors: tuple[str, str], lead: str) -> PeakMatch:
    """Return how the second detector's R-peaks match the first one's, whole recording."""
    first, second = (detected(key, one, lead) for one in detectors)
    return match_peaks(first.sample, second.sample, first.fs)


@st.cache_resource(max_entries=16, show_spinner=False)
def pan_tompkins_stages(
    key: RecordKey, lead: str, start: int, stop: int
) -> tuple[FloatArray, PanTompkinsStages]:
    """Return samples [start, stop) of one lead, and each stage that Pan and Tompkins make of it."""
    there = trace(key, lead)
    stretch = there[start:stop]
    return stretch, stages_of(stretch, there.header.fs)


@st.cache_resource(max_entries=32, show_spinner="Judging the signal …")
def quality(key: RecordKey, lead: str) -> StrArray:
    """Return the quality of each second of one lead; see ``quality_seconds``."""
    if key.layer:
        return quality(key.signal, lead)
    whole = survey(key, lead)
    return quality_seconds(trace(key, lead), whole.fs, whole.no_ecg)


@st.cache_resource(max_entries=32, show_spinner=False)
def course(key: RecordKey, source: str, lead: str) -> Course:
    """Return heart rate, classes and quality along the recording, by the R-peaks of ``source``."""
    whole = survey(key, lead)
    noisy = noisy_stretches(quality(key, lead), whole.fs)
    return make_course(peaks(key, source, lead), whole.bad, whole.length, whole.fs, noisy)


@st.cache_resource(max_entries=32, show_spinner=False)
def overview(key: RecordKey, source: str, lead: str, theme: str) -> go.Figure:
    """Return the strip over the whole recording, drawn, by the R-peaks of ``source``."""
    whole, found = survey(key, lead), peaks(key, source, lead)
    return overview_figure(
        whole.envelope, course(key, source, lead), whole.fs, THEMES[theme], found
    )


def filtered(key: RecordKey, lead: str, specs: tuple[FilterSpec, ...]) -> Filtered:
    """Return one lead that is filtered where it is looked at, mV."""
    there = trace(key, lead)
    return Filtered(there, there.header.fs, specs)


def peaks(key: RecordKey, source: str, lead: str) -> Peaks:
    """Return the R-peaks of ``source``: "annotated", or a detector's name."""
    known = annotated(key) if source == "annotated" else detected(key, source, lead)
    if known is None:
        raise RecordError(f"{key.record} has no beat annotations; choose a detector.")
    return known


@st.cache_resource(max_entries=64, show_spinner="Computing RR features …")
def rr(key: RecordKey, source: str, lead: str) -> RRFeatures:
    """Return every RR feature of every beat."""
    return rr_features(peaks(key, source, lead), tuple(RR_FEATURES))


@st.cache_resource(max_entries=32, show_spinner="Cutting beats …")
def shapes(
    key: RecordKey,
    source: str,
    lead: str,
    specs: tuple[FilterSpec, ...],
    window: WindowSpec,
    points: int,
) -> tuple[tuple[ClassShape, ...], DoubleArray]:
    """Return mean and spread of each class' beats, aligned on R, and their time axis, s."""
    found = peaks(key, source, lead)
    beats, axis = aligned_on_r(
        record(key), found, window, points, lead=lead, signal=filtered(key, lead, specs)
    )
    return class_shapes(beats, found.aami), axis


@st.cache_resource(max_entries=32, show_spinner="Computing spectrograms …")
def mean_spectrograms(
    key: RecordKey,
    source: str,
    lead: str,
    specs: tuple[FilterSpec, ...],
    spec: SpectrogramSpec,
    before: float,
    after: float,
) -> tuple[ClassSpectrogram, ...]:
    """Return the mean spectrogram of each class' beats."""
    found = peaks(key, source, lead)
    signal = filtered(key, lead, specs)
    return class_spectrograms(record(key), found, signal, spec, before, after, lead=lead)
