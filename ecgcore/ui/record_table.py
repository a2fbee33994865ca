"""The table of a database's records."""

from collections import Counter
from typing import Any

import pandas as pd
import streamlit as st

from ecgcore.aami import AAMI_CLASSES, AAMI_NAMES
from ecgcore.records.summary import RecordSummary
from ecgcore.safe_csv import safe_cells
from ecgcore.ui.text import plain, seconds

_ROW_PX = 35
_MOST_ROWS = 12  # more are scrolled


def record_table(rows: tuple[RecordSummary, ...], key: str) -> str | None:
    """Draw the table and return the record whose row was clicked, None where none was."""
    columns: dict[str, Any] = {
        "record": st.column_config.TextColumn(pinned=True),
        "fs (Hz)": st.column_config.NumberColumn(format="%g"),
        "beats": st.column_config.NumberColumn(format="localized"),
        "comments": st.column_config.TextColumn(width="large"),
    }
    for name in AAMI_CLASSES:
        columns[name] = st.column_config.NumberColumn(
            format="localized", help=AAMI_NAMES[name], width=58
        )
    shown = safe_cells(as_frame(rows))
    if not any(shown["notices"]):
        shown = shown.drop(columns="notices")
    event = st.dataframe(
        shown,
        hide_index=True,
        height=_ROW_PX * (min(len(rows), _MOST_ROWS) + 1) + 3,
        column_config=columns,
        on_select="rerun",
        selection_mode="single-cell",
        placeholder="–",
        key=key,
        alt="Records of the database",
    )
    cells = event.selection.cells
    return rows[int(cells[0][0])].name if cells else None


def as_frame(rows: tuple[RecordSummary, ...]) -> pd.DataFrame:
    """Return one row a record; durations in the unit that suits the longest."""
    longest = max((row.header.duration for row in rows if row.header), default=0.0)
    unit, size = ("s", 1) if longest < 120 else ("min", 60) if longest < 7200 else ("h", 3600)
    return pd.DataFrame(
        [
            {
                "record": row.name,
                "leads": ", ".join(row.header.leads) if row.header else "",
                "fs (Hz)": row.header.fs if row.header else None,
                f"duration ({unit})": round(row.header.duration / size, 1) if row.header else None,
                "beats": sum(row.beats.values()) if row.beats else None,
                **{name: (row.beats or {}).get(name) or None for name in AAMI_CLASSES},
                "notices": "can't be read"
                if row.fault
                else ", ".join(dict.fromkeys(notice.code for notice in row.notices)),
                "comments": _quoted(row.header.comments) if row.header else "",
            }
            for row in rows
        ]
    )


def totals(rows: tuple[RecordSummary, ...]) -> str:
    """Return in one line (Markdown) how much there is in all."""
    heads = [row.header for row in rows if row.header]
    beats: Counter[str] = Counter()
    for row in rows:
        beats.update(row.beats or {})
    parts = [f"{len(rows):,} records", seconds(sum(head.duration for head in heads))]
    if any(beats.values()):
        by_class = " · ".join(f"{c} {beats[c]:,}" for c in AAMI_CLASSES if beats[c])
        parts.append(f"{sum(beats.values()):,} annotated beats: {by_class}")
    else:
        parts.append("no beat annotations")
    return ", ".join(parts)


def notes(rows: tuple[RecordSummary, ...]) -> None:
    """Write under the table what its notices mean, each kind once, and what can't be read."""
    told: dict[str, list[str]] = {}
    example: dict[str, str] = {}
    for row in rows:
        for notice in row.notices:
            told.setdefault(notice.code, []).append(row.name)
            example.setdefault(notice.code, notice.text)
    for code, names in told.items():
        where = "all records" if len(set(names)) == len(rows) else plain(_some(names))
        st.caption(f"**{plain(code)}** ({where}): {plain(example[code])}")
    for row in [row for row in rows if row.fault][:5]:
        st.caption(f"**can't be read**: {plain(row.fault)}")


def _quoted(comments: tuple[str, ...]) -> str:
    # As a quotation, because it is one; it also keeps an age of -1 from being a formula.
    return f"“{' | '.join(comments)}”" if comments else ""


def _some(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
