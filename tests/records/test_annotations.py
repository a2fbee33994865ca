"""annotation_file, annotations: marks as they stand, AAMI classes, and files that are none."""

from pathlib import Path

import numpy as np
import pytest
import wfdb
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgcore.aami import AAMI_CLASSES
from ecgcore.errors import RecordError
from ecgcore.records.annotation_file import SYMBOLS, parse_annotations
from ecgcore.records.annotations import (
    annotated_peaks,
    class_counts,
    flutter_stretches,
    read_annotations,
)
from ecgcore.records.database import Database
from ecgcore.records.reader import read_header, read_record, read_record_annotations
from ecgcore.records.splits import DS1, DS2
from ecgcore.schema import Annotations, Record
from tests.wfdb_files import END, NORMAL, PVC, REMARK, mark, note, open_only, skip, write_record

FLUTTER_ON, FLUTTER_OFF, RHYTHM = 32, 33, 28


def read(tmp_path: Path, annotations: bytes | None, **window: int) -> Record:
    """Read a record of 1000 samples, 10 s, with these annotations."""
    write_record(tmp_path / "db", annotations=annotations)
    return read_record(open_only(tmp_path / "db"), "r", **window)


def annotations_of(record: Record) -> Annotations:
    assert record.annotations is not None, record.notices
    return record.annotations


def test_marks_are_kept_and_beats_classified(tmp_path: Path) -> None:
    content = mark(0, RHYTHM) + note("(N") + mark(100, NORMAL) + mark(50, PVC) + note("odd") + END
    found = annotations_of(read(tmp_path, content))
    assert found.sample.tolist() == [0, 100, 150]
    assert found.symbol.tolist() == ["+", "N", "V"]
    assert found.aami.tolist() == ["", "N", "V"]
    assert found.aux == ("(N", "", "odd")
    assert (found.annotator, found.dropped, found.unknown) == ("atr", 0, 0)


def test_the_code_table_is_that_of_wfdb() -> None:
    from wfdb.io.annotation import ann_labels

    assert {label.label_store: label.symbol for label in ann_labels} == SYMBOLS


def test_a_window_has_the_marks_within_it(tmp_path: Path) -> None:
    content = b"".join(mark(100, NORMAL) for _ in range(9)) + END
    record = read(tmp_path, content, start=200, stop=500)
    assert annotations_of(record).sample.tolist() == [200, 300, 400]
    assert annotations_of(record).dropped == 0


def test_unknown_codes_are_class_q_and_counted(tmp_path: Path) -> None:
    content = mark(100, NORMAL) + mark(100, 45) + mark(100, 17) + END
    record = read(tmp_path, content)
    found = annotations_of(record)
    assert found.aami.tolist() == ["N", "Q", "Q"]
    assert found.symbol.tolist() == ["N", "#45", "#17"]
    assert found.unknown == 2
    assert [notice.code for notice in record.notices] == ["annotations"]
    assert "2 have a code that WFDB does not define" in record.notices[0].text


def test_a_file_may_define_codes_and_its_own_resolution(tmp_path: Path) -> None:
    content = (
        mark(0, REMARK) + note("## time resolution: 50") + mark(0, REMARK)
        + note("## annotation type definitions") + mark(0, REMARK) + note("42 P pacing spike")
        + mark(0, REMARK) + note("## end of definitions") + mark(10, 42) + mark(10, NORMAL) + END
    )  # fmt: skip
    found = annotations_of(read(tmp_path, content))
    assert found.sample.tolist() == [20, 40]  # 50 ticks a second are two samples each
    assert found.symbol.tolist() == ["P", "N"]
    assert found.aami.tolist() == ["", "N"]
    assert found.unknown == 0


