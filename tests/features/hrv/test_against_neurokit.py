"""Every figure beside NeuroKit2's of the same beats; ``make_reference.py`` wrote those.

Tolerances are relative and stand beside each measure, with the reason where it is not rounding.

Not compared is TINN: NeuroKit2's search for the triangle doesn't begin M anew for each N and stops
at errors above 2^14, so that it says 0 ms of an hour and of a day. Ours is checked against all
triangles there are (``test_measures``).
"""

import json
from pathlib import Path

import pytest

from ecgcore.features.hrv.analysis import HRV, hrv
from tests.features.hrv.peaks import peaks_at
from tests.features.hrv.series import SERIES

REFERENCE = json.loads((Path(__file__).parent / "reference.json").read_text())["series"]

ROUNDING = 1e-9
FIGURES = {
    "mean_nn": ("HRV_MeanNN", ROUNDING),
    "median_nn": ("HRV_MedianNN", ROUNDING),
    "min_nn": ("HRV_MinNN", ROUNDING),
    "max_nn": ("HRV_MaxNN", ROUNDING),
    "sdnn": ("HRV_SDNN", ROUNDING),
    "rmssd": ("HRV_RMSSD", ROUNDING),
    "sdsd": ("HRV_SDSD", ROUNDING),
    "sdann": ("HRV_SDANN5", 1e-3),  # its 5 minutes are counted from the first beat
    "sdnn_index": ("HRV_SDNNI5", 1e-3),
    "pnn50": ("HRV_pNN50", 3e-3),  # it divides by one more than there are steps
    "pnn20": ("HRV_pNN20", 3e-3),
    "triangular_index": ("HRV_HTI", 0.01),  # its bins begin at the shortest interval
    "sd1": ("HRV_SD1", ROUNDING),
    "sd2": ("HRV_SD2", ROUNDING),
    "sd1_sd2": ("HRV_SD1SD2", ROUNDING),
    "ellipse_area": ("HRV_S", ROUNDING),
    "sample_entropy": ("SampEn", ROUNDING),
    "approximate_entropy": ("ApEn", ROUNDING),
    "dfa_alpha1": ("DFA_alpha1", 3e-3),  # a day: it fits lines through the profile as it stands
    "dfa_alpha2": ("DFA_alpha2", 3e-3),
}


@pytest.fixture(scope="module", params=list(SERIES))
def case(request: pytest.FixtureRequest) -> tuple[str, HRV, HRV]:
    sample, fs = SERIES[request.param]()
    peaks = peaks_at(sample, fs)
    return request.param, hrv(peaks, method="lomb-scargle"), hrv(peaks, method="welch")


def test_time_geometry_poincare_and_dynamics(case: tuple[str, HRV, HRV]) -> None:
    name, found, _ = case
    compared = 0
    for ours, (theirs, tolerance) in FIGURES.items():
        if ours in found.by_name and found.by_name[ours].available and theirs in REFERENCE[name]:
            expected = REFERENCE[name][theirs]
            assert found.value(ours) == pytest.approx(expected, rel=tolerance), ours
            compared += 1
    assert compared >= {"rest": 16, "hour": 19, "day": 15}[name]


def test_lomb_scargle(case: tuple[str, HRV, HRV]) -> None:
    """Theirs is astropy's periodogram on a grid five times as fine, its area not scaled to ms².

    ULF is compared from 0.0003 Hz on: theirs fits a mean at each frequency, which takes a day's
    slowest waves out (test_a_days_spectrum_holds_its_variance).
    """
    name, found, _ = case
    scale = 2 * found.value("mean_nn") / 1000
    for band in ("vlf", "lf", "hf"):
        if found.by_name[band].available:
            theirs = REFERENCE[name][f"lomb_HRV_{band.upper()}"] * scale
            assert found.value(band) == pytest.approx(theirs, rel=0.03), band
    assert found.value("lf_hf") == pytest.approx(REFERENCE[name]["lomb_HRV_LFHF"], rel=0.03)
    if name != "rest":
        theirs = REFERENCE[name]["lomb_part_of_ULF"] * scale
        assert found.spectrum.power(0.0003, 0.003) == pytest.approx(theirs, rel=0.03)


def test_welch(case: tuple[str, HRV, HRV]) -> None:
    """Theirs has other segments, a quadratic spline, and no line taken out."""
    name, _, found = case
    for band, tolerance in (("vlf", 0.07), ("lf", 0.02), ("hf", 0.05)):
        if found.by_name[band].available:
            theirs = REFERENCE[name][f"welch_HRV_{band.upper()}"]
            assert found.value(band) == pytest.approx(theirs, rel=tolerance), band
    assert found.value("lf_hf") == pytest.approx(REFERENCE[name]["welch_HRV_LFHF"], rel=0.06)


def test_a_days_spectrum_holds_its_variance(case: tuple[str, HRV, HRV]) -> None:
    name, found, _ = case
    if name == "day":
        variance = found.value("sdnn") ** 2
        assert found.value("total_power") == pytest.approx(variance, rel=0.02)
        assert found.value("ulf") > 0.8 * variance
