"""Network inputs of real recordings: calibration waves, ventricular beats, a whole day."""

import numpy as np

from ecgcore.dsp.detectors import detect
from ecgcore.dsp.filters import BandPass, BaselineMedians
from ecgcore.dsp.quality import unusable_by_reason
from ecgcore.features.inputs import InputSpec, beat_inputs
from ecgcore.features.rr import RR_LOG_RATIOS
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.database import Database
from ecgcore.records.reader import read_record


def test_calibration_at_the_start_of_nsrdb_is_no_heartbeat(nsrdb: Database) -> None:
    """A detector finds "beats" in the square wave; they are kept, and not usable."""
    record = read_record(nsrdb, "19088")
    found = detect(record)
    beats = beat_inputs(record, found, InputSpec(filters=(BandPass(),))).beats
    wave = unusable_by_reason(record.lead(), record.fs)["calibration"]
    within = wave[found.sample]
    assert within.any()
    assert len(beats) == len(found)
    assert not beats.usable[within].any()
    later = found.sample > np.flatnonzero(wave).max() + record.fs
    assert beats.usable[later].all()


def test_ventricular_beats_stand_out_in_208(mitdb: Database) -> None:
    """The size of the difference alone ranks V above N: AUROC well above chance."""
    record = read_record(mitdb, "208")
    peaks = annotated_peaks(record)
    found = beat_inputs(record, peaks, InputSpec(filters=(BaselineMedians(),)))
    size = np.sqrt((found.x[:, 0] ** 2).mean(axis=1))
    normal, ventricular = size[peaks.aami == "N"], size[peaks.aami == "V"]
    above = (ventricular[:, None] > normal[None, :]).mean()
    assert above > 0.95


def test_a_day_at_another_rate_keeps_every_beat(nsrdb: Database) -> None:
    record = read_record(nsrdb, nsrdb.records[0])
    peaks = annotated_peaks(record)
    found = beat_inputs(record, peaks, InputSpec(fs=360.0, rr=RR_LOG_RATIOS))
    assert len(found) == len(peaks)
    assert found.beats.usable.mean() > 0.95
    middle = (found.beats.start + found.beats.stop) / 2 - peaks.sample
    assert np.ptp(middle) < 2  # every window stands alike around its peak
