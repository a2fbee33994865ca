"""Beats & RR: how the beats of each class look, and the rhythm they stand in."""

from ecgcore.ui.guard import inside_frame

inside_frame()

import streamlit as st

from ecgcore.features.shapes import EXAMPLES
from ecgcore.features.table import feature_table
from ecgcore.plots.beats import FEW_BEATS, beats_figure
from ecgcore.plots.rhythm import MOST_BEATS, poincare, tachogram
from ecgcore.safe_csv import csv_bytes
from ecgcore.ui import cache, frame
from ecgcore.ui.beat_controls import ANNOTATED, peak_source, window_picker
from ecgcore.ui.beat_links import clicked_beat, open_in_signal
from ecgcore.ui.current import current, current_theme
from ecgcore.ui.filter_picker import filter_picker
from ecgcore.ui.quality_note import beat_quality, quality_count
from ecgcore.ui.state import view

POINTS = 256
MOST_ROWS = 5_000

frame.title("beats")
now, theme = current(), current_theme()
source = peak_source(now)
specs = filter_picker(now.header.fs)
window = window_picker()
peaks = cache.peaks(now.key, source, now.lead)
unit = now.header.units[now.header.leads.index(now.lead)]

choices = st.container(horizontal=True, vertical_alignment="center")
layout = choices.segmented_control(
    "Classes",
    ["Overlaid", "Side by side"],
    default="Overlaid",
    required=True,
    key="beats_layout",
    label_visibility="collapsed",
)
single = choices.toggle("Single beats", key="single_beats")
shapes, axis = cache.shapes(now.key, source, now.lead, specs, window, POINTS)
st.plotly_chart(
    beats_figure(
        shapes,
        axis,
        theme,
        axis_title=f"time from the {'annotated' if source == ANNOTATED else 'detected'} R-peak (s)",
        value_title=f"{now.lead} ({unit})",
        apart=layout == "Side by side",
        examples=single,
    ),
    theme=None,
    config={"displayModeBar": False},
    key="beats_figure",
    alt=f"Mean beat of each class of {now.header.name}, lead {now.lead}",
)
few = ", ".join(s.name for s in shapes if s.count < FEW_BEATS and layout == "Overlaid")
left_out = sum(shape.left_out for shape in shapes)
quality = beat_quality(now.key, peaks, now.lead)
doubtful = quality_count(quality)
st.caption(
    "Line: mean of the class; band: holds 80 % of its beats at each instant."
    + (f" Thin lines: up to {EXAMPLES} single beats, evenly over the recording." * single)
    + (" A line ends where fewer than half of the windows reach." * (window.kind != "fixed"))
    + (f" Fewer than {FEW_BEATS} beats: click {few} in the legend to see them." if few else "")
    + (f" {left_out:,} beats touch a gap and are left out." if left_out else "")
    + (f" {doubtful} The feature table marks them." if doubtful else "")
)

panel = st.segmented_control(
    "Below",
    ["Rhythm", "Feature table"],
    default="Rhythm",
    required=True,
    key="beats_panel",
    label_visibility="collapsed",
)
rr = cache.rr(now.key, source, now.lead)
chosen: int | None = None
if panel == "Rhythm":
    marked = view().beat if source == ANNOTATED else None
    pre, post = rr.column("pre"), rr.column("post")
    row = st.container(horizontal=True)
    for name, width, figure in (
        ("tachogram", "stretch", tachogram(peaks, pre, theme, chosen=marked)),
        ("poincare", 310, poincare(peaks, pre, post, theme, chosen=marked)),
    ):
        event = row.plotly_chart(
            figure,
            width=width,
            theme=None,
            config={"displayModeBar": False, "scrollZoom": True},
            key=name,
            on_select="rerun",
            selection_mode="points",
            alt=f"{name} of {now.header.name}",
        )
        chosen = clicked_beat(event) if chosen is None else chosen
    st.caption(
        "Each point is a beat; click one to open it in the signal. In the Poincaré plot an early "
        "beat before a pause lies above the diagonal, the beat after the pause below it. "
        "Intervals longer than three medians lie outside."
        + (" Of many beats those are drawn that show." * (len(peaks) > MOST_BEATS))
    )
else:
    table = feature_table(peaks, rr, quality)
    event = st.dataframe(
        table.head(MOST_ROWS),
        hide_index=True,
        height=360,
        on_select="rerun",
        selection_mode="single-row",
        key="feature_table",
    )
    chosen = next(iter(event.selection.rows), None)
    bottom = st.container(horizontal=True, vertical_alignment="center")
    bottom.download_button(
        "CSV",
        lambda: csv_bytes(table),
        file_name=f"{now.header.database}-{now.header.name.replace('/', '-')}-rr.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    bottom.caption(
        f"{len(table):,} beats"
        + (f", the first {MOST_ROWS:,} shown" if len(table) > MOST_ROWS else "")
        + ". Select a row to open the beat in the signal; the CSV has them all."
    )
if chosen is not None and chosen < len(peaks):
    open_in_signal(peaks, chosen, now.header.duration)
