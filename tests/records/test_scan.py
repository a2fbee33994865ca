"""Scanning a record gives what reading it whole gives."""

import numpy as np
import pytest

from ecgcore.records import reader
from ecgcore.records.database import Database
from ecgcore.records.reader import read_record, scan_record


def _scanned(database: Database, record: str, **kwargs):
    parts, starts = [], []

    def take(start, signal):
        starts.append(start)
        parts.append(signal)

    notices = scan_record(database, record, take, **kwargs)
    return np.concatenate(parts), starts, notices


@pytest.mark.parametrize("values", [1000, 5001, 2**21])
def test_signal_and_notices_are_those_of_the_whole(ecgid, values, monkeypatch) -> None:
    monkeypatch.setattr(reader, "SCANNED_VALUES", values)
    for record in ("Person_01/rec_1", "Person_13/rec_2"):  # the second fails its checksum
        whole = read_record(ecgid, record)
        signal, starts, notices = _scanned(ecgid, record)
        np.testing.assert_array_equal(signal, whole.signal)
        assert len(starts) == -(-whole.header.length // max(values // 2, 1))
        assert notices == whole.notices


def test_demo_gaps_and_synthetic_are_told(monkeypatch) -> None:
    from ecgcore.records.demo import demo_database

    monkeypatch.setattr(reader, "SCANNED_VALUES", 4096)
    database = demo_database()
    for record in database.records[:2]:
        whole = read_record(database, record)
        signal, _, notices = _scanned(database, record)
        np.testing.assert_array_equal(signal, whole.signal)
        assert set(notices) <= set(whole.notices)
        assert {n.code for n in notices} >= {"synthetic"}


def test_what_the_taker_raises_ends_it(ecgid) -> None:
    def stop(start, signal):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan_record(ecgid, "Person_01/rec_1", stop)
