import math

import numpy as np
import pytest

from ecgcore.aami import aami_classes
from ecgcore.dsp.scoring import DetectionScore, average, gross, score_detection
from ecgcore.errors import RecordError
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
    return Record(header=header, signal=np.zeros((100_000, 1), np.float32), annotations=annotations)


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
