"""Controls in the sidebar that say how a beat is explained."""

from typing import Final

import streamlit as st

from ecgcore.errors import EcgError
from ecgcore.explain.attention import head_count
from ecgcore.explain.registry import EXPLAINERS, explainer
from ecgcore.features.what_if import hears_rhythm, intervals_beside
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.schema import Peaks
from ecgcore.ui import trust_cache
from ecgcore.ui.errors import instead
from ecgcore.ui.pages import go_to
from ecgcore.ui.state import set_view, shown, view

FALLBACK: Final = "gradcam"  # where no method is recommended
_SHORTEST: Final = 0.2  # s
_LONGEST: Final = 2.0


def method_picker(checkpoint: Checkpoint) -> str:
    """Let choose an explainer among those that can explain the checkpoint's network.

    Where none is chosen it is the one that the league recommends, else the fallback. For one in
    the URL that is unknown or can't, that stands in, and it says why.
    """
    refused = {name: entry.refuses(checkpoint.network) for name, entry in EXPLAINERS.items()}
    offered = [name for name, reason in refused.items() if not reason]
    best = _recommended(checkpoint, offered)
    method, reason = _usable(view().method, checkpoint, best or FALLBACK)
    if reason:
        instead(f"{reason} {EXPLAINERS[method].title} is shown instead.")
    shown(method=method)
    family = method.partition(":")[0]
    st.session_state["pick_method"] = family
    left_out = [
        f"- {EXPLAINERS[name].title}: {reason}" for name, reason in refused.items() if reason
    ]
    st.sidebar.selectbox(
        "Method",
        offered,
        format_func=lambda name: "★ " * (name == best) + EXPLAINERS[name].title,
        key="pick_method",
        on_change=lambda: set_view(method=st.session_state["pick_method"]),
        help="\n\n".join(
            part
            for part in (
                "★: recommended for this checkpoint, see “Can this map be trusted?”." * bool(best),
                "Not for this network:\n" + "\n".join(left_out) if left_out else "",
            )
            if part
        ),
    )
    if family == "attention" and (count := head_count(checkpoint.network)) > 1:
        _head_picker(method, count)
    title = EXPLAINERS[family].title
    if st.sidebar.button(f"What is {title}?", icon=":material/menu_book:", type="tertiary"):
        set_view(topic="methods", method=method)
        go_to("guide")
    return method


def _recommended(checkpoint: Checkpoint, offered: list[str]) -> str:
    entry = trust_cache.league(checkpoint.name, checkpoint.digest)
    method = str((entry or {}).get("recommended", {}).get("method", ""))
    return method if method in offered else ""


def _usable(wanted: str, checkpoint: Checkpoint, default: str) -> tuple[str, str]:
    """Return the method to use, and why it is not the one that was wanted."""
    if not wanted:
        return default, ""
    wanted = wanted.replace(" ", "+")  # what a "+" that somebody typed into an address became
    try:
        reason = explainer(wanted).refuses(checkpoint.network)
    except EcgError as error:
        reason = str(error)
    return (default, reason) if reason else (wanted, "")


def _head_picker(method: str, count: int) -> None:
    heads = {"attention": "mean of the heads"}
    heads |= {f"attention:{k}": f"head {k}" for k in range(1, count + 1)}
    st.session_state["pick_head"] = method
    st.sidebar.selectbox(
        "Head",
        list(heads),
        format_func=heads.__getitem__,
        key="pick_head",
        on_change=lambda: set_view(method=st.session_state["pick_head"]),
    )


def target_picker(checkpoint: Checkpoint) -> str | None:
    """Let choose the class to explain; None means the one that the network says of each beat."""
    classes = checkpoint.meta.classes
    usual = "the class said of it by itself" if checkpoint.meta.context else "the predicted class"
    wanted = view().target
    if wanted and wanted not in classes:
        instead(f"{checkpoint.name} knows no class {wanted!r}; {usual} is explained instead.")
    st.session_state["pick_target"] = wanted if wanted in classes else ""
    st.sidebar.selectbox(
        "Explain the score of",
        ["", *classes],
        format_func=lambda name: name or usual,
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
        if view().pre or view().post:
            instead(f"{checkpoint.name} is given no RR intervals; as recorded instead.")
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
    wanted: float = getattr(view(), field)
    if there is None:
        if wanted:
            instead(f"There is no {label} here; it is explained as recorded instead.")
        return None
    low, high = min(_SHORTEST, there), max(_LONGEST, there)
    if wanted and not low <= wanted <= high:
        instead(
            f"The {label} can be {low:.2f} to {high:.2f} s here, not {wanted:g} s; "
            f"{min(max(wanted, low), high):.2f} s stand instead."
        )
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