def test_marks_outside_the_recording_are_dropped_and_counted(tmp_path: Path) -> None:
    content = (
        mark(100, NORMAL) + mark(899, NORMAL) + mark(1, NORMAL) + skip(2**31 - 1)
        + mark(5, NORMAL) + skip(-(2**31)) + mark(0, NORMAL) + END
    )  # fmt: skip
    record = read(tmp_path, content)
    found = annotations_of(record)
    assert found.sample.tolist() == [100, 999]
    assert found.dropped == 3
    assert "3 lie outside the recording" in record.notices[0].text


def test_marks_before_the_start_are_dropped(tmp_path: Path) -> None:
    content = skip(-500) + mark(0, NORMAL) + mark(600, NORMAL) + END
    found = annotations_of(read(tmp_path, content))
    assert found.sample.tolist() == [100]
    assert found.dropped == 1


def test_times_that_run_backwards_are_put_in_order(tmp_path: Path) -> None:
    content = mark(500, NORMAL) + skip(-300) + mark(0, PVC) + END
    found = annotations_of(read(tmp_path, content))
    assert found.sample.tolist() == [200, 500]
    assert found.symbol.tolist() == ["V", "N"]


def random_bytes(size: int, seed: int = 0) -> bytes:
    return np.random.default_rng(seed).bytes(size)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 1000,
        b"\xff" * 1000 + END,
        mark(100, NORMAL),
        mark(100, NORMAL) + END + b"\0",
        mark(100, NORMAL) + skip(5)[:4] + END[:0],
        skip(5)[:2] + END,
        mark(1, NORMAL) * 900 + END,
        *(random_bytes(size, seed) for size in (1001, 2000, 500_000) for seed in (0, 1)),
        *(random_bytes(size, seed).replace(END, b"zz") + END for size in (2000, 500_000)
          for seed in range(4)),
    ],
    ids=lambda content: f"{len(content)} bytes",
)  # fmt: skip
def test_what_is_no_annotation_file_is_refused_and_the_record_opens(
    tmp_path: Path, content: bytes
) -> None:
    record = read(tmp_path, content)
    assert record.annotations is None
    assert [notice.code for notice in record.notices] == ["annotations"]
    assert record.notices[0].text.startswith("db/r.atr")
    with pytest.raises(RecordError, match="use detected peaks"):
        annotated_peaks(record)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_annotations_or_refused(content: bytes, closed: bool) -> None:
    try:
        raw = parse_annotations(content + END * closed + b"\0" * (len(content) % 2), "x")
    except RecordError:
        return
    assert len(raw.sample) == len(raw.symbol) == len(raw.aux) == len(raw.defined)


def test_without_annotations_the_record_works(tmp_path: Path) -> None:
    record = read(tmp_path, None)
    assert record.annotations is None
    assert record.notices == ()
    with pytest.raises(RecordError, match="db/r has no beat annotations; use detected peaks"):
        annotated_peaks(record)


def test_marks_that_are_no_beats_are_no_peaks(tmp_path: Path) -> None:
    record = read(tmp_path, mark(10, RHYTHM) + END)
    with pytest.raises(RecordError, match="no beat is annotated"):
        annotated_peaks(record)


def test_peaks_are_the_beats_and_strictly_ascending(tmp_path: Path) -> None:
    content = mark(10, RHYTHM) + mark(90, NORMAL) + mark(0, PVC) + mark(100, PVC) + END
    record = read(tmp_path, content)
    peaks = annotated_peaks(record)
    assert peaks.sample.tolist() == [100, 200]
    assert peaks.symbol is not None
    assert peaks.symbol.tolist() == ["N", "V"]
    assert (peaks.source, peaks.fs) == ("atr", 100)


