"""comparison: the bxb-style table says what EC57's pairing says, and everything adds up."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.aami import aami_classes
from ecgcore.dsp.detectors import detect
from ecgcore.dsp.matching import match_peaks
from ecgcore.layers.comparison import compare_annotations
from ecgcore.layers.edits import beat_annotations
from ecgcore.records.reader import read_record
from tests.layers.make import annotations

BEATS = st.lists(st.tuples(st.integers(0, 900), st.sampled_from("NLAVFQ+~")), max_size=25).map(
    lambda marks: annotations(*sorted(marks))
)


def compare(reference, other, **options):
    return compare_annotations(reference, other, fs=100.0, length=1000, **options)


@given(BEATS, BEATS)
def test_the_table_is_that_of_the_pairing(reference, other):
    found = compare(reference, other)
    left, right = (np.unique(one.beats()[0]) for one in (reference, other))
    match = match_peaks(left, right, 100.0)
    assert (found.paired, found.missed, found.extra) == (
        len(match.pairs),
        len(match.missed),
        len(match.extra),
    )
    assert found.counts[:-1].sum() == left.size
    assert found.counts[:, :-1].sum() == right.size
    kinds = [one.kind for one in found.disagreements]
    assert kinds.count("missed") == found.missed
    assert kinds.count("extra") == found.extra
    assert kinds.count("class") == found.paired - found.agree
    for one in found.disagreements:
        if one.kind == "class":
            before, after = aami_classes(np.array([one.reference, one.other]))
            assert before != after
    samples = [one.sample for one in found.disagreements]
    assert samples == sorted(samples)


@given(BEATS, BEATS)
def test_the_other_way_round_the_table_is_turned(reference, other):
    there, back = compare(reference, other), compare(other, reference)
    # Which of several equally good pairings is found may depend on the side, not how many pairs.
    assert (there.paired, there.missed, there.extra) == (back.paired, back.extra, back.missed)


@given(BEATS)
def test_nothing_differs_from_itself(beats):
    found = compare(beats, beats)
    assert found.disagreements == ()
    assert found.agree == np.unique(beats.beats()[0]).size


def test_a_table_by_hand():
    reference = annotations((100, "N"), (200, "V"), (300, "N"), (400, "A"))
    other = annotations((101, "N"), (203, "N"), (305, "L"), (600, "V"))
    found = compare(reference, other)
    assert [(one.kind, one.sample) for one in found.disagreements] == [
        ("class", 200),
        ("missed", 400),
        ("extra", 600),
    ]
    assert (found.se(), found.ppv()) == (0.75, 0.75)
    assert (found.se("N"), found.ppv("N")) == (1.0, 2 / 3)
    assert (found.se("V"), found.ppv("V")) == (0.0, 0.0)
    assert found.se("F") != found.se("F")
    assert found.offset == 30.0


def test_flutter_is_left_out_where_asked():
    reference = annotations((100, "N"), (150, "["), (200, "V"), (250, "]"), (300, "N"))
    other = annotations((100, "N"), (210, "N"), (300, "N"))
    assert compare(reference, other).agree == 2
    assert len(compare(reference, other).disagreements) == 1
    assert compare(reference, other, flutter=False).disagreements == ()


def test_a_detector_on_a_real_recording_counts_as_its_score(mitdb):
    record = read_record(mitdb, "208")
    found = detect(record, "pan_tompkins")
    assert record.annotations is not None
    match = match_peaks(np.unique(record.annotations.beats()[0]), found.sample, record.fs)
    table = compare_annotations(
        record.annotations,
        beat_annotations(found.sample, ["N"] * len(found), "pan_tompkins"),
        fs=record.fs,
        length=record.header.length,
    )
    assert (table.se(), table.ppv()) == (match.se, match.ppv)
    assert table.counts[2, 0] > 900  # the V beats are all called N
