"""Where a wrong beat is like the class it was taken for, on beats whose difference is known."""

from dataclasses import replace

import numpy as np
import pytest

from ecgcore.clusters.waves import WAVES
from ecgcore.compare.aligned import AXIS, aligned, ordinary_beat, qrs_extent
from ecgcore.compare.difference import difference
from ecgcore.compare.exemplars import BeatRef, RightBeats, pool, right_beats
from ecgcore.compare.reading import AFTER_T, LAST_T, NEXT_P, _t_wave, reading, regions
from ecgcore.schema import Peaks, Record
from tests.make_predictions import make_predictions

FS = 360.0
COUNT = 40


def waves(time, *, p=0.15, width=0.02, t=0.3, tail=0.0, end=0.0, shift=0.0):
    """A beat in mV: P, QRS, T, what comes after T; a second top of QRS; a shifted baseline."""
    beat = p * np.exp(-(((time + 0.16) / 0.025) ** 2)) + np.exp(-((time / width) ** 2))
    beat += t * np.exp(-(((time - 0.25) / 0.05) ** 2))
    beat += end * np.exp(-(((time - 0.05) / 0.02) ** 2)) + shift * ((time > 0.02) & (time < 0.6))
    return beat + tail * np.exp(-(((time - 0.46) / 0.06) ** 2))


def recording(name, shapes, rr=0.9, early=(), noise=0.01, gain=1.0):
    """A recording of beats with these shapes; those in ``early`` come at 0.6 of the interval."""
    rng = np.random.default_rng(len(name))
    steps = np.full(COUNT, rr)
    steps[list(early)] *= 0.6
    at = np.rint(np.cumsum(steps) * FS).astype(np.int64)
    n = int(at[-1] + FS)
    x = rng.normal(0, noise, n)
    for k, sample in enumerate(at):
        x += gain * waves(np.arange(n) / FS - sample / FS, **shapes(k))
    part = make_predictions(["N"] * COUNT, ["N"] * COUNT, record=name)
    peaks = Peaks(sample=at, source="atr", fs=FS)
    part = replace(part, peaks=peaks, header=replace(part.header, length=n))
    return Record(header=part.header, signal=x.astype(np.float32)[:, None]), part


def compare(record, part, wrong, true, predicted, **options):
    found = {part.header.name: record} | options.pop("records", {})
    parts = {part.header.name: part} | options.pop("parts", {})
    name = part.header.name
    return difference(
        BeatRef(record=name, beat=wrong),
        RightBeats(label="N", record=true[0], beats=np.array(true[1])),
        RightBeats(label="S", record=predicted[0], beats=np.array(predicted[1])),
        found,
        parts,
        departures=options.pop("departures", True),
    )


ODD = tuple(range(1, COUNT - 1, 6))  # beats of the other kind
PLAIN = tuple(k for k in range(3, COUNT - 2) if k not in ODD and k - 1 not in ODD)


def one_record(odd, **options):
    return recording("100", lambda k: odd if k in ODD else {}, **options)


@pytest.mark.parametrize(
    ("odd", "early", "said"),
    [
        ({"p": 0.0}, ODD, "Early by 37 %"),
        ({"width": 0.045}, (), "With a broader QRS complex"),
        ({"t": -0.3}, (), "With a T wave the other way up, as in S."),
        ({"t": 0.9}, (), "With a larger T wave, as in S."),
    ],
)
def test_the_sentence_names_what_was_changed(odd, early, said):
    record, part = one_record(odd, early=early)
    found = compare(record, part, ODD[3], ("100", PLAIN), ("100", ODD[4:]))
    assert reading(found, rhythm=True).startswith(said)
    if early:
        assert "without the P wave of N" in reading(found, rhythm=True)
        assert "Early" not in reading(found, rhythm=False)


def test_flat_after_the_t_wave_as_in_another_person():
    """Figure 11 of Kim and Jung: person 0 dips after T, person 10 and the wrong beat stay flat."""
    mine = recording("100", lambda k: {} if k == 20 else {"tail": -0.25}, rr=1.0)
    other = recording("200", lambda _: {"t": 0.28}, rr=1.0)
    found = compare(
        *mine, 20, ("100", range(3, 18)), ("200", range(3, 30)), departures=False,
        records={"200": other[0]}, parts={"200": other[1]},
    )  # fmt: skip
    assert regions(found)[0][0] == AFTER_T
    assert reading(found, rhythm=False) == f"Flat {AFTER_T}, as in S."
    assert not found.departures


