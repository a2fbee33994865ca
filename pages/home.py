"""Home: the chosen recording at a glance, and the way through."""

from ecgcore.ui.guard import inside_frame

inside_frame()

import streamlit as st

from ecgcore.plots.signal import SignalWindow, signal_figure
from ecgcore.ui import cache, frame
from ecgcore.ui.current import current, current_theme
from ecgcore.ui.pages import PAGES

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
cards = PAGES[1:]  # all but this one
for first in range(0, len(cards), PER_ROW):
    row = cards[first : first + PER_ROW]
    for column, entry in zip(st.columns(PER_ROW), row, strict=False):
        with column, st.container(border=True, height="stretch"):
            st.page_link(entry.file, label=f"**{entry.title}**", icon=entry.icon)
            st.caption(entry.card)
st.caption("**Not for clinical use.** A tool to explore models, not to diagnose people.")
