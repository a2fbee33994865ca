"""Which beat of a classified recording is looked at: its number, and the next of a kind.

The chosen beat stands in the View, and so in the URL.
"""

import numpy as np
import streamlit as st

from ecgcore.errors import RecordError
from ecgcore.schema import IntArray, Peaks, Predictions
from ecgcore.training.context import by_itself
from ecgcore.ui.beat_roles import Roles
from ecgcore.ui.errors import instead
from ecgcore.ui.focus import let_go_after
from ecgcore.ui.state import set_view, shown, view

_ANY = "any beat"
_CHANGED = "changed in context"


def kinds(predictions: Predictions, roles: Roles | None = None) -> dict[str, IntArray]:
    """Return what can be stepped through: name → indices of usable beats, rarest kinds first.

    ``roles``: which of them trained the network and which tested it, where both are among them.
    """
    usable, label, truth = predictions.usable, predictions.label, predictions.truth
    found: dict[str, IntArray] = {}
    if truth is not None:
        wrong = usable & (truth != "") & (truth != label)
        found["wrong"] = np.flatnonzero(wrong)
        for name in dict.fromkeys(truth[truth != ""].tolist()):
            found[f"true {name}"] = np.flatnonzero(usable & (truth == name))
        if roles is not None:
            found["wrong test beats"] = np.flatnonzero(wrong & roles.tests)
    if roles is not None:
        found["test beats"] = np.flatnonzero(usable & roles.tests)
        found["training beats"] = np.flatnonzero(usable & roles.trained)
    for name in predictions.classes:
        found[f"predicted {name}"] = np.flatnonzero(usable & (label == name))
    if predictions.alone is not None:
        own = by_itself(predictions).label
        found[_CHANGED] = np.flatnonzero(usable & (label != own))
    some = {name: index for name, index in found.items() if index.size}
    ranked = dict(sorted(some.items(), key=lambda item: (item[0] != "wrong", item[1].size)))
    return {**ranked, _ANY: np.flatnonzero(usable)}


def default_beat(predictions: Predictions, roles: Roles | None = None) -> int:
    """Return the beat shown first: the first of the rarest class, else the first usable one.

    Where some trained the network, one that tested it.
    """
    there = kinds(predictions, roles)
    rarest = [index for name, index in there.items() if name.startswith("true")]
    if len(rarest) < 2:
        rarest = [index for name, index in there.items() if name.startswith("predicted")]
    first = rarest[0] if rarest else there[_ANY]
    if roles is not None:
        tested = [index[roles.tests[index]] for index in (*rarest, there[_ANY])]
        first = next((index for index in tested if index.size), first)
    return int(first[0]) if first.size else 0


def beat_stepper(predictions: Predictions, roles: Roles | None = None) -> int:
    """Draw the row of controls and return the index of the chosen beat; ``roles`` as ``kinds``."""
    here = _wanted(predictions.peaks, default_beat(predictions, roles))
    return _row(kinds(predictions, roles), len(predictions.peaks) - 1, here)


def peak_stepper(peaks: Peaks, default: int) -> int:
    """Draw the row of controls over R-peaks without predictions; return the chosen one's index.

    ``default`` is the beat shown when the View has none. Raises RecordError without any peak.
    """
    last = len(peaks) - 1
    if last < 0:
        raise RecordError("There is no R-peak to step to; choose another lead or other R-peaks.")
    there = {}
    if peaks.aami is not None:
        names = dict.fromkeys(peaks.aami.tolist())
        some = {f"class {name}": np.flatnonzero(peaks.aami == name) for name in names}
        there = dict(sorted(some.items(), key=lambda item: item[1].size))
    return _row({**there, _ANY: np.arange(len(peaks))}, last, _wanted(peaks, default))


def _wanted(peaks: Peaks, default: int) -> int:
    """Return the View's beat; ``default`` without one, or for one that is not there, which is said.

    Other R-peaks of the same recording may be fewer.
    """
    last, wanted = len(peaks) - 1, view().beat
    if wanted is not None and wanted > last:
        instead(
            f"There is no beat {wanted:,} here; beats are 0 to {last:,}. Beat "
            f"{min(default, last):,} is shown instead."
        )
        wanted = None
    return min(default if wanted is None else wanted, last)


def _row(there: dict[str, IntArray], last: int, here: int) -> int:
    """Draw the controls around beat ``here``; ``there`` maps a kind to the indices of its beats."""
    shown(beat=here)
    st.session_state["step_beat"] = here
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.number_input(
            f"Beat (0–{last:,})",
            0,
            last,
            key="step_beat",
            width=140,
            on_change=lambda: set_view(beat=int(st.session_state["step_beat"])),
        )
        if st.session_state.get("step_kind") not in there:
            st.session_state["step_kind"] = _ANY
        kind = st.selectbox(
            "Step through",
            list(there),
            key="step_kind",
            format_func=lambda name: f"{name} ({there[name].size:,})",
            width=220,
        )
        let_go_after("step_kind")
        index = there[kind]
        for label, icon, shortcut, step in (
            ("Previous", "skip_previous", "P", -1),
            ("Next", "skip_next", "N", 1),
        ):
            st.button(
                label,
                icon=f":material/{icon}:",
                shortcut=shortcut,
                disabled=_beside(index, here, step) is None,
                on_click=_step,
                args=(index, here, step),
                key=f"step_{label}",
            )
    return here


def _beside(index: IntArray, here: int, step: int) -> int | None:
    """Return the beat among ``index`` after (+1) or before (−1) one, None where there is none."""
    side = index[index > here][:1] if step > 0 else index[index < here][-1:]
    return int(side[0]) if side.size else None


def _step(index: IntArray, drawn: int, step: int) -> None:
    """Go on from where the View is by now: a key pressed while a page is drawn counts too."""
    wanted = view().beat
    there = None if wanted is None else _beside(index, wanted, step)
    if there is None:  # an address may ask for a beat that is not there
        there = _beside(index, drawn, step)
    if there is not None:
        set_view(beat=there)
