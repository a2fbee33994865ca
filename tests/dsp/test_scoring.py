import math

import numpy as np
import pytest

from ecgcore.aami import aami_classes
from ecgcore.dsp.detectors import detect
from ecgcore.dsp.scoring import DetectionScore, average, gross, score_detection, scored_stretch
from ecgcore.errors import RecordError
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.database import Database
from ecgcore.records.reader import read_record
from ecgcore.schema import Annotations, Peaks, Record, RecordHeader

FS = 100.0


def made_record(marks: dict[int, str]) -> Record:
    symbol = np.array(list(marks.values()), dtype=np.str_)
    header = RecordHeader(
        database="made",
        name="marks",
        fs=FS,
        length=100_000,
        leads=("MLII",),
        units=("mV",),
        comments=(),
        annotators=("atr",),
        digest="",
    )
    annotations = Annotations(
        sample=np.array(list(marks), dtype=np.int64),
        symbol=symbol,
        aami=aami_classes(symbol),
        aux=("",) * len(marks),
    )
    signal = np.random.default_rng(0).normal(size=(100_000, 1)).astype(np.float32)
    return Record(header=header, signal=signal, annotations=annotations)


def found(*sample: int) -> Peaks:
    return Peaks(sample=np.array(sample, dtype=np.int64), source="made", fs=FS)


def test_beats_are_counted_and_other_marks_are_not() -> None:
    record = made_record({10: "+", 100: "N", 200: "V", 300: "~", 400: "A"})
    assert score_detection(record, found(101, 199, 300)) == DetectionScore(tp=2, fn=1, fp=1)


def test_flutter_is_left_out() -> None:
    record = made_record({100: "N", 200: "[", 230: "!", 400: "]", 500: "N"})
    score = score_detection(record, found(100, 230, 260, 399, 500))
    assert score == DetectionScore(tp=2, fn=0, fp=0)


def test_a_beat_at_the_edge_of_flutter_keeps_its_partner() -> None:
    record = made_record({198: "N", 200: "[", 400: "]"})
    assert score_detection(record, found(205)) == DetectionScore(tp=1, fn=0, fp=0)


def test_the_first_minutes_can_be_skipped() -> None:
    record = made_record({100: "N", 40_000: "N"})
    assert score_detection(record, found(500, 40_000), skip=300.0) == DetectionScore(
        tp=1, fn=0, fp=0
    )


def test_gross_counts_beats_and_average_counts_recordings() -> None:
    scores = [DetectionScore(tp=90, fn=10, fp=0), DetectionScore(tp=5, fn=5, fp=5)]
    assert gross(scores) == DetectionScore(tp=95, fn=15, fp=5)
    mean = average(scores)
    assert mean.se == pytest.approx((0.9 + 0.5) / 2)
    assert mean.ppv == pytest.approx((1.0 + 0.5) / 2)


def test_f1_is_the_harmonic_mean() -> None:
    score = DetectionScore(tp=80, fn=20, fp=5)
    assert score.f1 == pytest.approx(2 * score.se * score.ppv / (score.se + score.ppv))


def test_nothing_to_score() -> None:
    assert math.isnan(gross([]).f1)
    assert math.isnan(average([]).se)
    with pytest.raises(RecordError, match="no beat"):
        score_detection(made_record({10: "+"}), found(10))


def test_what_a_partly_annotated_recording_says_nothing_of_is_not_scored() -> None:
    record = made_record(dict.fromkeys(range(5_000, 6_001, 100), "N"))
    score = score_detection(record, found(4_000, 5_500, 5_550, 7_000))
    assert scored_stretch(record) == (5_000 - 15, 6_000 + 15 + 1)
    assert score == DetectionScore(tp=1, fn=10, fp=1)
    assert score.scored_seconds == pytest.approx(1_031 / FS)


def test_a_flat_part_counts_where_the_annotations_span_the_recording_only() -> None:
    part = made_record(dict.fromkeys(range(5_000, 6_001, 100), "N"))
    whole = made_record(dict.fromkeys(range(100, 100_000, 100), "N"))
    for record in (part, whole):
        record.signal[5_420:5_580] = 0.0
    assert score_detection(part, found(5_550)) == DetectionScore(tp=0, fn=10, fp=0)
    assert score_detection(whole, found(5_550)).fp == 1


def test_annotations_that_span_the_recording_are_scored_in_full(mitdb: Database) -> None:
    for name in mitdb.records:
        record = read_record(mitdb, name)
        assert scored_stretch(record) == (0, record.header.length), name


def test_real_recordings_annotated_in_part(ecgid: Database, nsrdb: Database) -> None:
    few = read_record(ecgid, "Person_01/rec_1")
    score = score_detection(few, detect(few))
    assert 0 < score.scored_seconds < few.header.duration / 2
    assert score.tp + score.fn == len(annotated_peaks(few))
    assert score.ppv > 0.9
    late = read_record(nsrdb, "19088")
    start, stop = scored_stretch(late)
    assert start > 30 * late.fs
    assert stop == late.header.length
