"""Signal: the recording, raw beside filtered, with annotated and detected R-peaks."""

from ecgcore.ui.guard import inside_frame

inside_frame()

import streamlit as st

from ecgcore.dsp.detectors import DETECTORS
from ecgcore.dsp.filters import frequency_response
from ecgcore.dsp.quality_seconds import bad_stretches
from ecgcore.dsp.windowed import filtered_window
from ecgcore.plots.response import response_figure
from ecgcore.plots.signal import SignalWindow, signal_figure
from ecgcore.ui import cache, frame, layer_compare, layer_editing, layer_tools, pager, tables
from ecgcore.ui.current import current, current_theme
from ecgcore.ui.filter_picker import describe, filter_picker
from ecgcore.ui.first_look import look_through
from ecgcore.ui.layer_panel import layer_panel
from ecgcore.ui.overview import overview
from ecgcore.ui.state import set_view, view

frame.title("signal")
now, theme = current(), current_theme()
fs, duration = now.header.fs, now.header.duration
specs = filter_picker(fs)
st.session_state["span"] = pager.settle_span(duration)
with st.sidebar:
    detector = st.selectbox("R-peak detector", list(DETECTORS), key="detector")
    st.selectbox(
        "Window",
        pager.spans(duration),
        format_func=pager.span_name,
        key="span",
        on_change=lambda: set_view(span=st.session_state["span"]),
    )
    long = view().span > pager.PAPER_SPAN
    paper = st.toggle("ECG paper (25 mm/s, 10 mm/mV)", key="paper", disabled=long) and not long

look_through(now, detector)
left = pager.settle(duration)
first = round(left * fs)
stop = min(first + round(view().span * fs), now.header.length)
trace = cache.trace(now.key, now.lead)
annotated, beat = cache.annotated(now.key), view().beat
marked = (
    annotated.sample[[beat]] if annotated and beat is not None and beat < len(annotated) else ()
)
window = SignalWindow(
    start=first,
    fs=fs,
    lead=now.lead,
    unit=now.header.units[now.header.leads.index(now.lead)],
    raw=trace[first:stop],
    filtered=filtered_window(trace, fs, first, stop, specs) if specs else None,
    filter_name=describe(specs),
    annotated=annotated,
    detected=cache.detected(now.key, detector, now.lead),
    match=cache.agreement(now.key, detector, now.lead),
    annotations=cache.annotations(now.key)[0],
    marked=tuple(int(sample) for sample in marked),
    bad=tuple(bad_stretches(cache.quality(now.key, now.lead))),
)
hand = layer_editing.in_hand(now, window)
st.plotly_chart(
    signal_figure(layer_editing.pointed(hand, window), theme, paper=paper, pick=hand is not None),
    theme=None,
    config={"displaylogo": False, "scrollZoom": True},
    key="signal_figure",
    on_select="ignore" if hand is None else layer_editing.clicked(hand),
    selection_mode="points",
    alt=f"ECG of {now.header.name}, lead {now.lead}, {left:g} to {stop / fs:g} s",
)
pager.pager(
    duration,
    fs,
    layer_compare.differences(now) | tables.jump_targets(window) | tables.bad_targets(window),
)
layer_tools.editing_row(now, hand)


overview(now, "annotated" if annotated else detector, (left, stop / fs), theme)

panel = st.segmented_control(
    "Below",
    ["Agreement", "Filter response", "Annotations here", "Layers"],
    default="Agreement",
    key="signal_panel",
    label_visibility="collapsed",
)
if panel == "Agreement":
    tables.agreement(window)
    tables.untrusted(window)
elif panel == "Filter response":
    curves = {describe((s,)): c for s in specs if (c := frequency_response(s, fs)) is not None}
    if curves:
        st.plotly_chart(response_figure(curves, theme, highest=fs / 2), theme=None, key="response")
    st.caption(
        "Applied forwards and backwards (zero phase), so the magnitude is squared. Running medians "
        "are not linear: no frequency response is defined for them."
    )
elif panel == "Annotations here":
    tables.annotations(window)
elif panel == "Layers":
    layer_panel(now)
