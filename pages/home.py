"""Home: the way through, in the order in which one walks it."""

from ecgcore.ui.guard import inside_frame

inside_frame()

import streamlit as st

from ecgcore.ui import frame
from ecgcore.ui.current import current
from ecgcore.ui.pages import PAGES
from ecgcore.ui.text import plain, seconds

STEPS = {
    "signal": "Page through the recording, raw beside filtered, with annotated and detected "
    "R-peaks and where the two disagree.",
    "beats": "Beats aligned on their R-peak, mean and spread by class; RR tachogram, Poincaré "
    "plot and the feature table.",
    "spectrogram": "Short-time Fourier transform of any stretch, or of one beat.",
    "models": "The trained models: what they see, how they were tested, where they fail.",
    "explain": "Grad-CAM over a beat, on the signal's own time axis, for any class.",
    "compare": "Click a cell of the confusion matrix; set a wrong beat beside right ones.",
    "data": "What is on this machine, and PhysioNet databases to fetch.",
}

frame.title("home", strip=False)
now = current()
st.markdown(
    "BeatLens shows an ECG, what a model made of each beat, and **why** – and sets wrong "
    "predictions beside right ones until the reason shows. Choose a recording on the left, then "
    "go through the pages in order."
)
by_name = {entry.name: entry for entry in PAGES}
columns = st.columns(3)
for place, (name, text) in enumerate(STEPS.items()):
    entry = by_name[name]
    if not entry.file.exists():
        continue
    with columns[place % 3], st.container(border=True, height="stretch"):
        st.page_link(entry.file, label=f"**{entry.title}**", icon=entry.icon)
        st.caption(text)
st.caption(
    f"Chosen now: {plain(now.database.name)} / {plain(now.header.name)}, "
    f"{seconds(now.header.duration)}, leads {plain(', '.join(now.header.leads))}."
)
st.caption("**Not for clinical use.** A tool to explore models, not to diagnose people.")