def test_what_lies_at_the_next_beat_is_not_said_of_this_ones_p_wave():
    """At a fast rate the next beat's P wave is in view, behind this beat's T."""
    record, part = one_record({"tail": 0.25}, rr=0.6)
    found = compare(record, part, ODD[3], ("100", PLAIN), ("100", ODD[4:]))
    assert NEXT_P in {name for name, _ in regions(found)}
    assert not {"P", "PR"} & {name for name, _ in regions(found)}
    said = reading(found, rhythm=True)
    assert f"igher {NEXT_P}" in said
    assert "P wave" not in said


def test_what_lies_on_the_t_wave_before_is_told_by_its_time_and_not_as_r_on_t():
    record, part = one_record({}, rr=0.5)
    found = compare(record, part, ODD[3], ("100", PLAIN), ("100", ODD[4:]))
    there = (AXIS >= -0.28) & (AXIS <= -0.24)
    lower = found.true.median - 0.2 * there
    found = replace(
        found,
        predicted=replace(found.predicted, median=lower),
        wrong=lower,
        closer=np.where(there, 5.0, 0.0),
        marks=((-0.28, -0.24),),
        slight=False,
    )
    assert regions(found)[0][0] == LAST_T
    said = reading(found, rhythm=False)
    assert said == "Lower in the T wave of the beat before (0.28 to 0.24 s before R), as in S."


def test_the_end_of_a_broad_qrs_complex_is_no_st_segment():
    """Usual beats have a second top 50 ms after R; the wrong one and those of S have none."""
    shapes = {True: {}, False: {"end": 0.7}}
    record, part = recording("100", lambda k: shapes[k in ODD])
    found = compare(record, part, ODD[3], ("100", PLAIN), ("100", ODD[4:]))
    assert [name for name, _ in regions(found)] == ["QRS"]
    assert reading(found, rhythm=False) == "With a narrower QRS complex, as in S."
    here = (AXIS > 0) & np.array([WAVES[int(k)] == "ST" for k in found.wave])
    assert AXIS[here].min() > 0.08


@pytest.mark.parametrize(
    ("shape", "begins", "ends"),
    [
        ({}, -0.045, 0.045),
        ({"width": 0.05, "p": 0.0}, -0.1, 0.1),
        ({"end": 0.6}, -0.045, 0.09),  # a notch is part of it
        ({"t": 1.0}, -0.045, 0.045),  # a T wave is not
        ({"shift": 0.3}, -0.045, 0.045),
    ],
)
def test_where_a_qrs_complex_begins_and_ends(shape, begins, ends):
    found = qrs_extent(waves(AXIS, **shape))
    assert found == pytest.approx((begins, ends), abs=0.012)


def test_of_nothing_a_qrs_complex_is_as_short_as_any():
    assert qrs_extent(np.full(AXIS.size, np.nan)) == pytest.approx((-0.03, 0.04))


def test_a_baseline_that_shifts_behind_r_takes_nothing_before_it_along_and_is_told():
    record, part = recording("100", lambda k: {"shift": 0.4} if k == 20 else {})
    right = range(3, 18), range(22, 38)
    found = compare(record, part, 20, ("100", right[0]), ("100", right[1]))
    before = AXIS < -0.05
    np.testing.assert_allclose(found.wrong[before], found.true.median[before], atol=0.06)
    assert found.shift == pytest.approx(0.4, abs=0.05)
    usual = compare(record, part, 19, ("100", right[0]), ("100", right[1]))
    assert usual.shift == 0


def test_another_t_wave_is_no_shift():
    record, part = one_record({"t": 0.9})
    assert compare(record, part, ODD[3], ("100", PLAIN), ("100", PLAIN[5:])).shift == 0


def test_higher_or_lower_is_said_of_what_is_shaded():
    """The wave as a whole lies below its own class; the stretch that is shaded, above."""
    record, part = one_record({}, rr=0.9)
    found = compare(record, part, ODD[3], ("100", PLAIN), ("100", ODD[4:]))
    there, zero = (AXIS >= -0.13) & (AXIS <= -0.1), np.zeros(AXIS.size)
    found = replace(
        found,
        true=replace(found.true, median=zero),
        predicted=replace(found.predicted, median=zero + 0.2),
        wrong=np.where(there, 0.2, -0.1),
        closer=np.where(there, 5.0, 0.0),
        marks=((-0.13, -0.1),),
        slight=False,
    )
    assert reading(found, rhythm=False) == "Higher where the P wave is, as in S."


def test_a_beat_that_the_recording_s_end_cuts_off_is_read_as_far_as_it_goes():
    last = COUNT - 1
    record, part = recording("100", lambda k: {"t": -0.3} if k in (*ODD, last) else {})
    stop = int(part.peaks.sample[last] + 0.3 * FS)
    cut = replace(record, signal=record.signal[:stop])
    found = compare(cut, part, last, ("100", PLAIN), ("100", ODD))
    assert np.isnan(found.wrong[-1])
    assert "T wave" in reading(found, rhythm=False)


