"""segments: both layouts read as one signal; what can't be one is refused."""

from pathlib import Path

import numpy as np
import pytest
import wfdb

from ecgcore.errors import RecordError
from ecgcore.records.database import Database
from ecgcore.records.reader import read_header, read_record
from tests.wfdb_files import make_digital, open_only, write_record


def fixed(folder: Path) -> np.ndarray:
    """Write segments of 400 and 600 samples with a gap of 50 between; return mV (1050, 2)."""
    digital = make_digital(1000, 2)
    write_record(folder, "s1", signal=digital[:400])
    write_record(folder, "s2", signal=digital[400:])
    (folder / "m.hea").write_text("m/3 2 100 1050\ns1 400\n~ 50\ns2 600\n")
    gap = np.full((50, 2), np.nan)
    return np.concatenate([digital[:400] / 200, gap, digital[400:] / 200])


def variable(folder: Path) -> np.ndarray:
    """Write segments with leads A, B, then C, A (in uV, other gain); return mV (500, 3)."""
    folder.mkdir(parents=True)
    first, second = make_digital(200, 2, seed=1), make_digital(300, 2, seed=2)
    (folder / "lay.hea").write_text(
        "lay 3 100 0\n~ 0 0 0 0 0 0 0 A\n~ 0 0 0 0 0 0 0 B\n~ 0 200/mV 0 0 0 0 0 C\n"
    )
    for name, signal, leads in (("s1", first, ("A 100/mV", "B 200/mV")),
                                ("s2", second, ("C 200/mV", "A 2/uV"))):  # fmt: skip
        lines = [f"{name} 2 100 {len(signal)}"]
        for lead in leads:
            lines.append(f"{name}.dat 16 {lead[2:]} 16 0 0 {0} 0 {lead[0]}")
        for column in range(2):
            total = int(signal[:, column].sum()) % 2**16
            lines[column + 1] = lines[column + 1].replace(" 0 0 0 0 ", f" 0 0 {total} 0 ", 1)
        (folder / f"{name}.hea").write_text("\n".join(lines) + "\n")
        signal.astype("<i2").tofile(folder / f"{name}.dat")
    (folder / "m.hea").write_text("m/3 3 100 500\nlay 0\ns1 200\ns2 300\n")
    expected = np.full((500, 3), np.nan)
    expected[:200, 0], expected[:200, 1] = first[:, 0] / 100, first[:, 1] / 200
    expected[200:, 2], expected[200:, 0] = second[:, 0] / 200, second[:, 1] / 2 * 1e-3
    return expected


@pytest.mark.parametrize("layout", [fixed, variable])
def test_any_window_of_either_layout(tmp_path: Path, layout) -> None:
    expected = layout(tmp_path / "db")
    database = open_only(tmp_path / "db")
    assert database.records == ("m",)
    for start, stop in (
        (0, len(expected)),
        (0, 10),
        (150, 420),
        (399, 451),
        (402, 408),
        (260, 500),
    ):
        record = read_record(database, "m", start=start, stop=stop)
        np.testing.assert_allclose(record.signal, expected[start:stop], atol=1e-6)


def test_the_fixed_layout_is_read_as_wfdb_reads_it(tmp_path: Path) -> None:
    fixed(tmp_path / "db")
    # Without the gap: wfdb has none in this layout.
    (tmp_path / "db" / "m.hea").write_text("m/2 2 100 1000\ns1 400\ns2 600\n")
    expected = wfdb.rdrecord(str(tmp_path / "db" / "m")).p_signal
    signal = read_record(open_only(tmp_path / "db"), "m").signal
    np.testing.assert_allclose(signal, expected, atol=1e-6)


def test_header_and_notices(tmp_path: Path) -> None:
    variable(tmp_path / "db")
    database = open_only(tmp_path / "db")
    header = read_header(database, "m")
    assert (header.length, header.leads, header.units) == (500, ("A", "B", "C"), ("mV",) * 3)
    record = read_record(database, "m")
    assert [notice.code for notice in record.notices] == ["gaps"]
    digest = header.digest
    (tmp_path / "db" / "s2.dat").write_bytes(b"\1\0" * 600)
    assert read_header(database, "m").digest != digest
    notices = read_record(database, "m").notices
    assert "C (s2), A (s2)" in next(n.text for n in notices if n.code == "checksum")


def refused(database: Database, reason: str, **options: bool) -> None:
    with pytest.raises(RecordError, match=reason):
        read_record(database, "m", **options)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("m/1 2 100 400\nm 400\n", "names itself"),
        ("m/2 2 100 400\ns1 400\nm 0\n", "names itself"),
        ("m/1 2 100 400\nnested 400\n", "can't have segments of its own"),
        ("m/2 2 100 800\ns1 400\nnested 400\n", "can't have segments of its own"),
        ("m/1 2 100 400\n~ 400\n", "all of its segments are gaps"),
        ("m/1 2 100 400\nnowhere 400\n", "header can't be read"),
        ("m/1 3 100 400\ns1 400\n", "announces 3 signals"),
        ("m/2 2 100 1400\ns1 400\ns2 1000\n", "600 of 1000 samples"),
        ("m/2 2 200 1000\ns1 400\ns2 600\n", "sampled at 100 Hz, the recording at 200 Hz"),
        ("m/2 2 100 410\ns1 400\none 10\n", "not those of the recording"),
        ("m/2 2 100 410\ns1 400\npressure 10\n", "not those of the recording"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, header: str, reason: str) -> None:
    folder = tmp_path / "db"
    fixed(folder)
    (folder / "nested.hea").write_text("nested/1 2 100 400\ns1 400\n")
    (folder / "one.hea").write_text("one 1 100 10\none.dat 16 200\n")
    (folder / "pressure.hea").write_text("pressure 2 100 10\none.dat 16 200\none.dat 16 9/mmHg\n")
    (folder / "one.dat").write_bytes(b"\0" * 40)
    (folder / "m.hea").write_text(header)
    refused(open_only(folder), reason)


def test_the_front_of_a_cut_segment_can_be_read(tmp_path: Path) -> None:
    expected = fixed(tmp_path / "db")
    file = tmp_path / "db" / "s2.dat"
    file.write_bytes(file.read_bytes()[:403])
    database = open_only(tmp_path / "db")
    refused(database, "segment s2: 100 of 600 samples are there")
    expected[450 + 100 :] = np.nan
    record = read_record(database, "m", allow_partial=True)
    np.testing.assert_allclose(record.signal, expected, atol=1e-6)
