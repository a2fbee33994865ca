"""A layer beside another one: the table, and what differs, one by one."""

from html import escape
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from ecgcore.layers.comparison import Comparison
from ecgcore.schema import IntArray
from ecgcore.ui import layer_cache
from ecgcore.ui.current import Current
from ecgcore.ui.layer_compared import comparison, rhythms
from ecgcore.ui.layer_rhythms import percent, rhythms_panel, rows_to_go_to
from ecgcore.ui.text import counted

_WITH: Final = "layer_with"
_FLUTTER: Final = "layer_flutter"
_MOST: Final = 2_000
KINDS: Final = {"missed": "missing here", "extra": "only here", "class": "another class"}


def compared(now: Current) -> Comparison | None:
    """Return how the layer differs from what was chosen to compare it with, None without one."""
    reference = _reference(now)
    if reference is None:
        return None
    flutter = not st.session_state.get(_FLUTTER, False)
    return comparison(now.key, reference, flutter=flutter)


def _reference(now: Current) -> str | None:
    """Return the state of the layer to compare with, "" for the recording's own annotations."""
    if now.layer is None:
        return None
    wanted = st.session_state.get(_WITH, "")
    there = {
        layer.id: layer.state for layer in layer_cache.layers(now.layer.database, now.layer.record)
    }
    return there.get(wanted, "")


def differences(now: Current) -> dict[str, IntArray]:
    """Return what can be jumped to: where the layer differs, by kind."""
    found = compared(now)
    if found is None:
        return {}
    samples = {
        words: np.array([one.sample for one in found.disagreements if one.kind == kind], np.int64)
        for kind, words in KINDS.items()
    }
    said = rhythms(now.key, _reference(now) or "")
    if said is not None:
        starts = [one.start for one in said.disagreements]
        samples["another rhythm"] = np.array(starts, np.int64)
    return {f"{words} ({_name(now)})": there for words, there in samples.items() if there.size}


def comparison_panel(now: Current) -> None:
    """Draw the choice of what to compare with, the table and the list."""
    assert now.layer is not None
    names = _names(now)
    if st.session_state.get(_WITH) not in names:
        st.session_state[_WITH] = next(iter(names), None)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Compare with", list(names), format_func=names.__getitem__, key=_WITH, width=260
        )
        st.toggle(
            "Leave out flutter",
            key=_FLUTTER,
            help="Beats within the reference's ventricular flutter, as EC57 does.",
        )
    found = compared(now)
    if found is None:
        st.caption("This recording has no annotations of its own, and no other layer.")
        return
    left, right = st.container(key="stack_compare").columns([1.15, 1])
    with left:
        st.html(_table(found, now.layer.name, _name(now)))
        st.caption(
            f"{counted(found.paired, 'beat')} in both, {found.agree:,} of them of one class; one "
            "to one within 150 ms (EC57). Se and +P of each AAMI class; those of “beat” whatever "
            "the class."
        )
    with right:
        _list(found, now)
    said = rhythms(now.key, _reference(now) or "")
    if said is not None:
        rhythms_panel(said, now, _name(now))


def _names(now: Current) -> dict[str, str]:
    assert now.layer is not None
    own = {"": "the recording's own"} if now.header.annotators else {}
    others = layer_cache.layers(now.layer.database, now.layer.record)
    return own | {one.id: one.name for one in others if one.id != now.layer.id}


def _name(now: Current) -> str:
    return _names(now).get(st.session_state.get(_WITH) or "", "the recording's own")


def _list(found: Comparison, now: Current) -> None:
    if not found.disagreements:
        st.success("No beat differs.", icon=":material/check:")
        return
    counts = {kind: sum(one.kind == kind for one in found.disagreements) for kind in KINDS}
    wanted = st.segmented_control(
        "Show",
        [kind for kind in KINDS if counts[kind]],
        format_func=lambda kind: f"{counts[kind]:,} {KINDS[kind]}",
        key="layer_kind",
        label_visibility="collapsed",
    )
    listed = [one for one in found.disagreements if wanted in (None, one.kind)]
    some = listed[:_MOST]
    frame = pd.DataFrame(
        {
            "time (s)": [round(one.sample / now.header.fs, 3) for one in some],
            "what": [KINDS[one.kind] for one in some],
            "there": [one.reference or "–" for one in some],
            "here": [one.other or "–" for one in some],
        }
    )
    rows_to_go_to(frame, "layer_differences", [one.sample for one in some], now)
    more = len(listed) - len(some)
    st.caption(
        f"{counted(len(listed), 'difference')}"
        + (f", the first {_MOST:,} listed" if more else "")
        + ". Select one to go there; N and P walk through what is chosen beside them."
    )


def _table(found: Comparison, here: str, there: str) -> str:
    """Return the table as HTML: rows the reference, columns the layer, as ``bxb`` has it."""
    names = [*found.classes]
    head = "".join(f"<th>{name}</th>" for name in names)
    rows = []
    for row, name in enumerate(names):
        cells = "".join(_cell(int(n), row == column) for column, n in enumerate(found.counts[row]))
        shares = (
            f'<td class="group">{percent(found.se(name))}</td><td>{percent(found.ppv(name))}</td>'
        )
        rows.append(f"<tr><td>{name}</td>{cells}{shares}</tr>")
    extra = "".join(_cell(int(n), False) for n in found.counts[-1, :-1])
    total = f'<td class="group">{percent(found.se())}</td><td>{percent(found.ppv())}</td>'
    rows.append(f"<tr><td>extra</td>{extra}<td></td>{total}</tr>")
    return (
        '<div class="bl-results" data-testid="layer_table"><table><thead>'
        f'<tr><th>{escape(there)} ↓</th><th colspan="6">{escape(here)}</th>'
        '<th class="group" colspan="2">(%)</th></tr>'
        f'<tr><th></th>{head}<th>missed</th><th class="group">Se</th><th>+P</th></tr>'
        f"</thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell(count: int, same: bool) -> str:
    text = f"{count:,}" if count else "·"
    return f"<td><b>{text}</b></td>" if same and count else f"<td>{text}</td>"
