"""What can be fetched from PhysioNet: a row a database, with live progress."""

import os
from pathlib import Path

import streamlit as st

from ecgcore.records.database import Database
from ecgcore.records.downloads import DOWNLOADS, DownloadState
from ecgcore.records.physionet import SOURCES, Source
from ecgcore.settings import settings
from ecgcore.ui import cache
from ecgcore.ui.errors import boundary
from ecgcore.ui.text import plain

_POLL_S = 0.7
_ENDINGS = {"done": "green", "cancelled": "orange", "failed": "red"}


def download_panel() -> None:
    """Draw the rows; while something is fetched they draw themselves anew, without the page."""
    run_every = _POLL_S if DOWNLOADS.active() else None
    st.fragment(_rows, run_every=run_every)(polling=run_every is not None)


def obstacle(folder: Path, there: dict[str, Database]) -> str:
    """Return in a sentence why nothing can be fetched into ``folder``, "" where it can."""
    if any(folder.resolve() == database.root.resolve() for database in there.values()):
        return (
            "ECG_DATA_DIR names one database. To fetch others, set it to the folder above, "
            "which holds one folder a database."
        )
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return (
            f"Nothing can be fetched: {nearest} can't be written to. "
            "Set ECG_DATA_DIR to a folder that can."
        )
    return ""


def _rows(*, polling: bool) -> None:
    with boundary():
        there = cache.catalog()
        problem = obstacle(settings().data_dir, there)
        if problem:
            st.info(plain(problem), icon=":material/folder_off:")
        for source in SOURCES.values():
            _row(source, there.get(source.name), blocked=bool(problem))
    if polling != bool(DOWNLOADS.active()):  # the first began or the last ended
        cache.catalog.clear()  # what has come shows at once
        st.rerun()


def _row(source: Source, here: Database | None, *, blocked: bool) -> None:
    state = DOWNLOADS.state(source.name)
    active = state is not None and state.active
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        size = f"{len(here.records)} here" if here else f"about {source.megabytes} MB"
        with st.container(width="stretch", gap=None):
            st.markdown(f"**{source.name}** · [{source.title}]({source.page})")
            st.caption(f"{source.records} records: {source.contents} · **{size}**")
        _button(source, state, here, blocked=blocked)
    if active and state is not None:
        st.progress(_share(state), text=_progress_text(source, state))
    elif state is not None:
        st.caption(f":{_ENDINGS[state.phase]}[{plain(state.message)}]")


def _button(
    source: Source, state: DownloadState | None, here: Database | None, *, blocked: bool
) -> None:
    if state is not None and state.active:
        cancelling = state.phase == "cancelling"
        st.button(
            "Cancelling …" if cancelling else "Cancel",
            icon=":material/close:",
            disabled=cancelling,
            key=f"cancel_{source.name}",
            width=150,
            on_click=DOWNLOADS.cancel,
            args=(source.name,),
        )
        return
    complete = here is not None and len(here.records) >= source.records
    label = "Download" if here is None else "Verify" if complete else "Complete"
    st.button(
        label,
        icon=":material/verified:" if complete else ":material/download:",
        disabled=blocked,
        help="Compare every file with PhysioNet's checksums; fetch what is missing or differs; "
        "a file that differs is set aside, not lost."
        if here
        else f"From {settings().physionet_url}, about {source.megabytes} MB.",
        key=f"download_{source.name}",
        width=150,
        on_click=_start,
        args=(source.name,),
    )


def _start(name: str) -> None:
    DOWNLOADS.start(name)


def _share(state: DownloadState) -> float:
    """Return how far a download is, 0 to 1: by files, because only their number is certain."""
    now = state.progress
    return now.files_done / now.files_total if now.files_total else 0.0


def _progress_text(source: Source, state: DownloadState) -> str:
    now = state.progress
    if not now.files_total:
        return "asking for the list of files …"
    return (
        f"{now.files_done} of {now.files_total} files, {now.bytes_received / 1e6:.1f} MB of about "
        f"{source.megabytes} MB received – {plain(now.file)}"
    )
