"""snapping: peaks go to the R wave they belong to, whatever the rate, and no further."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.dsp.snapping import snapped
from ecgcore.features.inputs import InputSpec, beat_inputs
from ecgcore.schema import Peaks
from tests.make_record import make_record

RECORD, PEAKS = make_record()


def _off(peaks: Peaks, by) -> Peaks:
    return replace(peaks, sample=peaks.sample + by)


@given(seed=st.integers(0, 1000), gain=st.floats(0.1, 10))
def test_marks_beside_a_peak_find_it_at_any_gain_and_level(seed, gain):
    by = np.random.default_rng(seed).integers(-10, 11, len(PEAKS))
    found = snapped(gain * RECORD.lead() - 3, _off(PEAKS, by), 0.04)
    assert np.abs(found.sample - PEAKS.sample).max() <= 1  # there is a little noise
    assert (snapped(RECORD.lead(), found, 0.04).sample == found.sample).all()


def test_an_s_wave_deeper_than_r_is_high_takes_no_mark():
    signal = RECORD.lead() - 2 * np.roll(RECORD.lead(), 12)
    found = snapped(signal, _off(PEAKS, 12), 0.05)
    assert np.abs(found.sample - PEAKS.sample).max() <= 4  # S takes a little off the R before it


def test_no_peak_goes_further_than_the_reach():
    record, peaks = make_record()
    away = _off(peaks, 60)
    found = snapped(record.lead(), away, 0.05)
    assert np.abs(found.sample - away.sample).max() <= round(0.05 * 360)


@pytest.mark.parametrize("start", [0, 1000])
def test_at_another_rate_and_from_a_later_start_it_is_the_same_place(start):
    record, peaks = make_record(start=start)
    half = record.lead()[::2]
    found = snapped(half, _off(peaks, 7), 0.04, start=start, ratio=Fraction(1, 2))
    assert np.abs(found.sample - peaks.sample).max() <= 2


def test_without_signal_a_peak_stays():
    record, peaks = make_record()
    signal = record.lead().copy()
    signal[: peaks.sample[3]] = np.nan
    signal[:10] = 0
    gone = snapped(signal, _off(peaks, 5), 0.01)
    assert (gone.sample[:3] == peaks.sample[:3] + 5).all()
    empty = replace(peaks, sample=peaks.sample[:0])
    assert len(snapped(signal, empty, 0.04)) == 0
    assert (snapped(np.full(100, np.nan), peaks, 0.04).sample == peaks.sample).all()


def test_an_input_that_snaps_sees_the_same_of_shifted_marks():
    record, peaks = make_record()
    plain, snap = (
        InputSpec(points=128, channels=("raw",), scale="beat", snap=s) for s in (0, 0.04)
    )
    seen = {
        (spec.snap, by): beat_inputs(record, _off(peaks, by), spec) for spec in (plain, snap)
        for by in (0, 6)
    }  # fmt: skip
    assert np.abs(seen[0, 0].x - seen[0, 6].x).max() > 1
    np.testing.assert_allclose(seen[0.04, 0].x, seen[0.04, 6].x, atol=1e-6)
    # Which beats they are stays said as it was given.
    assert (seen[0.04, 6].beats.peaks.sample == peaks.sample + 6).all()
    assert (seen[0.04, 6].beats.start == seen[0.04, 0].beats.start).all()
    assert InputSpec.from_json(snap.to_json()) == snap
