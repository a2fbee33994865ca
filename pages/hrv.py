"""HRV: how the heart rate varies, on the intervals between beats of sinus rhythm."""

from ecgcore.ui.guard import inside_frame

inside_frame()

import streamlit as st

from ecgcore.features.hrv.analysis import hrv_table
from ecgcore.features.hrv.measure import MEASURES
from ecgcore.features.hrv.nn import NN
from ecgcore.features.hrv.spectrum import METHODS
from ecgcore.features.hrv.windows import TRENDS, trend_table
from ecgcore.plots.hrv import poincare_figure, spectrum_figure
from ecgcore.plots.trend import cut_short, trend_figure
from ecgcore.safe_csv import csv_bytes
from ecgcore.ui import frame, hrv_cache
from ecgcore.ui.beat_controls import peak_source
from ecgcore.ui.current import current, current_theme
from ecgcore.ui.first_look import look_through
from ecgcore.ui.hrv_tables import measures
from ecgcore.ui.pager import cursor_at
from ecgcore.ui.pages import go_to
from ecgcore.ui.text import counted

WINDOWS = {60.0: "1 min", 120.0: "2 min", 300.0: "5 min", 600.0: "10 min", 1800.0: "30 min"}
SPECTRA = {"lomb-scargle": "Lomb–Scargle", "welch": "Welch"}
WHY = {
    "gap": "across gaps",
    "no ECG": "without ECG",
    "noisy": "in noise",
    "ectopic": "beside an ectopic beat",
    "irregular": "irregular",
}


def said(nn: NN) -> str:
    """Return how many intervals are NN, and why the others are not."""
    if not nn.normal.size:
        return "There are no two R-peaks, so no interval between them."
    left_out = ", ".join(f"{count:,} {WHY[reason]}" for reason, count in nn.left_out().items())
    return (
        f"**{nn.count:,} of {counted(nn.normal.size, 'RR interval')} are NN ({nn.share:.1%}).** "
        + (f"Left out: {left_out}. " if left_out else "")
        + "**Not for clinical use.**"
    )


frame.title("hrv")
now, theme = current(), current_theme()
source = peak_source(now)
with st.sidebar:
    method = st.selectbox(
        "Spectrum",
        METHODS,
        format_func=SPECTRA.__getitem__,
        key="hrv_method",
        help="Lomb–Scargle takes the intervals as they came. Welch resamples them at 4 Hz and "
        "averages segments of 5 minutes.",
    )
    seconds = st.selectbox(
        "Windows over time", list(WINDOWS), index=2, format_func=WINDOWS.__getitem__,
        key="hrv_window",
    )  # fmt: skip
if source != "annotated":
    look_through(now, source)
found = hrv_cache.found(now.key, source, now.lead, method)
st.caption(
    said(found.nn),
    help="NN: both beats are of sinus rhythm (N, L, R or B), the interval is no gap and touches no "
    "stretch without ECG, with ventricular flutter, or noisy. Of detected beats, whose class is "
    "not known, intervals that differ by more than a fifth from the median around them are left "
    "out too.",
)
row = st.container(horizontal=True)
for name, width, figure in (
    ("spectrum", "stretch", spectrum_figure(found, theme)),
    ("hrv_poincare", 350, poincare_figure(found, theme)),
):
    row.plotly_chart(
        figure,
        width=width,
        theme=None,
        config={"displayModeBar": False},
        key=name,
        alt=f"{name} of the NN intervals of {now.header.name}",
    )
panel = st.segmented_control(
    "Below",
    ["Measures", "Over time"],
    default="Measures",
    required=True,
    key="hrv_panel",
    label_visibility="collapsed",
)
file = f"{now.header.database}-{now.header.name.replace('/', '-')}-hrv"
if panel == "Measures":
    table = hrv_table(found)
    measures(found)
else:
    windows = hrv_cache.windows(now.key, source, now.lead, method, seconds)
    table, file = trend_table(windows), f"{file}-windows"
    chosen = st.selectbox(
        "Measure", TRENDS, index=TRENDS.index("rmssd"),
        format_func=lambda name: MEASURES[name].label, key="hrv_measure", width=260,
        label_visibility="collapsed",
    )  # fmt: skip
    event = st.plotly_chart(
        trend_figure(windows, chosen, theme),
        theme=None,
        config={"displayModeBar": False},
        key=f"hrv_trend_{chosen}",
        on_select="rerun",
        selection_mode="points",
        alt=f"{MEASURES[chosen].label} over time",
    )
    points = event.selection.points if event else []
    if points and points[0].get("customdata") is not None:
        place = points[0]["customdata"]
        cursor_at(float(place[0] if isinstance(place, list) else place), now.header.duration)
        go_to("signal")
    hollow = cut_short(windows) is not None and windows[chosen].notna().iloc[-1]
    st.caption(
        f"{MEASURES[chosen].help} A window of which NN intervals cover less than half has no "
        "value. Click a point to see that moment in the signal."
        + (" The last window is shorter: its point is hollow." if hollow else "")
    )
st.download_button(
    "CSV",
    lambda: csv_bytes(table),
    file_name=f"{file}.csv",
    mime="text/csv",
    icon=":material/download:",
    on_click="ignore",
)
