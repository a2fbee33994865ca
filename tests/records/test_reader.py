"""reader: what is wrong with a recording is said, and what can be used is used."""

import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgcore.errors import RecordError
from ecgcore.records.catalog import databases
from ecgcore.records.database import Database
from ecgcore.records.reader import read_header, read_headers, read_record
from ecgcore.records.signal_file import CHUNK_VALUES
from tests.wfdb_files import END, NORMAL, make_digital, mark, open_only, write_record

FILL_VALUE_RECORDS = {
    f"Person_{person:02d}/rec_{record}"
    for person, record in ((13, 2), (15, 1), (24, 5), (25, 4), (26, 3), (27, 3), (28, 4),
                           (32, 6), (44, 1), (72, 3), (83, 1))
}  # fmt: skip


def codes(database: Database, name: str = "r", **window: int) -> list[str]:
    return [notice.code for notice in read_record(database, name, **window).notices]


def test_a_sound_record_needs_no_notice(tmp_path: Path) -> None:
    digital = write_record(tmp_path / "db")
    record = read_record(open_only(tmp_path / "db"), "r")
    np.testing.assert_allclose(record.signal, digital / 200, atol=1e-6)
    assert record.notices == ()
    assert record.annotations is None
    header = record.header
    assert (header.database, header.name, header.fs, header.length) == ("db", "r", 100, 1000)
    assert (header.leads, header.units) == (("lead 1", "lead 2"), ("mV", "mV"))


@pytest.mark.parametrize("size", [0, 1, 3999, 2001])
def test_a_truncated_signal_is_told_and_its_front_can_be_read(tmp_path: Path, size: int) -> None:
    digital = make_digital(1000, 2)
    write_record(tmp_path / "db", content=digital.astype("<i2").tobytes()[:size])
    database = open_only(tmp_path / "db")
    held = size // 4
    with pytest.raises(RecordError, match=f"db/r: .*cut short, {held} of 1000 samples"):
        read_record(database, "r")
    if not held:
        with pytest.raises(RecordError, match="is empty"):
            read_record(database, "r", allow_partial=True)
        return
    record = read_record(database, "r", allow_partial=True)
    assert [notice.code for notice in record.notices] == ["partial"]
    assert f"{held} of 1000" in record.notices[0].text
    assert record.header.length == held == read_header(database, "r", allow_partial=True).length
    np.testing.assert_allclose(record.signal, digital[:held] / 200, atol=1e-6)


def test_a_trillion_samples_are_refused_by_the_size_of_the_file(tmp_path: Path) -> None:
    header = f"r 1 100 {10**12}\nr.dat 16 200 16 0 0 0 0 I\n"
    write_record(tmp_path / "db", header=header)
    for read in (read_header, read_record):
        with pytest.raises(RecordError, match=f"2000 of {10**12} samples"):
            read(open_only(tmp_path / "db"), "r")


def test_more_than_fits_at_once_is_read_by_windows(tmp_path: Path) -> None:
    n = 2**26 + 1
    write_record(tmp_path / "db", header=f"r 2 100 {n}\nr.dat 80 200\nr.dat 80 200\n")
    os.truncate(tmp_path / "db" / "r.dat", 2 * n)  # sparse: takes no disk
    database = open_only(tmp_path / "db")
    assert read_header(database, "r").length == n
    with pytest.raises(RecordError, match="window by window"):
        read_record(database, "r")
    assert read_record(database, "r", start=n - 10).signal.shape == (10, 2)


def test_memory_is_bounded_by_the_window(tmp_path: Path) -> None:
    n = 2**25
    write_record(tmp_path / "db", header=f"r 2 100 {n}\nr.dat 212 200\nr.dat 212 200\n")
    os.truncate(tmp_path / "db" / "r.dat", 3 * n)
    database = open_only(tmp_path / "db")
    read_record(database, "r", stop=10)  # what is imported and cached once
    for samples in (1000, 2**23):
        tracemalloc.start()
        record = read_record(database, "r", start=n // 3, stop=n // 3 + samples)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        chunk = 8 * CHUNK_VALUES * 8  # a few arrays of doubles
        assert peak < 2.5 * record.signal.nbytes + chunk


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (10, 5), (1001, 1002)])
def test_windows_outside_the_recording_are_refused(tmp_path: Path, start: int, stop: int) -> None:
    write_record(tmp_path / "db")
    with pytest.raises(RecordError, match="not within 0 to 1000"):
        read_record(open_only(tmp_path / "db"), "r", start=start, stop=stop)