def test_marks_lie_where_the_change_is_and_nowhere_else():
    record, part = one_record({"t": -0.3})
    found = compare(record, part, ODD[3], ("100", PLAIN), ("100", ODD[4:]))
    assert found.marks
    inside = AXIS[found.marked]
    assert inside.min() > 0.1
    assert inside.max() < 0.45
    assert (found.closer[found.marked] > 0).all()


def test_a_beat_like_its_own_class_is_not_read_into():
    record, part = one_record({"p": 0.0}, early=ODD)
    found = compare(record, part, PLAIN[5], ("100", PLAIN), ("100", ODD))
    assert found.marks == ()
    assert reading(found, rhythm=True).startswith("Neither waveform nor rhythm")


def test_another_heart_is_compared_by_its_departures():
    """The other recording's lead is taller; its odd beats are odd in the same way."""
    mine = one_record({"t": -0.3})
    other = recording("200", lambda k: {"t": -0.3} if k in ODD else {}, gain=1.5)
    options = {"records": {"200": other[0]}, "parts": {"200": other[1]}}
    found = compare(*mine, ODD[3], ("100", PLAIN), ("200", ODD), **options)
    assert found.departures
    assert "T wave" in reading(found, rhythm=False)
    assert "QRS" not in dict(regions(found))
    # As they are, the taller beats of the other heart are compared with, R wave and all.
    raw = compare(*mine, ODD[3], ("100", PLAIN), ("200", ODD), departures=False, **options)
    assert raw.predicted.median.max() > 1.35 > 1.15 > found.predicted.median.max()


def test_beats_are_laid_over_each_other_without_their_baseline():
    record, part = recording("100", lambda _: {}, noise=0.0)
    lifted = replace(record, signal=record.signal + 3)
    mine = aligned(record, "MLII", part.peaks.sample[3:6])
    np.testing.assert_allclose(mine, aligned(lifted, "MLII", part.peaks.sample[3:6]), atol=1e-5)
    assert AXIS[mine[0].argmax()] == pytest.approx(0, abs=0.004)
    np.testing.assert_allclose(mine[0], mine[2], atol=0.06)
    edge = aligned(record, "MLII", np.array([10]))
    assert np.isnan(edge[0, 0])
    assert np.isfinite(edge[0, -1])
    median = ordinary_beat(record, "MLII", part.peaks.sample, part.usable)
    np.testing.assert_allclose(median, mine[1], atol=0.06)
    assert ordinary_beat(record, "MLII", part.peaks.sample, ~part.usable) is None


def test_right_beats_are_of_the_own_recording_where_it_has_enough():
    a = make_predictions(["N"] * 10 + ["S"], ["N"] * 9 + ["S"] * 2)
    far = np.full((8, 2), 5.0, np.float32)
    b = make_predictions(["S"] * 8, ["S"] * 8, record="200", embedding=far)
    c = make_predictions(["S"] * 8, ["S"] * 8, record="300", embedding=far * 2)
    beats = pool([a, b, c])
    wrong = BeatRef(record="100", beat=9)
    own = right_beats(beats, wrong, "N", most=4, least=5)
    assert (own.record, own.beats.tolist()) == ("100", [0, 3, 5, 8])
    assert right_beats(beats, wrong, "S", most=9, least=5).record == "200"
    assert right_beats(beats, wrong, "S", most=9, least=1).record == "100"
    assert right_beats(beats, wrong, "N", most=4, least=5, other_records=True) is None
    assert right_beats(beats, wrong, "V", most=4, least=5) is None
    assert right_beats(beats, wrong, "X", most=4, least=5) is None


def test_a_neighbours_qrs_in_view_is_no_reason():
    """The other class' beats are followed so soon that the next QRS complex is in view."""
    mine = recording("100", lambda _: {}, rr=1.0)
    other = recording("200", lambda _: {}, rr=0.5)
    found = compare(
        *mine, 20, ("200", range(3, 30)), ("100", range(3, 18)), departures=False,
        records={"200": other[0]}, parts={"200": other[1]},
    )  # fmt: skip
    assert found.true.median[AXIS > 0.45].max() > 0.5  # it is there
    assert not (found.closer[AXIS > 0.43]).any()
    assert all(last < 0.43 for _, last in found.marks)


def test_a_wave_is_the_other_way_up_where_it_crosses_the_level_and_not_where_it_climbs():
    time = np.linspace(0, 1, 40)
    upright, climbing = 0.2 + 0.4 * np.sin(np.pi * time), 0.2 + 0.4 * time**3
    assert "other way up" not in _t_wave(climbing, upright, climbing, "lower")
    down = -upright
    assert _t_wave(down, upright, down, "lower") == "with a T wave the other way up"
