"""signal_file, source: every storage format, any window, exactly."""

from pathlib import Path

import numpy as np
import pytest
import wfdb
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgcore.errors import RecordError
from ecgcore.records.database import Database
from ecgcore.records.header_file import FORMATS
from ecgcore.records.reader import read_record
from ecgcore.records.signal_file import FLAC_FORMATS
from tests.wfdb_files import make_digital, open_only

LIMITS = {"8": 100, "80": 127, "508": 127, "310": 511, "311": 511, "212": 2047}
N, LEADS, GAIN = 1003, 3, 40.0  # a length that leaves the last block of every format broken


def ten_bits(values: np.ndarray, storage: str) -> bytes:
    """Pack three samples in four bytes, as signal(5) lays formats 310 and 311 out."""
    stored = b""
    padded = np.concatenate([values, np.zeros(-len(values) % 3, int)]) & 0x3FF
    for a, b, c in padded.reshape(-1, 3).tolist():
        if storage == "310":
            words = (a << 1 | (c & 31) << 11, b << 1 | (c >> 5) << 11)
            stored += b"".join(word.to_bytes(2, "little") for word in words)
        else:
            stored += (a | b << 10 | c << 20).to_bytes(4, "little")
    return stored


def write(folder: Path, storage: str, digital: np.ndarray) -> None:
    """Write one record with wfdb where it can, else by hand."""
    folder.mkdir()
    if storage not in ("8", "61", "160", "310", "311"):
        wfdb.wrsamp(
            "r", fs=100, units=["mV"] * LEADS, sig_name=["a", "b", "c"], d_signal=digital,
            fmt=[storage] * LEADS, adc_gain=[GAIN] * LEADS, baseline=[3] * LEADS,
            write_dir=str(folder),
        )  # fmt: skip
        return
    flat = digital.reshape(-1)
    stored = {
        "8": lambda: np.diff(digital, axis=0, prepend=digital[:1]).astype("i1").tobytes(),
        "61": lambda: flat.astype(">i2").tobytes(),
        "160": lambda: (flat + 2**15).astype("<u2").tobytes(),
    }.get(storage, lambda: ten_bits(flat, storage))()
    lines = [f"r {LEADS} 100 {len(digital)}"]
    lines += [f"r.dat {storage} {GAIN}(3)/mV 16 0 {x[0]} {x.sum() % 2**16} 0 {n}"
              for x, n in zip(digital.T, "abc", strict=True)]  # fmt: skip
    (folder / "r.hea").write_text("\n".join(lines) + "\n")
    (folder / "r.dat").write_bytes(stored)


def digital_for(storage: str) -> np.ndarray:
    limit = LIMITS.get(storage, 20_000)
    if storage == "8":  # differences must fit in a byte
        limit = 60
    return make_digital(N, LEADS, limit)


@pytest.fixture(scope="module", params=FORMATS)
def stored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    storage = request.param
    folder = tmp_path_factory.mktemp(f"format{storage}") / "db"
    digital = digital_for(storage)
    write(folder, storage, digital)
    return storage, open_only(folder), ((digital - 3) / GAIN).astype(np.float32)


def test_the_whole_signal_comes_back(stored: tuple[str, Database, np.ndarray]) -> None:
    _, database, expected = stored
    record = read_record(database, "r")
    np.testing.assert_array_equal(record.signal, expected)
    assert record.signal.dtype == np.float32
    assert record.notices == ()  # so the checksum was right, too


def test_any_window_is_a_slice_of_the_whole(stored: tuple[str, Database, np.ndarray]) -> None:
    _, database, expected = stored
    for start, stop in ((0, 1), (1, 2), (17, 403), (500, 500), (N - 1, N), (N - 2, N), (7, N)):
        record = read_record(database, "r", start=start, stop=stop)
        np.testing.assert_array_equal(record.signal, expected[start:stop])
        assert (record.start, record.stop) == (start, stop)


def test_chunks_join_without_a_seam(
    stored: tuple[str, Database, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, database, expected = stored
    monkeypatch.setattr("ecgcore.records.signal_file.CHUNK_VALUES", 7 * LEADS)
    for start, stop in ((0, N), (5, 6), (13, 600)):
        signal = read_record(database, "r", start=start, stop=stop).signal
        np.testing.assert_array_equal(signal, expected[start:stop])


def test_a_file_cut_anywhere_has_just_its_whole_samples(
    stored: tuple[str, Database, np.ndarray], tmp_path: Path
) -> None:
    storage, database, expected = stored
    folder = tmp_path / "db"
    folder.mkdir()
    (folder / "r.hea").write_bytes((database.root / "r.hea").read_bytes())
    whole = (database.root / "r.dat").read_bytes()
    for size in range(len(whole) // 2, len(whole) // 2 + 13):
        (folder / "r.dat").write_bytes(whole[:size])
        if storage in FLAC_FORMATS:  # its length stands in the stream, so the end is not missed
            with pytest.raises(RecordError, match="can't be decoded as format 5"):
                read_record(open_only(folder), "r", allow_partial=True)
            continue
        record = read_record(open_only(folder), "r", allow_partial=True)
        n = len(record.signal)
        assert abs(n / N - size / len(whole)) < 0.02
        assert [notice.code for notice in record.notices] == ["partial"]
        np.testing.assert_array_equal(record.signal, expected[:n])


@settings(max_examples=30, deadline=None)
@given(window=st.tuples(st.integers(0, 300), st.integers(0, 300)).map(sorted))
def test_skew_and_frames(tmp_path_factory: pytest.TempPathFactory, window: list[int]) -> None:
    """A skewed signal stands later in the file; several samples a frame are averaged."""
    folder = tmp_path_factory.mktemp("skew") / "db"
    folder.mkdir()
    digital = make_digital(300, 3)
    digital.astype("<i2").tofile(folder / "r.dat")
    (folder / "r.hea").write_text(
        "r 2 100 300\nr.dat 16:4 200 16 0 0 0 0 late\nr.dat 16x2 200 16 0 0 0 0 double\n"
    )
    start, stop = window
    signal = read_record(open_only(folder), "r", start=start, stop=stop).signal
    late = np.concatenate([digital[4:, 0] / 200, np.full(4, np.nan)])
    double = digital[:, 1:].mean(axis=1) / 200
    expected = np.stack([late, double], axis=1)[start:stop]
    np.testing.assert_allclose(signal, expected, atol=1e-6)


@pytest.mark.real
def test_real_signals_are_those_of_wfdb(
    mitdb: Database, nsrdb: Database, qtdb: Database, ecgid: Database
) -> None:
    for database in (mitdb, nsrdb, qtdb, ecgid):
        for name in database.records[::7]:
            signal = read_record(database, name).signal
            expected = wfdb.rdrecord(str(database.root / name)).p_signal
            np.testing.assert_allclose(signal, expected, atol=1e-6)
            window = read_record(database, name, start=1001, stop=5002)
            np.testing.assert_array_equal(window.signal, signal[1001:5002])