def test_a_missing_signal_file_is_named(tmp_path: Path) -> None:
    write_record(tmp_path / "db")
    (tmp_path / "db" / "r.dat").unlink()
    with pytest.raises(RecordError, match=r"db/r: its signal file r\.dat is not there"):
        read_record(open_only(tmp_path / "db"), "r")


def test_a_length_left_open_is_that_of_the_file(tmp_path: Path) -> None:
    write_record(tmp_path / "db", header="r 2 100\nr.dat 16\nr.dat 16\n")
    assert read_header(open_only(tmp_path / "db"), "r").length == 1000
    assert read_record(open_only(tmp_path / "db"), "r").signal.shape == (1000, 2)


def test_gain_zero_claims_no_millivolts(tmp_path: Path) -> None:
    header = "r 2 100 1000\nr.dat 16 0 16 0 0\nr.dat 16 100/mV 16 0 0\n"
    digital = write_record(tmp_path / "db", header=header)
    record = read_record(open_only(tmp_path / "db"), "r")
    assert record.header.units == ("uncalibrated", "mV")
    assert [notice.code for notice in record.notices] == ["uncalibrated"]
    assert "signal 1" in record.notices[0].text
    assert "signal 2" not in record.notices[0].text
    np.testing.assert_allclose(record.signal, digital / [200, 100], atol=1e-5)


def test_voltages_come_in_millivolts_and_other_units_stay(tmp_path: Path) -> None:
    units = {"mV": (1, "mV"), "uV": (1e-3, "mV"), "µV": (1e-3, "mV"), "V": (1e3, "mV"),
             "nV": (1e-6, "mV"), "mmHg": (1, "mmHg"), "l/min": (1, "l/min")}  # fmt: skip
    lines = [f"r {len(units)} 100 100", *(f"r.dat 16 10/{unit} 16 0 0" for unit in units)]
    digital = make_digital(100, len(units))
    write_record(tmp_path / "db", signal=digital, header="\n".join(lines))
    record = read_record(open_only(tmp_path / "db"), "r")
    assert record.header.units == tuple(unit for _, unit in units.values())
    factors = [factor for factor, _ in units.values()]
    np.testing.assert_allclose(record.signal, digital / 10 * factors, rtol=1e-6)


def test_invalid_samples_are_gaps_and_nothing_else_is(tmp_path: Path) -> None:
    digital = make_digital(1000, 2)
    digital[100:150, 0] = -(2**15)
    write_record(tmp_path / "db", signal=digital)
    record = read_record(open_only(tmp_path / "db"), "r")
    expected = np.zeros((1000, 2), bool)
    expected[100:150, 0] = True
    np.testing.assert_array_equal(np.isnan(record.signal), expected)
    assert [notice.code for notice in record.notices] == ["gaps"]
    assert "lead 1 0.50 s" in record.notices[0].text


@pytest.mark.parametrize("value", [-(2**15), -1, 0])
def test_a_recording_without_any_signal_says_so(tmp_path: Path, value: int) -> None:
    write_record(tmp_path / "db", signal=np.full((1000, 2), value))
    assert codes(open_only(tmp_path / "db")) == ["no-signal"]


def test_a_changed_sample_is_told_where_all_are_read(tmp_path: Path) -> None:
    digital = write_record(tmp_path / "db")
    digital[7, 1] += 1
    (tmp_path / "db" / "r.dat").write_bytes(digital.astype("<i2").tobytes())
    database = open_only(tmp_path / "db")
    notice = read_record(database, "r").notices[0]
    assert notice.code == "checksum"
    assert "lead 2" in notice.text
    assert "lead 1" not in notice.text
    assert codes(database, start=1) == []


def test_only_listed_names_are_opened(tmp_path: Path) -> None:
    write_record(tmp_path / "db")
    write_record(tmp_path / "other", "x")
    write_record(tmp_path / "db", "CON")
    database = open_only(tmp_path / "db")
    assert database.records == ("r",)
    for name in ("../other/x", str(tmp_path / "other" / "x"), "r\0", "CON", ".\\r", "", "R"):
        with pytest.raises(RecordError, match="There is no record"):
            read_record(database, name)


