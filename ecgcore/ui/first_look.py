"""The first visit to a long recording: it is gone through once, and the page says how far it is.

Streamlit ends a script where it writes to the page, so leaving or choosing something else while
the bar moves ends the work; nothing half is kept.
"""

import threading
from collections.abc import Callable
from typing import Final

import streamlit as st

from ecgcore.dsp.survey_store import has_peaks, is_surveyed, stored_peaks, stored_survey
from ecgcore.ui import cache
from ecgcore.ui.current import Current
from ecgcore.ui.text import seconds

_WAIT_S: Final = 0.5
_guard: Final = threading.Lock()  # two people who open the same recording: one goes through it


def look_through(now: Current, detector: str | None = None) -> None:
    """See to it that the survey, and a detector's R-peaks, of what is looked at are at hand."""
    trace = cache.trace(now.key, now.lead)  # of the recording itself, whatever layer is over it
    base, header, lead = trace.database, trace.header, trace.lead
    what = f"{seconds(header.duration)} of {header.name}, lead {lead}"
    if not is_surveyed(header, lead):
        _with_bar(
            f"First visit: looking through {what}",
            lambda tell: stored_survey(base, header, lead, tell),
        )
    if detector is not None and not has_peaks(header, detector, lead):
        _with_bar(
            f"First visit: finding the R-peaks of {what}",
            lambda tell: stored_peaks(base, header, detector, lead, tell),
        )


def _with_bar(what: str, work: Callable[[Callable[[float], None]], object]) -> None:
    place = st.empty()
    place.progress(0.0, text=f"{what} …")
    while not _guard.acquire(timeout=_WAIT_S):
        place.progress(0.0, text=f"{what}: waiting for another window …")
    try:
        work(lambda share: _show(place, share, what))
    finally:
        _guard.release()
    place.empty()


def _show(place: "st.delta_generator.DeltaGenerator", share: float, what: str) -> None:
    place.progress(min(share, 1.0), text=f"{what} … {share:.0%}. Choose something else to stop.")
