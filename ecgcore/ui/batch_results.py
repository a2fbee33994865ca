"""What came of a batch, on the Batch page: figures, the summary, the way to a recording."""

from typing import Final

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ecgcore.batch.config import BatchConfig
from ecgcore.plots.batch import MOST, classes_figure, quality_figure, rhythm_figure
from ecgcore.safe_csv import csv_bytes, safe_cells
from ecgcore.ui import cache
from ecgcore.ui.current import current_theme
from ecgcore.ui.pages import go_to
from ecgcore.ui.state import set_view

_QUIET: Final = {"displayModeBar": False}
_FIRST: Final = (
    "record",
    "state",
    "lead",
    "duration_s",
    "beats",
    "untrusted_beats_percent",
    "mean_hr_per_min",
    "sdnn_ms",
)
_LAST: Final = ("notes", "said")
_UNITS: Final = {"_percent": "%", "_per_min": "1/min", "_ms": "ms", "_s": "s", "_hz": "Hz"}
_SHORT: Final = {"sdnn", "rmssd", "hr", "rr", "nn"}


def results(config: BatchConfig, summary: pd.DataFrame) -> None:
    """Draw the figures and the table of a batch."""
    theme = current_theme()
    st.markdown("**Beats other than normal, by predicted class**" + _cut(len(summary)))
    _draw(
        classes_figure(summary, theme),
        "batch_classes",
        "Share of beats of each class but N, by recording",
        "Beats were not classified, or the classes are people.",
    )
    left, right = st.container(key="stack_results").columns(2, gap="large")
    with left:
        st.markdown("**Heart rate and the spread of normal intervals**")
        _draw(
            rhythm_figure(summary, theme),
            "batch_rhythm",
            "SDNN over heart rate, a point a recording",
            "Heart rate variability was not asked for.",
        )
    with right:
        st.markdown("**Signal not to be trusted**" + _cut(len(summary)))
        _draw(
            quality_figure(summary, theme),
            "batch_quality",
            "Seconds without ECG or noisy, by recording",
            "Every recording carries ECG without much noise, from beginning to end.",
        )
    st.caption("Classes are a network's opinion: see its card for how often it is wrong.")
    _table(config, summary)


def _heading(name: str) -> str:
    """Return a column's name as people read it; the table's file keeps the name itself."""
    for ending, unit in _UNITS.items():
        if name.endswith(ending):
            name, unit = name.removesuffix(ending), f" ({unit})"
            break
    else:
        unit = ""
    words = name.removeprefix("beats_").split("_")
    return " ".join(word.upper() if word in _SHORT else word for word in words) + unit


def _format(name: str, kind: str) -> str:
    """Return how a column's numbers are written; ``kind`` is their dtype's."""
    if kind != "f":
        return "%d"
    return "%.2f" if name.endswith("_percent") else "%.4g"


def _cut(count: int) -> str:
    return f" (the {MOST} with most of {count:,})" if count > MOST else ""


def _draw(figure: go.Figure | None, key: str, alt: str, nothing: str) -> None:
    if figure is None:
        st.caption(nothing)
        return
    st.plotly_chart(figure, theme=None, config=_QUIET, key=key, alt=alt)


def _table(config: BatchConfig, summary: pd.DataFrame) -> None:
    st.markdown("**Recordings**")
    first = [name for name in _FIRST if name in summary]
    classes = [name for name in map(str, summary) if name.startswith("beats_")]
    rest = [name for name in map(str, summary) if name not in {*first, *classes, *_LAST}]
    place = first.index("beats") + 1 if "beats" in first else len(first)
    first = [*first[:place], *classes, *first[place:]]
    ordered = safe_cells(summary[[*first, *rest, *_LAST]].drop(columns="database"))
    event = st.dataframe(
        ordered,
        hide_index=True,
        key="batch_rows",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "record": st.column_config.TextColumn(pinned=True),
            **{
                name: st.column_config.NumberColumn(
                    _heading(name), help=name, format=_format(name, kind)
                )
                for name, kind in ((str(c), ordered[c].dtype.kind) for c in ordered)
                if kind in "fiu"
            },
        },
        placeholder="–",
    )
    chosen = [str(summary.iloc[row]["record"]) for row in event["selection"]["rows"]]
    known = config.database in cache.catalog()
    with st.container(horizontal=True):
        for name, page, icon in (
            ("See its signal", "signal", "ecg_heart"),
            ("Explain its beats", "explain", "lightbulb"),
        ):
            off = not chosen or not known or (page == "explain" and not config.classifies)
            if st.button(name, icon=f":material/{icon}:", key=f"batch_to_{page}", disabled=off):
                network = {"checkpoint": config.checkpoint} if config.classifies else {}
                set_view(database=config.database, record=chosen[0], **network)
                go_to(page)
        st.download_button(
            "Summary as CSV",
            csv_bytes(summary),
            "batch-summary.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
