import numpy as np
import pytest

from ecgcore.dsp.filters import BandPass, BaselineMedians, Notch, apply_filters
from ecgcore.dsp.windowed import filtered_window

FS = 250.0


@pytest.mark.parametrize("spec", [BandPass(), Notch(freq=50.0), BaselineMedians()])
@pytest.mark.parametrize(("first", "stop"), [(0, 500), (4000, 6500), (9000, 10_000)])
def test_a_window_is_what_the_whole_would_show(spec, first, stop):
    rng = np.random.default_rng(0)
    trace = rng.standard_normal(10_000).cumsum() / 30
    whole = apply_filters(trace, FS, (spec,))
    part = filtered_window(trace, FS, first, stop, (spec,))
    assert part.shape == (stop - first,)
    assert np.abs(part - whole[first:stop]).max() < 0.01 * np.ptp(whole)


def test_gaps_stay_gaps():
    trace = np.sin(np.arange(2000) / 20)
    trace[800:900] = np.nan
    part = filtered_window(trace, FS, 700, 1000, (BandPass(),))
    assert np.isnan(part[100:200]).all()
    assert np.isfinite(part[:100]).all()
    assert np.isfinite(part[200:]).all()
