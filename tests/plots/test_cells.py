"""Heat maps of whole numbers: what they say is what was given, within what a cell can tell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ecgcore.plots.cells import heatmaps, hundredths
from ecgcore.schema import Spectrogram

UNIT = "dB re 1 mV²/Hz"


def spectrum(power: np.ndarray, unit: str = UNIT) -> Spectrogram:
    rows, columns = power.shape
    return Spectrogram(
        power=power.astype(np.float32),
        frequency=np.arange(rows) * 0.7,
        time=3.0 + np.arange(columns) * 0.0125,
        unit=unit,
    )


decibels = arrays(np.float32, (5, 12), elements=st.floats(-139, 60, width=32))
gaps = st.sets(st.integers(0, 11), max_size=12)


@settings(max_examples=60)
@given(decibels, gaps)
def test_every_known_column_stands_where_it_was_to_half_a_decibel(power, missing) -> None:
    power[:, list(missing)] = np.nan
    drawn = heatmaps(spectrum(power), (-50, 0), bar=None)
    found = np.full(power.shape, np.nan)
    for heat in drawn:
        if heat.z.size:
            first = round((heat.x0 - 3.0) / heat.dx)
            found[:, first : first + heat.z.shape[1]] = heat.z
    np.testing.assert_array_equal(np.isnan(found), np.isnan(power))
    np.testing.assert_allclose(found, power, atol=0.5001)
    assert {(heat.y0, round(heat.dy, 6)) for heat in drawn} == {(0.0, 0.7)}


@given(arrays(np.float32, (4, 6), elements=st.floats(0, 1e4, width=32)), st.floats(1e-6, 1e3))
def test_linear_power_is_counted_in_a_power_of_ten_that_is_said(power, top) -> None:
    (heat,) = heatmaps(spectrum(power, "mV²/Hz"), (0.0, top), bar={"thickness": 14})
    step = top / heat.zmax
    assert np.log10(step) == pytest.approx(round(np.log10(step)), abs=1e-6)
    np.testing.assert_allclose(heat.z * step, power, atol=0.51 * step, rtol=1e-6)
    exponent = round(np.log10(step))
    if exponent:
        plain = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        assert heat.colorbar.title.text == f"10{plain} mV²/Hz"
        assert f"10{plain} mV²/Hz" in heat.hovertemplate
    assert heat.z.dtype.itemsize <= 2


def test_a_scale_stands_once_whatever_the_gaps() -> None:
    power = np.zeros((3, 9))
    power[:, [2, 5]] = np.nan
    drawn = heatmaps(spectrum(power), (-50, 0), bar={"thickness": 14})
    assert [heat.showscale for heat in drawn] == [True, False, False]
    assert drawn[0].colorbar.title.text == UNIT
    assert {heat.z.dtype for heat in drawn} == {np.dtype(np.int8)}


def test_nothing_known_is_an_empty_map() -> None:
    (heat,) = heatmaps(spectrum(np.full((3, 4), np.nan)), (0.0, 1.0), bar=None)
    assert heat.z.size == 0


def test_hundredths_keep_what_is_not_known() -> None:
    np.testing.assert_array_equal(hundredths(np.float32([-1, 0.124, 0.126])), [-100, 12, 13])
    assert np.isnan(hundredths(np.float32([np.nan, 0.5]))[0])