@pytest.mark.parametrize("extension", ["hea", "dat", "atr"])
def test_links_out_of_the_database_are_not_followed(tmp_path: Path, extension: str) -> None:
    write_record(tmp_path / "db", annotations=mark(10, NORMAL) + END)
    file = tmp_path / "db" / f"r.{extension}"
    file.rename(tmp_path / f"elsewhere.{extension}")
    file.symlink_to(tmp_path / f"elsewhere.{extension}")
    database = databases(tmp_path)["db"]
    if extension == "atr":  # the recording is good without
        record = read_record(database, "r")
        assert record.annotations is None
        assert "leads out of the folder" in record.notices[0].text
        return
    with pytest.raises(RecordError, match="leads out of the folder db"):
        read_record(database, "r")


def test_names_of_any_alphabet_work(tmp_path: Path) -> None:
    folder, name = tmp_path / "데이터 Größe", "심전도_é"
    digital = write_record(folder, name, annotations=mark(10, NORMAL) + END)
    record = read_record(open_only(folder), name)
    np.testing.assert_allclose(record.signal, digital / 200, atol=1e-6)
    assert record.header.database == "데이터 Größe"
    assert record.annotations is not None


def test_the_digest_changes_with_each_file(tmp_path: Path) -> None:
    write_record(tmp_path / "db", annotations=mark(10, NORMAL) + END)
    write_record(tmp_path / "db", "other")
    database = open_only(tmp_path / "db")
    seen = {read_header(database, "r").digest}
    os.utime(tmp_path / "db" / "other.dat", ns=(1, 1))
    assert {read_header(database, "r").digest} == seen
    for extension in ("hea", "dat", "atr"):
        os.utime(tmp_path / "db" / f"r.{extension}", ns=(1, 1))
        seen.add(read_header(database, "r").digest)
    assert len(seen) == 4


def test_annotators_are_those_of_the_record(tmp_path: Path) -> None:
    write_record(tmp_path / "db", "r", annotations=END)
    for name in ("r.q1c", "r.txt", "r.html", "r.hea~", "r2.qrs", "r.2.qrs", "r.atr.part"):
        (tmp_path / "db" / name).write_bytes(END)
    assert read_header(open_only(tmp_path / "db"), "r").annotators == ("atr", "q1c")


def test_one_broken_record_does_not_hide_the_others(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        write_record(tmp_path / "db", name)
    (tmp_path / "db" / "b.hea").write_text("")
    headers, faults = read_headers(open_only(tmp_path / "db"))
    assert [header.name for header in headers] == ["a", "c"]
    assert faults == {"b": "db/b: not a WFDB header (it has no record line)."}


@pytest.mark.real
def test_every_real_recording_opens_and_just_eleven_fail_their_checksum(
    mitdb: Database, nsrdb: Database, qtdb: Database, ecgid: Database
) -> None:
    found = {}
    for database in (mitdb, nsrdb, qtdb, ecgid):
        for name in database.records:
            record = read_record(database, name)
            assert record.signal.shape == (record.header.length, len(record.header.leads))
            assert np.isfinite(record.signal).all()
            if record.notices:
                found[name] = [notice.code for notice in record.notices]
    assert found == {name: ["checksum"] for name in FILL_VALUE_RECORDS}


@settings(max_examples=150, deadline=None)
@given(
    rate=st.sampled_from(["100", "100/50", "360.5"]),
    length=st.sampled_from(["", "0", "10", "999", "1000", "1001", "99999999999"]),
    layout=st.sampled_from(
        ["16", "212", "8", "80", "61", "160", "310", "311", "24", "32", "508", "516", "524",
         "16x3", "16:7", "16+4", "212x2:3+5", "8+3999", "16+99999", "311x100", "32:1000"]
    ),
    gain=st.sampled_from(["", "200", "0", "-3.5(12)/uV", "1e-9(999999999999)/V", "1e12"]),
    content=st.binary(max_size=40).map(lambda part: part * 100),
)  # fmt: skip
def test_any_header_and_any_file_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory,
    rate: str, length: str, layout: str, gain: str, content: bytes,
) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("any") / "db"
    signal = f"r.dat {layout} {gain}"
    write_record(folder, header=f"r 2 {rate} {length}\n{signal}\n{signal}\n", content=content)
    for options in ({}, {"allow_partial": True}, {"start": 3, "stop": 9}):
        try:
            record = read_record(open_only(folder), "r", **options)
        except RecordError as error:
            assert str(error).startswith("db/r: ")  # noqa: PT017 - one of two right outcomes
        else:
            assert record.stop <= record.header.length
            assert len(record.signal) == record.stop - record.start
            assert not np.isinf(record.signal).any()
