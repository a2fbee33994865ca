"""One beat after another: previous and next of a class, and by its number."""

import numpy as np
import streamlit as st

from ecgcore.schema import Peaks

_ANY = "any beat"


def beat_picker(peaks: Peaks, *, key: str = "beat", start: int | None = None) -> int:
    """Draw the row of controls and return the index of the beat that is chosen.

    ``start`` is the beat shown first. The number field's state is ``st.session_state[key]``.
    """
    last = len(peaks) - 1
    st.session_state[key] = min(int(st.session_state.get(key, start or 0)), last)
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    with row:
        st.number_input(f"beat (0–{last:,})", 0, last, key=key, width=130)
        here = int(st.session_state[key])
        names = [] if peaks.aami is None else sorted(set(peaks.aami.tolist()), key="NSVFQ".find)
        wanted = st.selectbox(
            "step through",
            [_ANY, *names],
            format_func=lambda name: name if name == _ANY else f"class {name}",
            key=f"{key}_class",
            width=130,
        )
        for label, icon, step in (("Previous", "skip_previous", -1), ("Next", "skip_next", 1)):
            there = _neighbour(peaks, here, None if wanted == _ANY else wanted, step)
            st.button(
                label,
                icon=f":material/{icon}:",
                disabled=there is None,
                on_click=lambda there=there: st.session_state.update({key: there}),
                key=f"{key}_{label}",
            )
    return here


def _neighbour(peaks: Peaks, here: int, name: str | None, step: int) -> int | None:
    """Return the next (+1) or previous (−1) beat of a class, None at the end."""
    if name is None or peaks.aami is None:
        there = here + step
        return there if 0 <= there < len(peaks) else None
    same = np.flatnonzero(peaks.aami == name)
    side = same[same > here] if step > 0 else same[same < here]
    if not side.size:
        return None
    return int(side.min() if step > 0 else side.max())
