"""Controls in the sidebar that say how a beat is explained."""

from typing import Final

import streamlit as st

from ecgcore.explain.registry import EXPLAINERS
from ecgcore.features.what_if import hears_rhythm, intervals_beside
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.schema import Peaks
from ecgcore.ui.state import View, set_view, view
from ecgcore.ui.text import plain

_SHORTEST: Final = 0.2  # s
_LONGEST: Final = 2.0


def method_picker(checkpoint: Checkpoint) -> str:
    """Let choose an explainer among those that can explain the checkpoint's network.

    For one in the URL that is unknown or can't, the default stands in, and it says why.
    """
    refused = {name: entry.refuses(checkpoint.network) for name, entry in EXPLAINERS.items()}
    offered = [name for name, reason in refused.items() if not reason]
    wanted = view().method
    method = wanted if wanted in offered else View().method
    if method != wanted:
        reason = refused.get(wanted) or f"There is no method {wanted!r}."
        st.warning(
            plain(f"{reason} {EXPLAINERS[method].title} is shown instead."), icon=":material/info:"
        )
    st.session_state["pick_method"] = method
    left_out = [
        f"- {EXPLAINERS[name].title}: {reason}" for name, reason in refused.items() if reason
    ]
    st.sidebar.selectbox(
        "Method",
        offered,
        format_func=lambda name: EXPLAINERS[name].title,
        key="pick_method",
        on_change=lambda: set_view(method=st.session_state["pick_method"]),
        help="Not for this network:\n" + "\n".join(left_out) if left_out else None,
    )
    return method


def target_picker(checkpoint: Checkpoint) -> str | None:
    """Let choose the class to explain; None means each beat's predicted one."""
    classes = checkpoint.meta.classes
    wanted = view().target
    st.session_state["pick_target"] = wanted if wanted in classes else ""
    st.sidebar.selectbox(
        "Explain the score of",
        ["", *classes],
        format_func=lambda name: name or "the predicted class",
        key="pick_target",
        on_change=lambda: set_view(target=st.session_state["pick_target"]),
    )
    return wanted if wanted in classes else None


def rhythm_sliders(
    checkpoint: Checkpoint, peaks: Peaks, beat: int
) -> tuple[float | None, float | None]:
    """Let change the RR intervals beside the beat; return them in s, None where as recorded.

    Nothing is drawn for a network that is given no RR intervals.
    """
    spec = checkpoint.meta.input
    if not hears_rhythm(spec.rr, spec.channels):
        return None, None
    st.sidebar.markdown("**What if the rhythm were another?**")
    before, after = intervals_beside(peaks, beat)
    pre = _interval("RR before the beat", "pre", before)
    post = _interval("RR after the beat", "post", after)
    st.sidebar.button(
        "As recorded",
        icon=":material/undo:",
        disabled=pre is None and post is None,
        on_click=lambda: set_view(pre=0.0, post=0.0),
        width="stretch",
    )
    return pre, post


def _interval(label: str, field: str, there: float | None) -> float | None:
    """Draw one slider, s; return what it stands at, None where that is what was recorded."""
    if there is None:
        return None
    wanted = getattr(view(), field)
    low, high = min(_SHORTEST, there), max(_LONGEST, there)
    key = f"what_if_{field}"
    st.session_state[key] = min(max(wanted or round(there, 2), low), high)
    chosen = st.sidebar.slider(
        f"{label} (recorded {there:.2f} s)",
        min_value=low,
        max_value=high,
        step=0.01,
        key=key,
        format="%.2f s",
        on_change=lambda: set_view(**{field: st.session_state[key]}),
        help="All other intervals stay, the RR features are computed anew, and the waveform stays "
        "as it was recorded.",
    )
    return float(chosen) if wanted and abs(chosen - there) >= 0.005 else None
