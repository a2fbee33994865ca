import shutil
from collections import Counter
from pathlib import Path

import pytest

from ecgcore.records.catalog import databases
from ecgcore.records.database import Database
from ecgcore.records.demo import demo_database
from ecgcore.records.splits import DS1, DS2
from ecgcore.records.summary import summarize


@pytest.fixture
def three(tmp_path: Path) -> Database:
    """Three records of the demo database as a database of its own."""
    for name in ("demo01", "demo02", "demo03"):
        for file in demo_database().root.glob(f"{name}.*"):
            shutil.copy(file, tmp_path)
    return databases(tmp_path)[tmp_path.name]


def test_a_line_for_each_record_in_order(three: Database) -> None:
    rows = summarize(three)
    assert tuple(row.name for row in rows) == three.records
    assert all(row.header is not None and not row.fault for row in rows)


def test_long_recordings_are_counted_without_reading_their_signal(three: Database) -> None:
    whole = [row.beats for row in summarize(three)]
    for name in three.records:
        header = three.path(name).with_suffix(".dat")
        header.write_bytes(bytes(header.stat().st_size))  # nothing but zeros: would be noticed
    rows = summarize(three, signal_limit=0)
    assert [row.beats for row in rows] == whole
    assert not any(row.notices for row in rows)
    assert {n.code for row in summarize(three) for n in row.notices} >= {"checksum"}


def test_what_can_not_be_read_is_listed_with_the_reason(three: Database) -> None:
    three.path("demo02").with_suffix(".hea").write_text("nonsense")
    three.path("demo03").with_suffix(".atr").unlink()
    first, second, third = summarize(three)
    assert first.beats is not None
    assert second.header is None
    assert "demo02" in second.fault
    assert third.header is not None
    assert third.beats is None


def test_annotations_that_are_none_are_said(three: Database) -> None:
    three.path("demo01").with_suffix(".atr").write_bytes(b"\xff" * 999)
    for limit in (0, 10**9):
        row = summarize(three, signal_limit=limit)[0]
        assert row.beats is None
        assert "annotations" in {notice.code for notice in row.notices}


def test_synthetic_is_said_of_every_record() -> None:
    for limit in (0, 10**9):
        rows = summarize(demo_database(), signal_limit=limit)
        assert all("synthetic" in {n.code for n in row.notices} for row in rows)


def test_beats_of_ds1_and_ds2(mitdb: Database) -> None:
    rows = {row.name: row.beats or {} for row in summarize(mitdb, signal_limit=0)}
    for names, counts in (
        (DS1, {"N": 45866, "S": 944, "V": 3788, "F": 415, "Q": 8}),
        (DS2, {"N": 44259, "S": 1837, "V": 3221, "F": 388, "Q": 7}),
    ):
        found: Counter[str] = Counter()
        for name in names:
            found.update(rows[name])
        assert found == counts


def test_checksums_that_fail_are_noticed(ecgid: Database) -> None:
    faulty = {
        row.name
        for row in summarize(ecgid)
        if "checksum" in {notice.code for notice in row.notices}
    }
    assert faulty == {
        f"Person_{person}/rec_{record}"
        for person, record in (
            (13, 2), (15, 1), (24, 5), (25, 4), (26, 3), (27, 3), (28, 4), (32, 6), (44, 1),
            (72, 3), (83, 1),
        )
    }  # fmt: skip
