"""A survey says what the whole trace at once would say, and is kept."""

import numpy as np
import pytest

from ecgcore.dsp import blocks, survey_store
from ecgcore.dsp.detectors import detect
from ecgcore.dsp.quality import quality_notices, unusable
from ecgcore.dsp.survey import survey
from ecgcore.dsp.survey_store import has_peaks, is_surveyed, stored_peaks, stored_survey
from ecgcore.records.reader import read_header, read_record


def _mask(stretches, length):
    mask = np.zeros(length, dtype=bool)
    for first, stop in stretches:
        mask[first:stop] = True
    return mask


@pytest.mark.parametrize(
    ("base", "record"), [("ecgid", "Person_13/rec_2"), ("nsrdb", "19140"), ("mitdb", "116")]
)
def test_one_block_is_the_whole(base, record, request) -> None:
    database = request.getfixturevalue(base)
    header = read_header(database, record)
    whole = read_record(database, record)
    lead = header.leads[0]
    found = survey(database, header, lead)
    np.testing.assert_array_equal(
        _mask(found.bad, header.length), unusable(whole.lead(lead), whole.fs)
    )
    assert found.notices == (*whole.notices, *quality_notices(whole, lead))
    assert found.envelope.limits == (whole.lead(lead).min(), whole.lead(lead).max())


def test_many_blocks_are_nearly_the_whole(nsrdb, monkeypatch) -> None:
    """A cut must not make or lose what is bad: the calibration signal lies across seams here."""
    header, whole = read_header(nsrdb, "19140"), read_record(nsrdb, "19140")
    lead = header.leads[0]
    at_once = unusable(whole.lead(lead), whole.fs)
    monkeypatch.setattr(blocks, "BLOCK_S", 20.0)
    in_parts = _mask(survey(nsrdb, header, lead).bad, header.length)
    assert (at_once != in_parts).mean() < 0.01
    assert in_parts.any()


def test_it_is_kept_and_a_broken_file_is_no_harm(nsrdb, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("ECG_HOME", str(tmp_path))
    header = read_header(nsrdb, "16265")
    lead = header.leads[0]
    assert not is_surveyed(header, lead)
    assert not has_peaks(header, "pan_tompkins", lead)
    told: list[float] = []
    first = stored_survey(nsrdb, header, lead, told.append)
    peaks = stored_peaks(nsrdb, header, "pan_tompkins", lead, told.append)
    assert told.count(1.0) == 2
    assert is_surveyed(header, lead)
    assert has_peaks(header, "pan_tompkins", lead)

    def never(*_):
        raise AssertionError("it was gone through again")

    with monkeypatch.context() as patch:
        patch.setattr(survey_store, "survey", never)
        patch.setattr(survey_store, "find_peaks", never)
        again = stored_survey(nsrdb, header, lead)
        same = stored_peaks(nsrdb, header, "pan_tompkins", lead)
    np.testing.assert_array_equal(again.envelope.low, first.envelope.low)
    np.testing.assert_array_equal(again.bad, first.bad)
    assert again.notices == first.notices
    np.testing.assert_array_equal(same.sample, peaks.sample)
    np.testing.assert_array_equal(
        peaks.sample, detect(read_record(nsrdb, "16265"), "pan_tompkins", lead).sample
    )
    with monkeypatch.context() as patch:  # the detector was changed since, or trained anew
        patch.setattr(survey_store, "detector_state", lambda name: f"another {name}")
        assert not has_peaks(header, "pan_tompkins", lead)
        assert is_surveyed(header, lead)
    for file in (tmp_path / "surveys").glob("*.npz"):
        file.write_bytes(file.read_bytes()[:100])
    anew = stored_survey(nsrdb, header, lead)
    np.testing.assert_array_equal(anew.envelope.low, first.envelope.low)


def test_short_recordings_leave_no_files(ecgid, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("ECG_HOME", str(tmp_path))
    header = read_header(ecgid, "Person_01/rec_1")
    stored_survey(ecgid, header, header.leads[0])
    assert is_surveyed(header, header.leads[0])
    assert not (tmp_path / "surveys").exists()
