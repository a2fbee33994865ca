"""rhythms: times in agreement and what differs, against a count sample by sample."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.layers.rhythms import FLUTTER_NAME, RhythmStretch, RhythmTime, compare_rhythms
from ecgcore.records.reader import read_header, read_record_annotations
from tests.layers.make import annotations

FS, LENGTH = 100.0, 1000
CHANGES = st.lists(
    st.tuples(st.integers(0, 999), st.just("+"), st.sampled_from(["(N", "(AFIB", "(T", "note"])),
    min_size=1,
    max_size=12,
).map(lambda marks: annotations(*sorted(marks, key=lambda mark: mark[0])))


def compare(reference, other):
    return compare_rhythms(reference, other, fs=FS, length=LENGTH)


def by_sample(found) -> np.ndarray:
    """Return what is said at every sample, the plain way."""
    said = np.full(LENGTH, "", dtype="<U8")
    for sample, note in zip(found.sample.tolist(), found.aux, strict=True):
        if note.startswith("("):
            said[sample:] = note
    return said


@given(CHANGES, CHANGES)
def test_times_and_stretches_are_those_of_the_samples(reference, other):
    found, left, right = compare(reference, other), by_sample(reference), by_sample(other)
    if not (left != "").any() or not (right != "").any():
        assert (found.times, found.disagreements) == ((), ())
        return
    assert {one.name: (one.reference, one.other, one.both) for one in found.times} == {
        name: pytest.approx(
            ((left == name).sum() / FS, (right == name).sum() / FS,
             ((left == name) & (right == name)).sum() / FS)
        )
        for name in {*left, *right} - {""}
    }  # fmt: skip
    listed = np.zeros(LENGTH, bool)
    for one in found.disagreements:
        assert set(left[one.start : one.stop]) == {one.reference}
        assert set(right[one.start : one.stop]) == {one.other}
        assert one.stop - one.start > 15  # longer than paired beats may lie apart
        listed[one.start : one.stop] = True
    assert not (listed & (left == right)).any()


def test_a_late_change_and_a_missed_episode_are_listed_one_by_one():
    reference = annotations(
        (0, "+", "(N"), (200, "+", "(AFIB"), (500, "+", "(N"), (800, "+", "(T"), (900, "+", "(N")
    )
    other = annotations((0, "+", "(N"), (210, "+", "(AFIB"), (550, "+", "(N"))
    found = compare(reference, other)
    assert found.times == (
        RhythmTime(name="(N", reference=6.0, other=6.6, both=5.5),
        RhythmTime(name="(AFIB", reference=3.0, other=3.4, both=2.9),
        RhythmTime(name="(T", reference=1.0, other=0.0, both=0.0),
    )
    assert found.disagreements == (  # a change 0.1 s late is the same change
        RhythmStretch(start=500, stop=550, reference="(N", other="(AFIB"),
        RhythmStretch(start=800, stop=900, reference="(T", other="(N"),
    )
    assert found.times[0].se == pytest.approx(5.5 / 6)
    assert found.times[0].ppv == pytest.approx(5.5 / 6.6)
    assert (found.times[2].se, math.isnan(found.times[2].ppv)) == (0.0, True)
    assert found.to_json()["seconds"]["(AFIB"]["both"] == 2.9


def test_flutter_lies_within_a_rhythm_and_is_compared_beside_it():
    reference = annotations((0, "+", "(N"), (100, "["), (400, "]"))
    other = annotations((0, "+", "(N"), (200, "["), (400, "]"))
    found = compare(reference, other)
    assert [(one.name, one.both) for one in found.times] == [("(N", 10.0), (FLUTTER_NAME, 2.0)]
    assert found.disagreements == (
        RhythmStretch(start=100, stop=200, reference=FLUTTER_NAME, other=""),
    )


def test_who_marks_no_rhythm_does_not_say_that_there_is_none():
    reference, other = annotations((0, "+", "(N"), (100, "N")), annotations((100, "N"))
    for pair in ((reference, other), (other, reference)):
        assert compare(*pair).times == ()


def test_real_annotations_agree_with_themselves(mitdb):
    """203 has fibrillation, flutter and runs of ventricular tachycardia."""
    header = read_header(mitdb, "203")
    found, _ = read_record_annotations(mitdb, header)
    assert found is not None
    result = compare_rhythms(found, found, fs=header.fs, length=header.length)
    assert "(AFIB" in {one.name for one in result.times}
    assert all(one.se == one.ppv == 1 for one in result.times)
    assert result.disagreements == ()
    # Every sample from the first mark on is in one rhythm.
    first = found.sample[[note.startswith("(") for note in found.aux]][0]
    seconds = sum(one.both for one in result.times if one.name != FLUTTER_NAME)
    assert seconds == pytest.approx((header.length - first) / header.fs)
