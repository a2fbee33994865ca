"""Editing marks on the Signal page: what a click or a key does. ``layer_tools`` draws the row.

A place is pointed at by a click or a jump; the beat or change of rhythm near it is the chosen one.
Each callback edits the version that the page showed, so that nothing another person did meanwhile
is edited unseen.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import streamlit as st

from ecgcore.errors import EcgError, LayerConflictError
from ecgcore.layers import editing, store
from ecgcore.layers.edits import Edit, EditKind, LayerState
from ecgcore.layers.hand import beat_near, on_r
from ecgcore.layers.layer import Layer
from ecgcore.layers.marks import (
    FLUTTER,
    RHYTHM,
    RHYTHMS,
    Change,
    Mark,
    added,
    deleted,
    moved,
    relabelled,
    rhythm_added,
    rhythm_changed,
)
from ecgcore.plots.signal import SignalWindow
from ecgcore.storage.engine import app_database
from ecgcore.ui import layer_cache
from ecgcore.ui.current import Current
from ecgcore.ui.layer_person import who
from ecgcore.ui.pager import cursor_at, point_at, pointed_at
from ecgcore.ui.state import set_view, view
from ecgcore.ui.tables import CHANGES

NUDGE_S: Final = 0.01
WIDEST_S: Final = 60.0  # of windows in which a click is as fine as a beat's place needs
EDIT, SNAP, OTHER = "layer_edit", "layer_snap", "layer_other"  # widgets of ``layer_tools``
SAID, LATE, CARRIED = "layer_said", "layer_late", "layer_carried"


@dataclass(frozen=True, kw_only=True, eq=False)
class Hand:
    """What the person at the page points at, in the state of the layer that it shows."""

    layer: Layer
    window: SignalWindow
    sample: int | None  # pointed at, within the window
    mark: Mark | None  # the beat or change of rhythm there


@dataclass(frozen=True, kw_only=True)
class Late:
    """An edit that was made on a version that is not the newest any more."""

    layer: str
    sentence: str
    kind: EditKind
    change: Change


def is_editing(now: Current) -> bool:
    """Tell whether clicks and keys edit a layer: one is shown, and the person said who they are."""
    return now.layer is not None and bool(st.session_state.get(EDIT)) and bool(who())


def in_hand(now: Current, window: SignalWindow) -> Hand | None:
    """Return what is pointed at, None where nothing is edited, or the window is too wide for it."""
    if now.layer is None or not is_editing(now) or window.raw.size > WIDEST_S * window.fs + 1:
        return None
    time = pointed_at()
    first, stop = window.start, window.start + window.raw.size
    sample = None if time is None else round(time * window.fs)
    if sample is None or not first <= sample < stop:
        return Hand(layer=now.layer, window=window, sample=None, mark=None)
    mark = _mark_near(layer_cache.state(now.layer.state), window, sample)
    return Hand(layer=now.layer, window=window, sample=sample, mark=mark)


def _mark_near(state: LayerState, window: SignalWindow, sample: int) -> Mark | None:
    """Return what is meant by a place: of beats and changes of rhythm the nearest, if any.

    A change of rhythm on a beat's own sample is meant where those are jumped to.
    """
    peaks = window.annotated
    beats = np.empty(0, dtype=np.int64) if peaks is None else peaks.sample
    others = state.stretch_marks
    near = beat_near(beats, sample, window.fs)
    other = beat_near(np.array([mark.sample for mark in others], np.int64), sample, window.fs)
    if other is not None:
        mark = others[other]
        further = np.inf if near is None else abs(int(beats[near]) - sample)
        tied = st.session_state.get("jump_to") == CHANGES
        if abs(mark.sample - sample) < further + tied:
            return mark
    if near is None and _snaps():
        # A beat added here would be put on R: where that is another beat's, that beat is meant.
        near = beat_near(beats, _r_near(window, sample), window.fs)
    return None if near is None else state.mark_at(int(beats[near]))


def pointed(hand: Hand | None, window: SignalWindow) -> SignalWindow:
    """Return the window with what is in hand pointed out."""
    if hand is None or hand.sample is None:
        return window
    if hand.mark is None:
        return replace(window, cursor=hand.sample / window.fs, marked=())
    return replace(window, marked=(hand.mark.sample,))


def clicked(hand: Hand) -> Callable[[], None]:
    """Return what a click in the figure does: point there, or put down the beat in hand."""

    def do() -> None:
        points = st.session_state["signal_figure"].selection.points
        if not points:
            return
        time = float(points[0]["x"])
        carried = carried_beat(hand.layer)
        st.session_state.pop(CARRIED, None)
        if carried is None:
            point_at(time)
        else:
            place = round(time * hand.window.fs)
            _move(hand, carried, place if carried.kind else _on_r(hand, place))

    return do


def carried_beat(layer: Layer) -> Mark | None:
    """Return the mark that was taken up to be moved, None where none is or it is gone."""
    id, place = st.session_state.get(CARRIED, ("", (0, "")))
    return layer_cache.state(layer.state).mark_at(*place) if id == layer.id else None


def label(hand: Hand, symbol: str) -> None:
    """Give the beat in hand a symbol; where there is none, add one of it."""
    if hand.sample is None:
        return
    if hand.mark is None or hand.mark.kind:
        place = _on_r(hand, hand.sample)
        _edit(hand.layer, "add", added(place, symbol), place)
    elif hand.mark.symbol != symbol:
        _edit(hand.layer, "relabel", relabelled(hand.mark, symbol), hand.mark.sample)


def label_other(hand: Hand) -> None:
    """Label by the box of rarer symbols and rhythms, and empty it."""
    symbol = st.session_state[OTHER]
    st.session_state[OTHER] = None
    if symbol is None:
        return
    if symbol in RHYTHMS:
        _rhythm(hand, symbol)
    elif symbol in FLUTTER:
        _begin(hand, added, symbol)
    else:
        label(hand, symbol)


def _rhythm(hand: Hand, rhythm: str) -> None:
    """Make the change of rhythm in hand one to another rhythm, or let this one begin here."""
    mark = hand.mark
    if mark is None or mark.symbol != RHYTHM:
        _begin(hand, rhythm_added, rhythm)
    elif mark.aux != rhythm:
        _edit(hand.layer, "relabel", rhythm_changed(mark, rhythm), mark.sample)


def _begin(hand: Hand, made: Callable[[int, str], Change], what: str) -> None:
    """Let a stretch begin or end where is pointed at, at the beat where there is one."""
    if hand.sample is not None:
        place = hand.sample if hand.mark is None else hand.mark.sample
        _edit(hand.layer, "add", made(place, what), place)


def carry(hand: Hand) -> None:
    """Take the mark up, to be put down by the next click; put it back where one is in hand."""
    if st.session_state.pop(CARRIED, None) is None and hand.mark is not None:
        st.session_state[CARRIED] = (hand.layer.id, hand.mark.place)


def nudge(hand: Hand, step: int) -> None:
    """Move the mark in hand by ``step`` hundredths of a second."""
    if hand.mark is not None:
        way = step * max(1, round(NUDGE_S * hand.window.fs))
        _move(hand, hand.mark, hand.mark.sample + way)


def delete(hand: Hand) -> None:
    """Delete the mark in hand."""
    if hand.mark is not None:
        _edit(hand.layer, "delete", deleted(hand.mark), hand.mark.sample)


def undo(layer: Layer) -> None:
    """Undo the layer's last edit, whoever made it."""
    _turn(layer, editing.undo)


