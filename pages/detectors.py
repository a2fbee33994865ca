"""Detectors: two R-peak detectors side by side, their disagreements, their stages, the league."""

from ecgcore.ui.guard import inside_frame

inside_frame()

import streamlit as st

from ecgcore.dsp.detectors import detector_title
from ecgcore.experiments.detector_league import read_league, read_speed
from ecgcore.plots.pan_tompkins import stages_figure
from ecgcore.plots.two_detectors import TwoDetectors, two_detectors_figure
from ecgcore.ui import cache, detector_view, frame, pager
from ecgcore.ui.current import current, current_theme
from ecgcore.ui.first_look import look_through
from ecgcore.ui.state import view

frame.title("detectors")
now, theme = current(), current_theme()
fs, duration = now.header.fs, now.header.duration
names = detector_view.pick_two()
for name in names:
    look_through(now, name)
left = pager.settle(duration)
span = view().span
first = round(left * fs)
stop = min(first + round(span * fs), now.header.length)
trace = cache.trace(now.key, now.lead)
peaks = (cache.detected(now.key, names[0], now.lead), cache.detected(now.key, names[1], now.lead))
match = cache.between_detectors(now.key, names, now.lead)
window = TwoDetectors(
    start=first,
    fs=fs,
    lead=now.lead,
    unit=now.header.units[now.header.leads.index(now.lead)],
    raw=trace[first:stop],
    titles=(detector_title(names[0]), detector_title(names[1])),
    peaks=peaks,
    match=match,
)
st.plotly_chart(
    two_detectors_figure(window, theme),
    theme=None,
    config={"displaylogo": False, "scrollZoom": True},
    key="two_detectors",
    alt=f"R-peaks by {window.titles[0]} and {window.titles[1]}, {left:g} to {stop / fs:g} s",
)
table = detector_view.disagreements(match, peaks, cache.annotated(now.key))
targets = {"disagreement": table["sample"].to_numpy()} if len(table) else {}
pager.pager(duration, fs, targets | {f"beat of {window.titles[0]}": peaks[0].sample})

panel = st.segmented_control(
    "Below",
    ["Disagreements", "Stages of Pan–Tompkins", "League table"],
    default="Disagreements",
    key="detectors_panel",
    label_visibility="collapsed",
)
if panel == "Disagreements":
    cells = {
        window.titles[0]: len(peaks[0]),
        window.titles[1]: len(peaks[1]),
        "found by both": len(match.pairs),
        "only by one": len(table),
    }
    if names[0] != names[1]:
        for column, (label, count) in zip(st.columns(len(cells)), cells.items(), strict=True):
            column.metric(label, f"{count:,}")
    detector_view.disagreement_list(table, fs, duration)
elif panel == "Stages of Pan–Tompkins":
    begin = max(0, first - round(60 * fs))  # its thresholds learn from what comes before
    stretch, stages = cache.pan_tompkins_stages(now.key, now.lead, begin, stop)
    st.plotly_chart(
        stages_figure(stretch, stages, first - begin, stop - begin, begin, theme),
        theme=None,
        config={"displaylogo": False},
        key="stages",
        alt="Band-pass, derivative, square and integration of the window, with both thresholds",
    )
    st.caption(
        "A peak of stage 4 is a QRS complex where it passes the threshold there and its deflection "
        "passes that of stage 1. One within 360 ms of the last, and less than half as steep, is a "
        "T wave. Where a beat is overdue, search-back looks again at half the threshold. "
        "Thresholds are learnt from the minute before this window."
    )
elif panel == "League table":
    detector_view.league(read_league(), read_speed())
