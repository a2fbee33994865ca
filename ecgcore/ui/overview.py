"""The strip over the whole recording on the page: where the window is, and a click goes there."""

from typing import Final

import streamlit as st

from ecgcore.plots.overview import BOTTOM, TOP, place_of
from ecgcore.plots.theme import Theme
from ecgcore.ui import cache, pager
from ecgcore.ui.current import Current

_KEY: Final = "overview"
_LAST: Final = "overview_at"
# Two clicks in a row are two places to go to, and never one double-click.
_CONFIG: Final = {"displayModeBar": False, "doubleClick": False, "doubleClickDelay": 1}


def overview(now: Current, source: str, window: tuple[float, float], theme: Theme) -> None:
    """Draw the strip, by the R-peaks of ``source``, and the ``window`` (s) over it."""
    duration = now.header.duration
    with st.container(key="whole", gap=None):
        st.plotly_chart(
            cache.overview(now.key, source, now.lead, theme.name),
            theme=None,
            config=_CONFIG,
            key=_KEY,
            on_select=lambda: _clicked(duration),
            selection_mode="points",
            alt="Overview of the whole recording; a click goes there",
        )
        left, width = place_of(*window, duration)
        st.html(
            f'<div class="bl-window" style="left:{left};width:{width};top:{TOP}px;'
            f'bottom:{BOTTOM}px;background:{theme.band};outline:1px solid {theme.accent}"></div>'
        )


def _clicked(duration: float) -> None:
    """Go to the place that was clicked; a place clicked again comes as one that is let go."""
    points = st.session_state[_KEY].selection.points
    if points:
        st.session_state[_LAST] = float(points[0]["x"])
    last = st.session_state.get(_LAST)
    if last is not None:
        pager.cursor_at(min(last, duration), duration)
