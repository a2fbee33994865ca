"""Classified recordings for a page: progress while they are made, then the predictions."""

import streamlit as st

from ecgcore.compare.gather import GATHERINGS, Gathered, GatherKey
from ecgcore.errors import EcgError
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.records.catalog import Database
from ecgcore.schema import Predictions, RecordHeader
from ecgcore.training.store import ANNOTATED, DETECTOR
from ecgcore.ui import cache
from ecgcore.ui.current import Current
from ecgcore.ui.errors import boundary
from ecgcore.ui.text import plain

_POLL_S = 0.6
_PATIENCE_S = 1.5  # what is on disk already comes sooner than a progress bar would be read


def gathered(
    checkpoint: Checkpoint,
    database: Database,
    headers: tuple[RecordHeader, ...],
    *,
    source: str,
    lead: str | None = None,
) -> Gathered | None:
    """Return a set's predictions, or None after drawing how far they are.

    The work is done in a thread; the page runs again by itself when it is done.
    """
    key = GatherKey(
        checkpoint=checkpoint.name,
        digest=checkpoint.digest,
        database=database.name,
        records=tuple((head.name, head.digest) for head in headers),
        source=source,
        lead=lead,
        partial=tuple(head.name for head in headers if head.partial),
    )
    state = GATHERINGS.state(key)
    if state is None:
        _start(key, checkpoint, database)
        state = GATHERINGS.wait(key, _PATIENCE_S)
    if state is not None and state.phase == "done":
        if state.failed:
            _failed(key, checkpoint, database)
        return state
    if state is not None and state.phase == "cancelled":
        _stopped(key, checkpoint, database)
    else:
        st.fragment(_progress, run_every=_POLL_S)(key)
    return None


def classified(checkpoint: Checkpoint, now: Current) -> Predictions | None:
    """Return one recording's predictions; without annotated beats, of detected ones.

    None while they are made. Raises EcgError when the recording can't be classified.
    """
    source = DETECTOR if cache.annotated(now.key) is None else ANNOTATED
    state = gathered(checkpoint, now.database, (now.header,), source=source)
    if state is None:
        return None
    if not state.found:
        raise EcgError(state.failed[0][1])
    return state.found[0]


def _progress(key: GatherKey) -> None:
    with boundary():
        state = GATHERINGS.state(key)
        if state is None or state.phase != "running":
            st.rerun()
        text = f"Classifying {state.done + 1} of {state.total}: {plain(state.current)}"
        row = st.container(horizontal=True, vertical_alignment="center")
        row.progress(state.done / max(1, state.total), text=text)
        row.button(
            "Cancel",
            icon=":material/close:",
            key="gather_cancel",
            on_click=lambda: GATHERINGS.cancel(key),
        )


def _stopped(key: GatherKey, checkpoint: Checkpoint, database: Database) -> None:
    row = st.container(horizontal=True, vertical_alignment="center")
    row.info("Cancelled. What was classified is kept.", icon=":material/pause:")
    row.button(
        "Go on",
        icon=":material/play_arrow:",
        key="gather_again",
        on_click=_start,
        args=(key, checkpoint, database),
    )


def _failed(key: GatherKey, checkpoint: Checkpoint, database: Database) -> None:
    st.button(
        "Try what failed again",
        icon=":material/refresh:",
        key="gather_retry",
        on_click=_start,
        args=(key, checkpoint, database),
    )


def _start(key: GatherKey, checkpoint: Checkpoint, database: Database) -> None:
    GATHERINGS.start(key, lambda: checkpoint, database)
