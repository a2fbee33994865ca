"""Controls in the sidebar that say which beats are meant and how they are cut."""

from typing import Final, Literal

import streamlit as st

from ecgcore.dsp.detectors import DETECTORS
from ecgcore.dsp.segmentation import WindowSpec
from ecgcore.ui import cache
from ecgcore.ui.current import Current

ANNOTATED: Final = "annotated"

_WINDOWS: Final[dict[Literal["fixed", "cycle", "daeac"], str]] = {
    "fixed": "fixed, around R",
    "cycle": "one cycle, mid-RR to mid-RR",
    "daeac": "previous R + 0.14 s to R + 0.28 s",
}


def peak_source(now: Current) -> str:
    """Let choose annotated or detected R-peaks; returns ``ANNOTATED`` or a detector's name."""
    known = [ANNOTATED] if cache.annotated(now.key) is not None else []
    source: str = st.sidebar.selectbox(
        "R-peaks",
        [*known, *DETECTORS],
        format_func=lambda name: name if name == ANNOTATED else f"detected: {name}",
        key="peak_source",
        help="Detected peaks have no class.",
    )
    return source


def window_picker() -> WindowSpec:
    """Let choose how a beat is cut out of the signal."""
    with st.sidebar:
        kind = st.selectbox(
            "Beat window", list(_WINDOWS), format_func=_WINDOWS.__getitem__, key="beat_window"
        )
        if kind != "fixed":
            return WindowSpec(kind=kind)
        before, after = st.columns(2)
        return WindowSpec(
            before=before.number_input("before R (ms)", 50, 2000, 360, 20, key="beat_before")
            / 1000,
            after=after.number_input("after R (ms)", 50, 2000, 500, 20, key="beat_after") / 1000,
        )
