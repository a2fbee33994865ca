"""Waves by position, names by where clusters fall, and experts' marks."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.clusters.marks import agreement, marked_waves
from ecgcore.clusters.model import UNNAMED
from ecgcore.clusters.naming import name_clusters
from ecgcore.clusters.waves import WAVES, around, before_beat, wave_at
from ecgcore.schema import Annotations

FS = 250.0


def _peaks(rr: float, fs: float = FS):
    return np.rint(np.arange(10) * rr * fs).astype(np.int64)


def _cycle(rr: float, fs: float = FS):
    """Return the waves by position over the cycle between the 5th and 6th of ten R-peaks."""
    peak = _peaks(rr, fs)
    sample = np.arange(peak[4], peak[5]).astype(float)
    since, until = around(sample, peak, fs)
    return since, until, np.array(WAVES)[wave_at(since, until)]


@pytest.mark.parametrize("rr", [0.6, 0.8, 1.0, 1.3])
def test_waves_follow_one_another_as_in_every_textbook(rr):
    _, _, wave = _cycle(rr)
    order = [wave[0], *(b for a, b in pairwise(wave) if a != b)]
    expected = ["QRS", "ST", "T", "baseline", "P", "PR", "QRS"]
    assert order == (expected if rr > 0.6 else [w for w in expected if w in order])
    assert order[0] == order[-1] == "QRS"


@given(st.floats(0.25, 3.0))
def test_every_point_has_one_wave_and_times_add_up_to_the_interval(rr):
    since, until, wave = _cycle(rr)
    peak = _peaks(rr)
    assert set(wave) <= set(WAVES)
    np.testing.assert_allclose(since + until, (peak[5] - peak[4]) / FS)
    assert wave[0] == "QRS"
    before = before_beat(since, until)
    assert (np.diff(before.astype(int)) >= 0).all()  # once it is the coming beat's, it stays so


def test_one_peak_alone_and_points_beyond_the_ends_have_waves():
    since, until = around(np.array([-50.0, 0.0, 10.0, 900.0]), np.array([0]), FS)
    assert np.isfinite(since).all()
    assert np.isfinite(until).all()
    assert WAVES[wave_at(since, until)[1]] == "QRS"


def test_clusters_that_are_waves_get_their_names():
    since, until, wave = _cycle(0.9)
    index = wave_at(since, until)[None]
    before = before_beat(since, until)[None]
    soft = np.eye(len(WAVES), dtype=np.float32)[index]
    found = name_clusters(soft, index, before)
    after, early = found.after, found.before
    assert found.agreement == 1
    for k, name in enumerate(WAVES):
        mine = wave == name
        named = np.where(before[0][mine], early[k], after[k])
        assert set(named.tolist()) == {name}


def test_one_cluster_for_two_bumps_is_t_after_a_beat_and_p_before_one():
    since, until, wave = _cycle(0.9)
    index, before = wave_at(since, until)[None], before_beat(since, until)[None]
    kind = np.where(np.isin(wave, ["P", "T"]), 0, np.where(wave == "QRS", 1, 2))[None]
    found = name_clusters(np.eye(3, dtype=np.float32)[kind], index, before)
    assert (found.after[0], found.before[0]) == ("T", "P")
    assert (found.after[1], found.before[1]) == ("QRS", "QRS")
    assert found.agreement == 1  # what is none of P, QRS and T counts for nothing


def test_several_clusters_share_a_name_where_that_agrees_better():
    """T is in two clusters, one of which holds some of the baseline behind it."""
    since, until, wave = _cycle(0.9)
    index, before = wave_at(since, until)[None], before_beat(since, until)[None]
    behind = (wave == "baseline") & (since < 0.42)
    kind = np.select(
        [wave == "QRS", (wave == "T") & (since < 0.3), (wave == "T") | behind], [0, 1, 2], 3
    )
    found = name_clusters(np.eye(4, dtype=np.float32)[kind[None]], index, before)
    assert found.after[:3] == ("QRS", "T", "T")
    assert 0 < found.agreement < 1


def test_a_cluster_that_is_everywhere_has_no_name():
    since, until, _ = _cycle(0.9)
    index, before = wave_at(since, until)[None], before_beat(since, until)[None]
    soft = np.full((*index.shape, 2), 0.5, np.float32)
    found = name_clusters(soft, index, before)
    assert set(found.after) == set(found.before) == {UNNAMED}
    assert found.agreement == 0


def test_marks_become_stretches():
    marks = Annotations(
        sample=np.array([10, 15, 20, 30, 35, 40, 60, 70, 80, 90, 95]),
        symbol=np.array(["(", "p", ")", "(", "N", ")", "t", ")", "u", "(", "p"]),
        aami=np.full(11, ""),
        aux=("",) * 11,
    )
    waves = marked_waves(marks)
    assert waves.wave.tolist() == ["P", "QRS", "T"]
    assert waves.start.tolist() == [10, 30, 60]
    assert waves.stop.tolist() == [20, 40, 70]
    assert waves.at(np.array([[9.0, 10.0], [40.5, 65.0]])).tolist() == [["", "P"], ["", "T"]]


def test_agreement_counts_samples():
    truth = np.array(["P", "P", "QRS", "QRS", "T", ""])
    named = np.array(["P", "QRS", "QRS", "QRS", "ST", "T"])
    found = agreement(named, truth)
    assert found["P"]["recall"] == 0.5
    assert found["P"]["precision"] == 1
    assert found["QRS"]["recall"] == 1
    assert found["QRS"]["precision"] == pytest.approx(2 / 3)
    assert found["T"] == {"recall": 0, "precision": 0, "samples": 1}


@pytest.mark.real
def test_the_experts_marks_hold_thirty_beats_in_their_order(qtdb):
    from ecgcore.records.reader import read_header, read_record_annotations

    for name in qtdb.records:
        marks, _ = read_record_annotations(qtdb, read_header(qtdb, name), annotator="q1c")
        waves = marked_waves(marks)
        assert 25 <= (waves.wave == "QRS").sum() <= 60
        assert (waves.stop > waves.start).all()
        assert (np.diff(waves.start) > 0).all()
        qrs = (waves.stop - waves.start)[waves.wave == "QRS"] / 250
        assert 0.05 < np.median(qrs) < 0.14
