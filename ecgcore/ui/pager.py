"""Where to go next in a recording: pages of the window, beats of a class, disagreements."""

from typing import Final

import numpy as np
import streamlit as st

from ecgcore.schema import IntArray
from ecgcore.ui.errors import instead
from ecgcore.ui.focus import let_go_after
from ecgcore.ui.state import set_view, view
from ecgcore.ui.text import clock

_CURSOR = "cursor"
_SPAN: Final = 10.0  # s, what is shown where nothing else is asked for
SPANS = (5.0, 10.0, 20.0, 30.0, 60.0, 300.0, 1800.0, 7200.0)

PAPER_SPAN = 60.0  # s; on more, the squares of ECG paper can't be seen


def spans(duration: float) -> tuple[float, ...]:
    """Return the widths (s) that a window on a recording of ``duration`` s can have."""
    return tuple(span for span in SPANS if span <= max(60.0, duration))


def span_name(span: float) -> str:
    """Return a width in words: seconds up to a minute, else minutes or hours."""
    if span <= 60:
        return f"{span:g} s"
    return f"{span / 60:g} min" if span < 3600 else f"{span / 3600:g} h"


def clamp(time: float, span: float, duration: float) -> float:
    """Return the left edge that keeps a window of ``span`` s within ``duration`` s."""
    return round(float(min(max(time, 0.0), max(duration - span, 0.0))), 3)


def neighbour(samples: IntArray, fs: float, centre: float, step: int) -> float | None:
    """Return the time (s) of the nearest sample after (+1) or before (−1) ``centre``, or None."""
    times = samples / fs
    side = times[times > centre + 1e-3] if step > 0 else times[times < centre - 1e-3]
    if not side.size:
        return None
    return float(side.min() if step > 0 else side.max())


def centre_on(time: float, duration: float) -> None:
    """Move the window so that ``time`` (s) stands in its middle; for callbacks."""
    span = view().span
    set_view(time=clamp(time - span / 2, span, duration))


def settle_span(duration: float) -> float:
    """Bring the width of the View's window to one that there is here, and return it, s.

    One that there never is, as only an address can have it, is told.
    """
    there = spans(duration)
    if view().span not in SPANS:
        instead(f"There is no window of {view().span:g} s; {span_name(_SPAN)} are shown instead.")
        set_view(span=_SPAN)
    elif view().span not in there:
        set_view(span=there[-1])
    return view().span


def settle(duration: float) -> float:
    """Bring the View's window into the recording and return its left edge, s.

    One beyond the end, as only an address can have it, is told.
    """
    settle_span(duration)
    if view().time >= duration > 0:
        ends = f"The recording ends at {clock(duration)}, before {clock(view().time)}"
        instead(f"{ends}; its end is shown instead.")
    left = clamp(view().time, view().span, duration)
    if left != view().time:
        set_view(time=left)
    return left


def pager(duration: float, fs: float, targets: dict[str, IntArray]) -> None:
    """Draw the row of buttons. ``targets``: what can be jumped to, name → absolute samples."""
    now = view()
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with row:
        _page_button("Back", "chevron_left", "Left", -1, duration)
        _page_button("Forward", "chevron_right", "Right", 1, duration)
        st.markdown(
            f"**{clock(now.time)}** – {clock(min(now.time + now.span, duration))}", width="content"
        )
        st.space("stretch")
        if not targets:
            return
        names = list(targets)
        wanted = st.selectbox(
            "Jump to",
            names,
            format_func=lambda name: f"{len(targets[name]):,} × {name}",
            key="jump_to",
            width=270,
            label_visibility="collapsed",
            filter_mode=None,
        )
        let_go_after("jump_to")
        cursor = _cursor(now.time, now.span)
        for label, icon, key, step in (
            ("Previous", "skip_previous", "P", -1),
            ("Next", "skip_next", "N", 1),
        ):
            there = neighbour(targets[wanted], fs, cursor, step)
            st.button(
                label,
                icon=f":material/{icon}:",
                shortcut=key,
                disabled=there is None,
                on_click=_jump,
                args=(targets[wanted], fs, step, duration),
                key=f"jump_{label}",
            )


def cursor_at(time: float, duration: float) -> None:
    """Show ``time`` (s) in the middle and let the next jump start from it; for callbacks."""
    st.session_state[_CURSOR] = time
    centre_on(time, duration)


def point_at(time: float) -> None:
    """Let what is done next start from ``time`` (s), without moving the window."""
    st.session_state[_CURSOR] = time


def pointed_at() -> float | None:
    """Return the time (s) that was pointed at or jumped to last; it may be out of view."""
    found = st.session_state.get(_CURSOR)
    return None if found is None else float(found)


def _jump(samples: IntArray, fs: float, step: int, duration: float) -> None:
    """Go on from where the View is by now, not from where it was when the button was drawn."""
    there = neighbour(samples, fs, _cursor(view().time, view().span), step)
    if there is not None:
        cursor_at(there, duration)


def _cursor(left: float, span: float) -> float:
    """Return where jumps start: the beat last jumped to while it is in view, else the left edge."""
    last = st.session_state.get(_CURSOR)
    return last if last is not None and left <= last <= left + span else left


def _turn(pages: int, duration: float) -> None:
    now = view()
    set_view(time=clamp(now.time + pages * now.span, now.span, duration))


def _page_button(label: str, icon: str, key: str, pages: int, duration: float) -> None:
    now = view()
    there = clamp(now.time + pages * now.span, now.span, duration)
    st.button(
        label,
        icon=f":material/{icon}:",
        shortcut=key,
        disabled=bool(np.isclose(there, now.time)),
        on_click=_turn,
        args=(pages, duration),
        key=f"page_{icon}",
    )
