"""Data: what is on this machine, record by record, and what can be fetched."""

from ecgcore.ui.guard import inside_frame

inside_frame()

import streamlit as st

from ecgcore.records.physionet import SOURCES
from ecgcore.settings import settings
from ecgcore.ui import cache, frame
from ecgcore.ui.current import current_database
from ecgcore.ui.download_panel import download_panel
from ecgcore.ui.errors import boundary
from ecgcore.ui.pages import go_to
from ecgcore.ui.record_table import notes, record_table, totals
from ecgcore.ui.state import set_view
from ecgcore.ui.text import plain

frame.title("data", strip=False)

with boundary():
    there = cache.catalog()
    base = current_database()

    def chosen() -> None:
        if st.session_state["data_database"] is not None:
            set_view(database=st.session_state["data_database"])

    st.session_state["data_database"] = base.name
    st.pills(
        "Databases on this machine",
        list(there),
        format_func=lambda name: f"{name} · {len(there[name].records)}",
        key="data_database",
        on_change=chosen,
        help="Name and number of records.",
    )
    rows = cache.summaries(base.name)
    title = "Synthetic demo data" if base.synthetic else None
    title = title or (SOURCES[base.name].title if base.name in SOURCES else base.name)
    st.markdown(f"**{plain(title)}** – {plain(totals(rows))}.")
    st.caption("A click on a row opens the recording.")
    record = record_table(rows, key=f"records_{base.name}")
    if record is not None:
        set_view(database=base.name, record=record)
        go_to("signal")
    notes(rows)

st.markdown("##### Fetch from PhysioNet")
st.caption(
    f"Into `{settings().data_dir}` (set `ECG_DATA_DIR` to change it). Every file is verified by "
    "its SHA-256; a download that breaks off goes on where it stopped, and it needs no open page."
)
download_panel()
with st.expander("Licence and how to cite"):
    st.markdown(
        "All are published by PhysioNet under the "
        "[Open Data Commons Attribution License v1.0]"
        "(https://opendatacommons.org/licenses/by/1-0/): cite the database and PhysioNet "
        "(Goldberger et al., Circulation 101(23):e215–e220, 2000)."
    )
    st.markdown("\n".join(f"- **{s.name}**: {s.citation}" for s in SOURCES.values()))
