"""The frame around every page: navigation, the pickers, the strip that says what is looked at."""

from pathlib import Path
from typing import Final

import streamlit as st

from ecgcore.aami import AAMI_CLASSES
from ecgcore.errors import EcgError
from ecgcore.plots.theme import AAMI_COLOURS
from ecgcore.schema import choose_lead
from ecgcore.settings import settings
from ecgcore.ui import cache
from ecgcore.ui.current import (
    Current,
    current,
    current_database,
    current_header,
    default_record,
)
from ecgcore.ui.errors import boundary
from ecgcore.ui.first_look import look_through
from ecgcore.ui.guard import framed
from ecgcore.ui.history import one_step_back
from ecgcore.ui.layer_person import keep_name
from ecgcore.ui.layer_picker import layer_picker
from ecgcore.ui.pages import BY_NAME, streamlit_pages
from ecgcore.ui.state import not_understood, read_url, set_view, shown, view, write_url
from ecgcore.ui.text import escaped, plain, seconds

_HERE: Final = Path(__file__).parent
_STYLE: Final = (_HERE / "style.css").read_text()


def run() -> None:
    """Draw the frame and the chosen page inside it."""
    st.set_page_config(
        page_title="BeatLens", page_icon=str(_HERE / "assets" / "icon.svg"), layout="wide"
    )
    st.html(f"<style>{_STYLE}</style>")
    one_step_back()
    st.logo(_HERE / "assets" / "logo.svg", size="large")
    read_url()
    page = st.navigation(streamlit_pages(), position="top")
    with framed():
        if odd := not_understood():
            told = ", ".join(plain(f"{name}={text[:40]}") for name, text in odd.items())
            st.warning(
                f"Not understood in the address and left out: {told}.", icon=":material/link_off:"
            )
        with boundary():
            _pickers()
        with boundary():
            page.run()
    keep_name()
    write_url()


def title(name: str, *, strip: bool = True, extra: tuple[str, ...] = ()) -> None:
    """Write a page's title and question, and the strip of what is looked at.

    ``extra`` are further items of the strip (a checkpoint, protocol badges), plain text.
    """
    entry = BY_NAME[name]
    st.html(
        f'<div class="bl-title"><h1>{escaped(entry.title)}</h1>'
        f"<span>{escaped(entry.question)}</span></div>"
    )
    if strip:
        looked_at(extra)


def looked_at(extra: tuple[str, ...] = ()) -> None:
    """Write the strip alone, for pages that know only under their title what goes into it."""
    now = current()
    look_through(now)
    st.html(_strip(now, extra))


def _strip(now: Current, extra: tuple[str, ...]) -> str:
    head = now.header
    items = [
        f"<b>{escaped(head.database)} / {escaped(head.name)}</b>",
        f"lead {escaped(now.lead)}",
        f"{head.fs:g} Hz",
        seconds(head.duration),
        "" if now.layer is None else f"layer <b>{escaped(now.layer.name)}</b>",
        _class_counts(now),
        *(escaped(item) for item in extra),
    ]
    badges = "".join(
        f'<span class="bl-badge" title="{escaped(notice.text)}">{escaped(notice.code)}</span>'
        for notice in cache.notices(now.key, now.lead)
    )
    cells = "".join(f"<span>{item}</span>" for item in items if item)
    return f'<div class="bl-strip" data-testid="strip">{cells}{badges}</div>'


def _class_counts(now: Current) -> str:
    peaks = cache.annotated(now.key)
    if peaks is None or peaks.aami is None:
        return "no beat annotations"
    counts = [(name, int((peaks.aami == name).sum())) for name in AAMI_CLASSES]
    chips = "".join(
        f'<span class="bl-class"><i style="background:{AAMI_COLOURS[name]}"></i>'
        f"{name}&nbsp;{count:,}</span>"
        for name, count in counts
        if count
    )
    return f"{len(peaks):,} beats {chips}"


def _pickers() -> None:
    there = cache.catalog()
    with st.sidebar:
        if not there:
            st.info("No recordings yet. The Data page fetches some.")
            return
        _select("Database", list(there), view().database or current_database().name, "database")
        try:
            base = current_database()
        except EcgError:
            return
        if base.synthetic:
            st.warning(
                "**Synthetic demo data.** Made by a program, not recorded from people. "
                + _why_demo(),
                icon=":material/science:",
            )
        _select("Record", list(base.records), view().record or default_record(base), "record")
        try:
            head = current_header(base)
            usual = head.leads[choose_lead(head.leads)]
            if view().lead and view().lead not in head.leads:
                st.warning(
                    f"There is no lead {plain(repr(view().lead))} here; {plain(usual)} is shown."
                )
                set_view(lead="")
            _select("Lead", list(head.leads), view().lead or usual, "lead")
            layer_picker(head)
            now = current()
        except EcgError:
            return  # the page says it; the boxes above let one choose again
        shown(database=now.database.name, record=now.header.name, lead=now.lead)


def _why_demo() -> str:
    folder = settings().data_dir
    if folder.is_dir():
        return f"No WFDB headers were found in {plain(str(folder))}; the Data page fetches some."
    return "Set `ECG_DATA_DIR` or open the Data page for real recordings."


def _select(label: str, options: list[str], chosen: str, field: str) -> None:
    """Show one field of the View as a select box; a value that is not there shows as empty."""
    key = f"pick_{field}"
    st.session_state[key] = chosen if chosen in options else None

    def changed() -> None:
        value = st.session_state[key]
        if value is not None:
            set_view(**{field: value})

    st.selectbox(label, options, key=key, on_change=changed, placeholder="choose …")
