"""The row under the signal for editing a layer: who edits, what is in hand, what can be done.

Keys: 1 to 5 label the beat pointed at, or add one; M takes it up and the next click puts it down;
Shift and an arrow move it by 10 ms; D deletes it; Ctrl+Z undoes. The box has the rarer beats, and
the rhythms that can begin at the place pointed at.
"""

import streamlit as st

from ecgcore.aami import AAMI_CLASSES, AAMI_NAMES
from ecgcore.layers import store
from ecgcore.layers.layer import Layer
from ecgcore.layers.marks import BEAT_SYMBOLS, FLUTTER, RHYTHMS, Mark, told
from ecgcore.storage.engine import app_database
from ecgcore.ui import layer_editing as act
from ecgcore.ui.current import Current
from ecgcore.ui.focus import let_go_after
from ecgcore.ui.layer_editing import Hand
from ecgcore.ui.layer_person import PERSON, person_box, who
from ecgcore.ui.text import plain

_RARER = [symbol for symbol in BEAT_SYMBOLS if symbol not in AAMI_CLASSES]
_STRETCHES = {
    **{name: f"rhythm {name} {words}" for name, words in RHYTHMS.items()},
    **{symbol: f"{symbol} {words}" for symbol, words in FLUTTER.items()},
}


def editing_row(now: Current, hand: Hand | None) -> None:
    """Draw the rows where a layer is shown. Raises StorageError."""
    if now.layer is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="layer_row"):
        person_box()
        st.toggle(
            "Edit",
            key=act.EDIT,
            disabled=not who(),
            help="Click the signal to point at a place, a triangle to choose its beat."
            if who()
            else "Write your name first: it is kept with each edit.",
        )
        if hand is not None:
            st.session_state.setdefault(act.SNAP, True)
            st.toggle("Snap to R", key=act.SNAP, help="Beats go onto the R-peak nearby.")
            st.markdown(_what(hand), width="content")
        elif act.is_editing(now):
            st.markdown(f"Choose a window of at most {act.WIDEST_S:g} s to edit", width="content")
        st.space("stretch")
        _turns(now.layer, active=hand is not None)
    if hand is not None:
        _tools(hand)
    with st.container(gap=None):  # the scripts take no room
        for key in (PERSON, act.EDIT, act.SNAP, act.OTHER):
            let_go_after(key)
    _tell(now.layer)


def _tools(hand: Hand) -> None:
    carried, chosen = act.carried_beat(hand.layer), hand.mark
    nowhere = hand.sample is None or carried is not None
    none = chosen is None or carried is not None
    stretch = chosen is not None and bool(chosen.kind)
    what = "Add a beat" if chosen is None else "Relabel the beat"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="layer_tools"):
        for number, name in enumerate(AAMI_CLASSES, start=1):
            st.button(
                name,
                shortcut=str(number),
                help=f"{what}: {AAMI_NAMES[name]}",
                disabled=nowhere or (chosen is not None and (chosen.symbol == name or stretch)),
                on_click=act.label,
                args=(hand, name),
                key=f"layer_class_{name}",
            )
        st.selectbox(
            "Other beat, or a rhythm that begins here",
            [*_STRETCHES] if stretch else [*_RARER, *_STRETCHES],
            index=None,
            placeholder="other, rhythm",
            format_func=lambda name: _STRETCHES.get(name, name),
            key=act.OTHER,
            label_visibility="collapsed",
            width=150,
            disabled=nowhere,
            on_change=act.label_other,
            args=(hand,),
        )
        st.button(
            "Move" if carried is None else "Put back",
            shortcut="M",
            help="Then click where it goes.",
            disabled=carried is None and chosen is None,
            on_click=act.carry,
            args=(hand,),
            key="layer_move",
        )
        for title, key, step in (("−10 ms", "Shift+Left", -1), ("+10 ms", "Shift+Right", 1)):
            st.button(
                title,
                shortcut=key,
                disabled=none,
                on_click=act.nudge,
                args=(hand, step),
                key=f"layer_nudge_{step}",
            )
        st.button(
            "Delete",
            shortcut="D",
            disabled=none,
            on_click=act.delete,
            args=(hand,),
            key="layer_delete",
        )


def _what(hand: Hand) -> str:
    carried: Mark | None = act.carried_beat(hand.layer)
    fs = hand.layer.fs
    if carried is not None:
        what = plain(carried.words) if carried.kind else "Beat"
        return f"{what} of {carried.sample / fs:.3f} s in hand: click where it goes"
    if hand.sample is None:
        return "Click the signal, or jump with N and P"
    if hand.mark is not None:
        what = "" if hand.mark.kind else "Beat "
        return f"{what}**{plain(hand.mark.words)}** at {hand.mark.sample / fs:.3f} s"
    return f"No beat at {hand.sample / fs:.3f} s: 1 to 5 adds one"


def _turns(layer: Layer, *, active: bool) -> None:
    back, again = store.open_turns(app_database(), layer)
    for name, key, found, turn in (
        ("Undo", "Ctrl+Z", back, act.undo),
        ("Redo", "Ctrl+Y", again, act.redo),
    ):
        said = "" if found is None else "; ".join(told(c, layer.fs) for c in found.changes[:3])
        st.button(
            name,
            icon=f":material/{name.lower()}:",
            shortcut=key,
            disabled=found is None or not active,
            help=None if found is None else plain(f"{said} (by {found.author})"),
            on_click=turn,
            args=(layer,),
            key=f"layer_{name.lower()}",
        )


def _tell(layer: Layer) -> None:
    """Show what was refused, once; an edit that came too late stays until it is settled."""
    sentence = st.session_state.pop(act.SAID, None)
    if sentence:
        st.warning(plain(sentence), icon=":material/info:")
    late = st.session_state.get(act.LATE)
    if late is None or late.layer != layer.id:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(
            plain(f"{late.sentence} Yours: {told(late.change, layer.fs)}."),
            icon=":material/sync_problem:",
        )
        st.button("Do mine now", key="layer_again", on_click=act.again, args=(layer, late))
        st.button("Leave it", key="layer_leave", on_click=act.leave)