def redo(layer: Layer) -> None:
    """Make again what was undone last."""
    _turn(layer, editing.redo)


def again(layer: Layer, late: Late) -> None:
    """Make an edit that came too late on the version that is shown now."""
    leave()
    mark = late.change.after or late.change.before
    assert mark is not None
    _edit(layer, late.kind, late.change, mark.sample)


def leave() -> None:
    """Forget an edit that came too late."""
    st.session_state.pop(LATE, None)


def _on_r(hand: Hand, sample: int) -> int:
    return _r_near(hand.window, sample) if _snaps() else sample


def _snaps() -> bool:
    return bool(st.session_state.get(SNAP, True))


def _r_near(window: SignalWindow, sample: int) -> int:
    return on_r(window.main, window.start, sample, window.fs)


def _move(hand: Hand, mark: Mark, sample: int) -> None:
    if sample != mark.sample:
        _edit(hand.layer, "move", moved(mark, sample), sample)


def _edit(layer: Layer, kind: EditKind, change: Change, place: int) -> None:
    point_at(place / layer.fs)
    try:
        editing.edit_layer(app_database(), layer, (change,), kind=kind, author=who())
        set_view(beat=None)  # beats are counted anew
    except LayerConflictError as error:
        st.session_state[LATE] = Late(layer=layer.id, sentence=str(error), kind=kind, change=change)
    except EcgError as error:
        st.session_state[SAID] = str(error)


def _show(layer: Layer, edit: Edit) -> None:
    """Point at what an edit changed, and go there where it is out of view."""
    mark = edit.changes[-1].after or edit.changes[-1].before
    assert mark is not None
    time, now = mark.sample / layer.fs, view()
    if now.time <= time <= now.time + now.span:
        point_at(time)
    else:
        cursor_at(time, layer.length / layer.fs)


def _turn(layer: Layer, turn: Callable[..., Layer]) -> None:
    try:
        done = turn(app_database(), layer, who())
        set_view(beat=None)
        _show(done, store.edits(app_database(), done.id, done.version)[-1])
    except EcgError as error:
        st.session_state[SAID] = str(error)
