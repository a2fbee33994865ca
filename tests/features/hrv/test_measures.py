"""Identities, known series, and what is said where there is too little."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lombscargle

from ecgcore.errors import EcgError
from ecgcore.features.hrv.analysis import hrv, hrv_table
from ecgcore.features.hrv.dfa import fluctuations
from ecgcore.features.hrv.geometric import BIN_MS, triangle_base
from ecgcore.features.hrv.lomb import lomb_scargle
from ecgcore.features.hrv.measure import MEASURES
from ecgcore.features.hrv.nn import nn_intervals
from ecgcore.features.hrv.spectrum import METHODS, Method, spectrum
from ecgcore.features.hrv.windows import TRENDS, hrv_windows, trend_table
from tests.features.hrv.peaks import peaks_at, peaks_of
from tests.features.hrv.series import day, hour, rest


def test_every_measure_is_there_in_order() -> None:
    assert [m.name for m in hrv(peaks_of([800, 810])).measures] == list(MEASURES)
    assert len(hrv_table(hrv(peaks_of([800])))) == len(MEASURES)


@pytest.mark.parametrize("count", [0, 1, 2, 9, 29, 99])
@pytest.mark.parametrize("method", METHODS)
def test_what_is_missing_says_why(count: int, method: Method) -> None:
    rng = np.random.default_rng(count)
    found = hrv(peaks_of(rng.normal(800, 30, count)), method=method)
    for measure in found.measures:
        assert measure.available == (not measure.reason), measure
    assert not found.by_name["sample_entropy"].available
    assert f"there are {count}" in found.by_name["sample_entropy"].reason
    assert found.by_name["rmssd"].available == (count > 10)


def test_a_heart_like_a_clock_has_no_ratios() -> None:
    found = hrv(peaks_of([800] * 2000))
    assert found.value("sdnn") == 0
    assert found.value("pnn50") == 0
    for name in ("sd1_sd2", "sample_entropy", "dfa_alpha1", "lf_hf"):
        assert "do not vary" in found.by_name[name].reason


def test_a_step_of_exactly_50_ms_does_not_exceed_it() -> None:
    # 18 samples at 360 Hz; in ms that is 50.00000000000006 or so.
    steps = np.tile([288, 306], 50)
    found = hrv(peaks_at(np.concatenate(([0], np.cumsum(steps))), 360.0))
    assert found.value("pnn50") == 0
    assert found.value("pnn20") == 100


@given(st.integers(0, 2**31))
def test_poincare_and_time_domain_agree(seed: int) -> None:
    rr = np.random.default_rng(seed).normal(800, 40, 400)
    found = hrv(peaks_of(rr))
    assert found.value("sd1") == pytest.approx(found.value("sdsd") / np.sqrt(2), rel=1e-9)
    both = (found.value("sd1") ** 2 + found.value("sd2") ** 2) / 2
    assert both == pytest.approx(found.value("sdnn") ** 2, rel=0.03)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("hertz", "band"), [(0.1, "lf"), (0.3, "hf")])
def test_a_wave_has_the_power_of_a_wave(method: Method, hertz: float, band: str) -> None:
    time, sample = 0.0, [0.0]
    while time < 900:
        time += 0.8 + 0.04 * np.sin(2 * np.pi * hertz * time)
        sample.append(time)
    found = hrv(peaks_at(np.rint(np.array(sample) * 1000)), method=method)
    # Read where each interval ends; near the beats' own rate the spline loses a little.
    assert found.value(band) == pytest.approx(0.5 * 40**2, rel=0.05 if band == "lf" else 0.2)
    assert found.value(f"{band}_peak") == pytest.approx(hertz, abs=0.005)
    other = "hf" if band == "lf" else "lf"
    assert found.value(other) < 0.05 * found.value(band)


def test_the_spectrum_holds_the_variance() -> None:
    rr = 800 + 40 * np.random.default_rng(0).standard_normal(3000).cumsum() / 50
    found = hrv(peaks_of(rr))
    variance = found.value("sdnn") ** 2
    assert found.value("total_power") == pytest.approx(variance, rel=0.02)


def test_the_fast_periodogram_is_the_slow_one() -> None:
    rng = np.random.default_rng(4)
    time = np.cumsum(rng.uniform(0.4, 1.4, 400)) + 17
    x = rng.normal(0, 30, 400) + 50 * np.sin(time)
    x -= x.mean()
    step, count = 1 / (time[-1] - time[0]), 150
    slow = lombscargle(time, x, 2 * np.pi * step * np.arange(1, count + 1))
    np.testing.assert_allclose(lomb_scargle(time, x, step, count), slow, rtol=1e-7, atol=1e-6)


def test_ectopic_beats_do_not_move_the_spectrum() -> None:
    sample, fs = hour()
    symbol = np.full(sample.size, "N")
    moved = sample.copy()
    ectopic = np.arange(50, sample.size - 50, 97)
    symbol[ectopic] = "V"
    moved[ectopic] -= round(0.25 * fs)
    calm = hrv(peaks_at(sample, fs))
    found = {method: hrv(peaks_at(moved, fs, symbol), method=method) for method in METHODS}
    for name in ("sdnn", "rmssd", "lf", "hf"):
        assert found["lomb-scargle"].value(name) == pytest.approx(calm.value(name), rel=0.06)
    assert found["welch"].value("lf") == pytest.approx(calm.value("lf"), rel=0.1)
    taken_for_normal = hrv(peaks_at(moved, fs))
    assert taken_for_normal.value("rmssd") > 2 * calm.value("rmssd")


def test_too_thin_a_spectrum_is_none() -> None:
    sample, fs = hour()
    symbol = np.full(sample.size, "N")
    symbol[::4] = "V"
    found = hrv(peaks_at(sample, fs, symbol))
    assert "cover 50 %" in found.by_name["lf"].reason
    assert found.by_name["sdnn"].available


@pytest.mark.parametrize("method", METHODS)
def test_an_hour_without_signal_leaves_the_rest(method: Method) -> None:
    sample, fs = hour()
    later = sample + round(2 * 3600 * fs)
    found = hrv(peaks_at(np.concatenate((sample, later)), fs), method=method)
    assert found.nn.left_out() == {"gap": 1}
    one = hrv(peaks_at(sample, fs), method="welch")
    if method == "welch":
        assert found.value("lf") == pytest.approx(one.value("lf"), rel=0.02)
    else:
        assert "cover" in found.by_name["lf"].reason
    assert found.value("rmssd") == pytest.approx(one.value("rmssd"), rel=1e-3)


def test_the_triangle_of_a_triangle() -> None:
    height = np.concatenate((np.arange(0, 20), np.arange(20, 0, -0.5), [0]))
    assert triangle_base(height) == 60


@pytest.mark.parametrize("series", [hour, day])
def test_no_triangle_fits_better(series) -> None:
    sample, fs = series()
    ms = 1000 * np.diff(sample) / fs
    place = np.floor(ms / BIN_MS + 1e-6).astype(np.int64)
    height = np.bincount(place - place.min()).astype(float)
    at, top = np.arange(-1, height.size + 1), int(height.argmax())
    padded = np.concatenate(([0.0], height, [0.0]))
    best = (np.inf, 0)
    for first in range(-1, top):
        for last in range(top + 1, height.size + 1):
            triangle = np.interp(at, [first, top, last], [0, height[top], 0])
            best = min(best, (float(((padded - triangle) ** 2).sum()), last - first))
    assert triangle_base(height) == best[1]
    assert hrv(peaks_at(sample, fs)).value("tinn") == pytest.approx(best[1] * BIN_MS)


def test_fluctuations_grow_as_they_must() -> None:
    rng = np.random.default_rng(6)
    scales = np.arange(8, 65, 4)
    white = rng.standard_normal(20_000)

    def slope(x: np.ndarray) -> float:
        return float(np.polyfit(np.log(scales), np.log(fluctuations(x, scales)), 1)[0])

    assert slope(white) == pytest.approx(0.5, abs=0.06)
    assert slope(white.cumsum()) == pytest.approx(1.5, abs=0.06)


def test_an_unknown_spectrum_is_answered_with_the_list() -> None:
    with pytest.raises(EcgError, match=r"burg.*lomb-scargle, welch"):
        hrv(peaks_of([800]), method="burg")  # type: ignore[arg-type]


def test_empty_spectra_are_empty() -> None:
    for method in METHODS:
        assert spectrum(nn_intervals(peaks_of([800, 800])), method).frequency.size == 0


def test_windows_are_the_measures_of_their_stretches() -> None:
    sample, fs = hour()
    nn = nn_intervals(peaks_at(sample, fs))
    windows = hrv_windows(nn, 3590.0)
    assert windows["start"].tolist() == [300.0 * k for k in range(12)]
    assert windows["stop"].iloc[-1] == 3590
    assert windows["intervals"].sum() == nn.normal.size
    inside = sample[(sample >= 300 * fs) & (sample < 600 * fs)]
    alone = hrv(peaks_at(np.concatenate((sample[sample < 300 * fs][-1:], inside)), fs))
    for name in TRENDS:
        assert windows[name].iloc[1] == pytest.approx(alone.value(name)), name
    assert "RMSSD (ms)" in trend_table(windows)


def test_a_window_that_is_hardly_covered_has_no_measures() -> None:
    sample, fs = rest()
    nn = nn_intervals(peaks_at(sample, fs))
    windows = hrv_windows(nn, 900.0)
    assert windows["sdnn"].notna().tolist() == [True, False, False]
    assert windows["covered"].iloc[2] == 0


@pytest.mark.parametrize("method", METHODS)
def test_total_power_holds_what_is_too_slow_for_the_stretch_to_name(method: Method) -> None:
    """Five minutes: VLF is not available, and total power is the variance up to 0.4 Hz."""
    time = np.cumsum(np.full(376, 0.8))
    rr = 800 + 30 * np.sin(2 * np.pi * 0.02 * time) + 20 * np.sin(2 * np.pi * 0.1 * time)
    found = hrv(peaks_of(rr), method=method)
    assert not found.by_name["vlf"].available
    named = found.value("lf") + found.value("hf")
    assert found.value("total_power") - named == pytest.approx(0.5 * 30**2, rel=0.15)
    if method == "lomb-scargle":
        assert found.value("total_power") == pytest.approx(found.value("sdnn") ** 2, rel=0.02)


def test_a_last_window_of_less_than_half_the_length_says_nothing() -> None:
    sample, fs = hour()
    nn = nn_intervals(peaks_at(sample, fs))
    for end, there in ((3100.0, False), (3160.0, True)):
        windows = hrv_windows(nn.within(0, end), end)
        assert windows["covered"].iloc[-1] > 0.5
        assert bool(windows["mean_hr"].notna().iloc[-1]) is there
        assert windows["mean_hr"].notna().iloc[:-1].all()
    alone = hrv_windows(nn.within(0, 100.0), 100.0)  # there are no others
    assert alone["mean_hr"].notna().tolist() == [True]