def test_another_annotator_is_read_by_name(tmp_path: Path) -> None:
    write_record(tmp_path / "db", annotations=mark(10, NORMAL) + END)
    (tmp_path / "db" / "r.qrs").write_bytes(mark(20, PVC) + END)
    database = open_only(tmp_path / "db")
    found = annotations_of(read_record(database, "r", annotator="qrs"))
    assert (found.sample.tolist(), found.annotator) == ([20], "qrs")
    for nowhere in ("nope", "../r", "dat", "hea"):
        assert read_record(database, "r", annotator=nowhere).annotations is None


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([], []),
        ([(100, "["), (200, "]")], [(100, 200)]),
        ([(100, "["), (150, "!"), (200, "]"), (300, "["), (400, "]")], [(100, 200), (300, 400)]),
        ([(100, "[")], [(100, 1000)]),
        ([(100, "]"), (500, "[")], [(0, 100), (500, 1000)]),
        ([(100, "["), (150, "["), (200, "]"), (250, "]")], [(100, 200)]),
    ],
)
def test_flutter_stretches(marks: list[tuple[int, str]], expected: list[tuple[int, int]]) -> None:
    annotations = Annotations(
        sample=np.array([sample for sample, _ in marks], dtype=np.int64),
        symbol=np.array([symbol for _, symbol in marks], dtype=np.str_),
        aami=np.full(len(marks), "", dtype=np.str_),
        aux=("",) * len(marks),
    )
    found = flutter_stretches(annotations, 1000)
    assert found.shape == (len(expected), 2)
    assert [tuple(pair) for pair in found.tolist()] == expected


@pytest.mark.real
def test_real_annotations_are_those_of_wfdb(
    mitdb: Database, nsrdb: Database, qtdb: Database, ecgid: Database
) -> None:
    for database, annotator, step in (
        (mitdb, "atr", 5), (nsrdb, "atr", 5), (qtdb, "atr", 5), (qtdb, "q1c", 1),
        (ecgid, "atr", 20),
    ):  # fmt: skip
        for name in database.records[::step]:
            file = database.root / f"{name}.{annotator}"
            header = read_header(database, name)
            found = read_annotations(
                file, length=header.length, fs=header.fs, start=0, stop=header.length, label=name
            )
            expected = wfdb.rdann(str(database.root / name), annotator)
            assert found.sample.tolist() == expected.sample.tolist()
            assert found.symbol.tolist() == expected.symbol
            assert list(found.aux) == [aux.rstrip("\0") for aux in expected.aux_note]
            assert (found.dropped, found.unknown) == (0, 0)


@pytest.mark.real
@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (DS1, {"N": 45866, "S": 944, "V": 3788, "F": 415, "Q": 8}),
        (DS2, {"N": 44259, "S": 1837, "V": 3221, "F": 388, "Q": 7}),
    ],
    ids=["DS1", "DS2"],
)
def test_beats_of_the_published_split(
    mitdb: Database, records: tuple[str, ...], expected: dict[str, int]
) -> None:
    total = dict.fromkeys(AAMI_CLASSES, 0)
    for name in records:
        record = read_record(mitdb, name)
        peaks = annotated_peaks(record)
        counts = class_counts(record.annotations)
        assert counts == class_counts(read_record_annotations(mitdb, record.header)[0])
        assert sum(counts.values()) == len(peaks)  # no two beats on one sample
        for label, count in counts.items():
            total[label] += count
    assert total == expected


@pytest.mark.real
def test_expert_marks_of_qtdb_and_t_waves_of_ecgid(qtdb: Database, ecgid: Database) -> None:
    experts = annotations_of(read_record(qtdb, "sel16265", annotator="q1c"))
    assert {"(", ")", "p", "N", "t"} <= set(experts.symbol.tolist())
    assert 25 <= len(experts.beats()[0]) <= 35  # about thirty beats are marked
    marks = annotations_of(read_record(ecgid, "Person_01/rec_1"))
    assert set(marks.symbol[marks.aami == ""].tolist()) == {"t"}


@pytest.mark.real
def test_flutter_of_mitdb_is_in_207_alone(mitdb: Database) -> None:
    found = {}
    for name in mitdb.records:
        record = read_record(mitdb, name, stop=None)
        stretches = flutter_stretches(annotations_of(record), record.header.length)
        if len(stretches):
            assert (np.diff(stretches, axis=1) > 0).all()
            found[name] = len(stretches)
    assert found.keys() == {"207"}
