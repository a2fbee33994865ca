"""Home: the chosen recording at a glance, and the way through."""

from ecgcore.ui.guard import inside_frame

inside_frame()

import streamlit as st

from ecgcore.plots.signal import SignalWindow, signal_figure
from ecgcore.ui import cache, frame
from ecgcore.ui.current import current, current_theme
from ecgcore.ui.pages import PAGES

STEPS = {
    "signal": "Page through the recording, raw beside filtered; see where annotated and "
    "detected R-peaks disagree.",
    "detectors": "Two R-peak detectors side by side: where they differ, who is right.",
    "beats": "Beats aligned on their R-peak, mean and spread by class; tachogram, Poincaré "
    "plot, feature table.",
    "hrv": "Heart rate variability: spectrum, Poincaré plot, measures by the Task Force, trends.",
    "spectrogram": "Short-time Fourier transform of any stretch, or of one beat.",
    "train": "Choose a network and how it learns, see what it costs; live curves, run beside run.",
    "models": "The trained models: what they see, how they were tested, where they fail.",
    "explain": "Ten methods, Grad-CAM and kin, over a beat for any class; can the map be trusted?",
    "compare": "Find the errors that cost most; set a wrong beat beside right ones until the "
    "reason shows; review labels.",
    "batch": "Many recordings at once: which stand out by their beats, rhythm or signal.",
    "guide": "Each method in plain words, with its limits, and a glossary.",
    "results": "Published tables beside ours, by one protocol, and on whom each figure hangs.",
    "data": "What is on this machine, and PhysioNet databases to fetch.",
}
PER_ROW = 4
GLANCE_SECONDS = 10

frame.title("home")
now = current()
st.markdown(
    "BeatLens shows an ECG, what a model made of each beat, and **why** – and sets wrong "
    "predictions beside right ones until the reason shows. Choose a recording on the left, then "
    "walk through the pages in order."
)
trace = cache.trace(now.key, now.lead)[: round(GLANCE_SECONDS * now.header.fs)]
glance = SignalWindow(
    start=0,
    fs=now.header.fs,
    lead=now.lead,
    unit=now.header.units[now.header.leads.index(now.lead)],
    raw=trace,
    annotated=cache.annotated(now.key),
)
figure = signal_figure(glance, current_theme()).update_layout(height=260, showlegend=False)
st.plotly_chart(
    figure,
    theme=None,
    config={"displayModeBar": False},
    key="glance",
    alt=f"The first {GLANCE_SECONDS} s of {now.header.name}",
)
steps = [(entry, STEPS[entry.name]) for entry in PAGES if entry.name in STEPS]
steps.sort(key=lambda step: list(STEPS).index(step[0].name))
for first in range(0, len(steps), PER_ROW):
    row = steps[first : first + PER_ROW]
    for column, (entry, text) in zip(st.columns(PER_ROW), row, strict=False):
        with column, st.container(border=True, height="stretch"):
            st.page_link(entry.file, label=f"**{entry.title}**", icon=entry.icon)
            st.caption(text)
st.caption("**Not for clinical use.** A tool to explore models, not to diagnose people.")
