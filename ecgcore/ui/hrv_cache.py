"""Heart rate variability that is kept between runs; like ``cache``, keyed by names and digests."""

import pandas as pd
import streamlit as st

from ecgcore.dsp.quality_seconds import noisy_stretches
from ecgcore.features.hrv.analysis import HRV, hrv_of
from ecgcore.features.hrv.nn import NN, nn_intervals
from ecgcore.features.hrv.record import bad_stretches
from ecgcore.features.hrv.spectrum import Method
from ecgcore.features.hrv.windows import hrv_windows
from ecgcore.ui import cache


@st.cache_resource(max_entries=32, show_spinner=False)
def nn(key: cache.RecordKey, source: str, lead: str) -> NN:
    """Return the NN intervals by the R-peaks of ``source``, bad and noisy signal left out."""
    whole = cache.survey(key, lead)
    bad = bad_stretches(cache.annotations(key)[0], whole.length, whole.bad)
    noisy = noisy_stretches(cache.quality(key, lead), whole.fs)
    return nn_intervals(cache.peaks(key, source, lead), bad, noisy)


@st.cache_resource(max_entries=32, show_spinner="Measuring …")
def found(key: cache.RecordKey, source: str, lead: str, method: Method) -> HRV:
    """Return every measure of the whole recording."""
    return hrv_of(nn(key, source, lead), method)


@st.cache_data(max_entries=16, show_spinner="Measuring window by window …")
def windows(
    key: cache.RecordKey, source: str, lead: str, method: Method, seconds: float
) -> pd.DataFrame:
    """Return the measures of consecutive windows of ``seconds``."""
    duration = cache.header(key.database, key.record, partial=key.partial).duration
    return hrv_windows(nn(key, source, lead), duration, seconds=seconds, method=method)
