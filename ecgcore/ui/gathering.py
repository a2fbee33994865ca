"""Classified recordings for a page: progress while they are made, then the predictions."""

import streamlit as st

from ecgcore.background import BACKGROUND, Report
from ecgcore.compare.gather import Gathered, GatherKey, gather
from ecgcore.errors import EcgError
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.records.database import Database
from ecgcore.schema import Predictions, RecordHeader
from ecgcore.training.store import ANNOTATED, DETECTOR
from ecgcore.ui import cache
from ecgcore.ui.background import result_of
from ecgcore.ui.current import Current


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

    def work(report: Report) -> Gathered:
        return gather(key, checkpoint, database, report)

    found: Gathered | None = result_of(
        key,
        work,
        what="Classifying",
        name="gather",
        kept="what was classified" if len(headers) > 1 else "",
    )
    if found is not None and found.failed:
        st.button(
            "Try what failed again",
            icon=":material/refresh:",
            key="gather_retry",
            on_click=lambda: BACKGROUND.start(key, work, again=True),
        )
    return found


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
