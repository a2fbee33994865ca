from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ecgcore.dsp.filters import (
    FILTER_PRESETS,
    BandPass,
    BaselineMedians,
    FilterSpec,
    Notch,
    apply_filters,
    filter_from_dict,
    frequency_response,
    presets_at,
)
from ecgcore.errors import SignalError

FS = 360.0
SPECS: tuple[FilterSpec, ...] = (BandPass(), Notch(), BaselineMedians())
TIME = np.arange(int(20 * FS)) / FS


def middle_gain(spec: FilterSpec, frequency: float) -> float:
    x = np.sin(2 * np.pi * frequency * TIME)
    middle = slice(int(8 * FS), int(12 * FS))
    return float(np.std(apply_filters(x, FS, (spec,))[middle]) / np.std(x[middle]))


@pytest.mark.parametrize("spec", [BandPass(), BandPass(low=5, high=15, order=3), Notch(freq=50.0)])
@pytest.mark.parametrize("frequency", [1.0, 4.0, 10.0, 25.0, 49.0, 80.0])
def test_the_response_drawn_is_the_one_applied(spec: FilterSpec, frequency: float) -> None:
    response = frequency_response(spec, FS)
    assert response is not None
    drawn = 10 ** (np.interp(frequency, *response) / 20)
    assert middle_gain(spec, frequency) == pytest.approx(drawn, abs=0.02)


def test_medians_have_no_frequency_response() -> None:
    assert frequency_response(BaselineMedians(), FS) is None


@pytest.mark.parametrize("spec", SPECS)
def test_zero_phase_mirror_image(spec: FilterSpec) -> None:
    x = np.random.default_rng(0).normal(size=5000)
    forwards = apply_filters(x, FS, (spec,))
    backwards = apply_filters(x[::-1], FS, (spec,))[::-1]
    middle = slice(1500, 3500)
    np.testing.assert_allclose(forwards[middle], backwards[middle], atol=1e-3)


@given(st.floats(0.01, 100), st.sampled_from(SPECS))
def test_gain_passes_through(gain: float, spec: FilterSpec) -> None:
    x = np.random.default_rng(3).normal(size=2000)
    np.testing.assert_allclose(
        apply_filters(gain * x, FS, (spec,)) / gain, apply_filters(x, FS, (spec,)), atol=1e-4
    )


@given(arrays(np.float32, st.integers(0, 400), elements=st.floats(-5, 5, width=32)), st.data())
def test_gaps_stay_and_nothing_else_is_lost(x: np.ndarray, data: st.DataObject) -> None:
    gaps = data.draw(arrays(np.bool_, x.shape))
    y = apply_filters(np.where(gaps, np.nan, x), FS, SPECS)
    np.testing.assert_array_equal(np.isnan(y), gaps)


def test_each_stretch_is_filtered_by_itself() -> None:
    x = np.random.default_rng(0).normal(size=4000)
    x[2000] = np.nan
    y = apply_filters(x, FS, SPECS)
    np.testing.assert_array_equal(y[:2000], apply_filters(x[:2000], FS, SPECS))
    np.testing.assert_array_equal(y[2001:], apply_filters(x[2001:], FS, SPECS))


def test_leads_are_filtered_one_by_one() -> None:
    x = np.random.default_rng(0).normal(size=(3000, 3))
    y = apply_filters(x, FS, SPECS)
    for lead in range(3):
        np.testing.assert_array_equal(y[:, lead], apply_filters(x[:, lead], FS, SPECS))


def test_medians_take_the_baseline_and_leave_the_spikes() -> None:
    drift = 0.8 * np.sin(2 * np.pi * 0.15 * TIME)
    spikes = np.zeros_like(TIME)
    spikes[int(FS) :: int(FS)] = 1.0
    left = apply_filters(drift + spikes, FS, (BaselineMedians(),))
    np.testing.assert_allclose(left, spikes, atol=0.15)
    assert np.abs(left - spikes)[200:-200].max() < 0.08


def test_no_filter_changes_nothing() -> None:
    x = np.random.default_rng(0).normal(size=100).astype(np.float32)
    np.testing.assert_array_equal(apply_filters(x, FS, ()), x)


@pytest.mark.parametrize("spec", SPECS)
def test_a_spec_survives_json(spec: FilterSpec) -> None:
    assert filter_from_dict(asdict(spec)) == spec


@pytest.mark.parametrize(
    ("spec", "fs", "says"),
    [
        (BandPass(low=0.5, high=70), 128.0, "64 Hz"),
        (BandPass(low=0.0, high=40), FS, "0 < low"),
        (BandPass(low=40, high=5), FS, "low < high"),
        (BandPass(order=0), FS, "order 0"),
        (Notch(freq=60), 100.0, "50 Hz"),
        (Notch(q=0), FS, "Q"),
        (BaselineMedians(first=0.001), FS, "3 samples"),
        (BaselineMedians(first=0.6, second=0.2), FS, "the second"),
    ],
)
def test_impossible_filters_are_refused(spec: FilterSpec, fs: float, says: str) -> None:
    with pytest.raises(SignalError, match=says):
        apply_filters(np.zeros(1000), fs, (spec,))
    with pytest.raises(SignalError, match=says):
        frequency_response(spec, fs)


def test_unknown_filters_are_named() -> None:
    with pytest.raises(SignalError, match="bandpass, notch, baseline"):
        filter_from_dict({"kind": "wavelet"})
    with pytest.raises(SignalError, match="width"):
        filter_from_dict({"kind": "notch", "width": 3})


def test_presets_at_a_rate_can_be_applied() -> None:
    for fs in (100.0, 128.0, 250.0, 360.0, 1000.0):
        for specs in presets_at(fs).values():
            assert apply_filters(np.zeros(300), fs, specs).shape == (300,)
    assert presets_at(1000.0) == FILTER_PRESETS
