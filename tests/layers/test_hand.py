"""hand: what a pointer at the signal means."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.layers.edits import started
from ecgcore.layers.hand import beat_near, on_r
from ecgcore.layers.marks import Mark, added, deleted, moved, relabelled, told
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.reader import read_record
from tests.layers.make import BASE, said


@given(st.lists(st.integers(0, 1000), max_size=20), st.integers(0, 1000))
def test_the_nearest_beat_within_reach_is_meant(samples, sample):
    there = np.unique(np.array(samples, dtype=np.int64))
    found = beat_near(there, sample, 100.0)
    near = [s for s in there.tolist() if abs(s - sample) <= 6]
    assert (found is None) == (not near)
    if found is not None:
        assert abs(there[found] - sample) == min(abs(s - sample) for s in near)


@pytest.mark.parametrize("sign", [1, -1])
def test_it_finds_r_whichever_way_it_points(sign):
    time = np.arange(600) / 360
    wave = sign * np.exp(-(((time - 1.0) / 0.01) ** 2)).astype(np.float32) + 3
    for off in (-25, 0, 25):
        assert on_r(wave, 5000, 5360 + off, 360.0) == 5360


def test_where_nothing_is_recorded_the_place_stays():
    assert on_r(np.full(100, np.nan, np.float32), 0, 50, 100.0) == 50
    assert on_r(np.zeros(0, np.float32), 0, 50, 100.0) == 50


def test_clicks_beside_real_beats_find_what_was_annotated(mitdb):
    record = read_record(mitdb, "100", stop=108_000)
    peaks = annotated_peaks(record).sample[1:-1]
    rng = np.random.default_rng(0)
    clicks = peaks + rng.integers(-20, 21, peaks.size)
    found = [on_r(record.lead(), 0, int(click), record.fs) for click in clicks]
    assert np.mean(np.abs(np.array(found) - peaks) <= 4) > 0.98


def test_hands_changes_fit_the_state_and_are_said():
    state = started(BASE)
    pvc = state.mark_at(180)
    assert pvc == Mark(sample=180, symbol="V", aux="odd", fields=(2, 0, 0))
    for change, words in (
        (added(500, "V"), "V at 5.000 s added"),
        (deleted(pvc), "V at 1.800 s deleted"),
        (moved(pvc, 190), "V at 1.800 s moved to 1.900 s"),
        (relabelled(pvc, "N"), "V at 1.800 s relabelled N"),
    ):
        after = state.after((change,))
        assert told(change, 100.0) == words
        assert said(after.after((change.inverse(),)).annotations("x")) == said(BASE)
    assert relabelled(pvc, "N").after.fields == (0, 0, 0)
    assert moved(pvc, 190).after.aux == "odd"
