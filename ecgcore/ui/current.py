"""What is chosen, resolved: the database, the record's header and the lead."""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from ecgcore.errors import RecordError
from ecgcore.layers.layer import Layer
from ecgcore.plots.theme import THEMES, Theme
from ecgcore.records.database import Database
from ecgcore.records.demo import NAME as DEMO
from ecgcore.records.overlay import Overlay, overlaid, overlaid_header
from ecgcore.schema import RecordHeader, choose_lead
from ecgcore.ui import cache, layer_cache
from ecgcore.ui.state import set_view, view

DEMO_RECORD: Final = "demo03"


@dataclass(frozen=True, kw_only=True)
class Current:
    """The recording that is looked at."""

    database: Database  # with the layer in place of its recording's own annotations
    header: RecordHeader
    lead: str
    layer: Layer | None = None  # over this recording

    @property
    def key(self) -> cache.RecordKey:
        """Its cache key."""
        return cache.record_key(self.header)


def current_database() -> Database:
    """Return the chosen database, else the first.

    Raises RecordError when the one in the URL is not here.
    """
    there = cache.catalog()
    wanted = view().database
    if wanted == DEMO and wanted not in there:  # real recordings have come in its place
        set_view(database="")
        wanted = ""
    if wanted and wanted not in there:
        raise RecordError(
            f"There is no database {wanted!r} in the data folder; choose one on the left."
        )
    if not there:
        raise RecordError("There are no recordings; set ECG_DATA_DIR or open the Data page.")
    return there[wanted] if wanted else default_database(there)


def default_database(there: dict[str, Database]) -> Database:
    """Return what a first visit shows: mitdb where it is, else the first in the list."""
    return there.get("mitdb") or next(iter(there.values()))


def default_record(base: Database) -> str:
    """Return what is shown of a database first: of the demo, somebody with all kinds of beats."""
    return DEMO_RECORD if DEMO_RECORD in base.records and base.synthetic else base.records[0]


def current_header(base: Database) -> RecordHeader:
    """Return the chosen record's header. Raises RecordError when it is not there or unreadable."""
    wanted = view().record
    if wanted and wanted not in base.records:
        raise RecordError(f"There is no record {wanted!r} in {base.name}; choose one on the left.")
    return cache.header(base.name, wanted or default_record(base), partial=view().partial)


def current() -> Current:
    """Return what is chosen. Raises RecordError when the record or lead is not there."""
    base = current_database()
    head = current_header(base)
    lead = head.leads[choose_lead(head.leads, view().lead or None)]
    layer = layer_cache.layer(view().layer, base.name) if view().layer else None
    if layer is None:
        return Current(database=base, header=head, lead=lead)
    marks = layer_cache.annotations(layer.state)
    base = overlaid(base, Overlay(record=layer.record, layer=layer.state, annotations=marks))
    if layer.record != head.name:
        return Current(database=base, header=head, lead=lead)
    return Current(database=base, header=overlaid_header(head, layer.state), lead=lead, layer=layer)


def current_theme() -> Theme:
    """Return the colours of the page as the browser shows it."""
    kind = st.context.theme.type
    return THEMES.get(kind or "light", THEMES["light"])
