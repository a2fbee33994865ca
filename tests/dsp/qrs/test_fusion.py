import numpy as np
import pytest

from ecgcore.dsp.detectors import detect
from ecgcore.dsp.matching import match_peaks
from ecgcore.dsp.qrs.detector import beatlens
from ecgcore.dsp.qrs.fusion import beatlens_fused
from ecgcore.dsp.stress import motion_noise, noise_gain
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.database import Database
from ecgcore.records.reader import read_record
from tests.dsp.qrs.made_ecg import made_ecg
from tests.make_record import make_record

FS = 250.0


def wrong(beats: np.ndarray, found: np.ndarray, fs: float) -> int:
    match = match_peaks(beats, found, fs)
    return int(match.missed.size + match.extra.size)


@pytest.mark.real
def test_noise_in_one_lead_at_a_time_harms_less(mitdb: Database) -> None:
    """Each lead is spoilt in turn; together they do far better than either alone."""
    together, alone = 0, [0, 0]
    for name, seed in (("100", 0), ("103", 4)):
        record = read_record(mitdb, name, stop=216_000)
        beats, n = annotated_peaks(record).sample, record.signal.shape[0]
        leads = []
        for lead in range(2):
            trace = record.signal[:, lead]
            noise = motion_noise(n, record.fs, np.random.default_rng(seed + lead))
            gain = noise_gain(trace, beats, noise, record.fs, -6.0)
            here = (np.arange(n) // round(30 * record.fs)) % 2 == lead
            leads.append((trace + gain * noise * here).astype(np.float32))
            alone[lead] += wrong(beats, beatlens(leads[lead], record.fs), record.fs)
        together += wrong(beats, beatlens_fused(leads[0], leads[1], record.fs), record.fs)
    assert together < 0.5 * min(alone)


def test_a_dead_lead_is_as_if_it_were_not_there() -> None:
    trace, _ = made_ecg()
    for dead in (np.zeros_like(trace), np.full_like(trace, np.nan), np.full_like(trace, 2.0)):
        np.testing.assert_array_equal(beatlens_fused(dead, trace, FS), beatlens(trace, FS))
        np.testing.assert_array_equal(beatlens_fused(trace, dead, FS), beatlens(trace, FS))


def test_two_equal_leads_say_what_one_says() -> None:
    trace, _ = made_ecg()
    np.testing.assert_array_equal(beatlens_fused(trace, trace, FS), beatlens(trace, FS))


def test_a_recording_of_one_lead_is_no_trouble() -> None:
    record, _ = make_record()
    found = detect(record, "beatlens_two_leads").sample
    np.testing.assert_array_equal(found, detect(record).sample)
