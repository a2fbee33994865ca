"""The signal that is looked at, where a page has nothing else to show of it yet."""

from typing import Final

import streamlit as st

from ecgcore.plots.signal import SignalWindow, signal_figure
from ecgcore.ui import cache
from ecgcore.ui.current import Current, current_theme
from ecgcore.ui.pager import clamp
from ecgcore.ui.pages import go_to
from ecgcore.ui.state import view

_SECONDS: Final = 10.0


def meanwhile(now: Current) -> None:
    """Draw ten seconds of the recording, at the chosen beat or time, with its annotated R-peaks."""
    fs, duration, peaks = now.header.fs, now.header.duration, cache.annotated(now.key)
    beat, left = view().beat, view().time
    if peaks is not None and beat is not None and beat < len(peaks):
        left = float(peaks.sample[beat]) / fs - _SECONDS / 2
    first = round(clamp(left, _SECONDS, duration) * fs)
    stop = min(first + round(_SECONDS * fs), now.header.length)
    window = SignalWindow(
        start=first,
        fs=fs,
        lead=now.lead,
        unit=now.header.units[now.header.leads.index(now.lead)],
        raw=cache.trace(now.key, now.lead)[first:stop],
        annotated=peaks,
        annotations=cache.annotations(now.key)[0],
    )
    st.plotly_chart(
        signal_figure(window, current_theme()),
        theme=None,
        config={"displayModeBar": False},
        key="meanwhile",
        alt=f"ECG of {now.header.name}, lead {now.lead}, {first / fs:g} to {stop / fs:g} s",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            "The signal as it was recorded"
            + (", annotated R-peaks above it." if peaks is not None else ".")
            + " What a network says of its beats stands here as soon as they are classified; that "
            "is kept, and the next visit has it at once."
        )
        if st.button("Open in Signal", icon=":material/ecg_heart:", key="meanwhile_signal"):
            go_to("signal")
