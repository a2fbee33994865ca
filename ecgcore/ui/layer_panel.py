"""The Layers panel of the Signal page: make one, compare it, take it out, see its history."""

import pandas as pd
import streamlit as st

from ecgcore.errors import EcgError
from ecgcore.layers import store
from ecgcore.layers.edits import ordinals
from ecgcore.layers.exchange import layer_file, layer_table, provenance
from ecgcore.layers.layer import Layer
from ecgcore.layers.marks import told
from ecgcore.layers.names import MAX_NAME, file_name
from ecgcore.layers.reviews import moment
from ecgcore.safe_csv import csv_bytes
from ecgcore.storage.engine import app_database
from ecgcore.ui import layer_cache
from ecgcore.ui.current import Current
from ecgcore.ui.layer_compare import comparison_panel
from ecgcore.ui.layer_new import new_layer
from ecgcore.ui.state import set_view
from ecgcore.ui.text import counted, plain

_LAST = 300


def layer_panel(now: Current) -> None:
    """Draw the panel. Raises StorageError."""
    if now.layer is None:
        st.caption(
            "A layer is a set of beats and changes of rhythm of your own over this recording: "
            "begin with the annotations, a detector’s peaks or a model’s predictions and correct "
            "them; every page then scores by it."
        )
        new_layer(now)
        _put_away_ones(now)
        return
    part = st.segmented_control(
        "Of this layer",
        ["Compare", "History", "Another layer"],
        default="Compare",
        required=True,
        key="layer_part",
        label_visibility="collapsed",
    )
    _about(now.layer)
    if part == "Compare":
        comparison_panel(now)
    elif part == "History":
        _history(now.layer)
    else:
        new_layer(now)
        _put_away_ones(now)


def _about(layer: Layer) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            plain(
                f"By {layer.author}, {moment(layer.created)}, from {layer.origin.words}; "
                f"{counted(layer.edits, 'edit')}."
            )
        )
        st.space("stretch")
        marks = layer_cache.annotations(layer.state)
        name = file_name(layer.record, layer.name)
        st.download_button(
            "WFDB .atr",
            lambda: layer_file(layer, marks, store.edits(app_database(), layer.id, layer.version)),
            file_name=f"{name}.atr",
            mime="application/octet-stream",
            icon=":material/download:",
            on_click="ignore",
            key="layer_atr",
        )
        st.download_button(
            "CSV",
            lambda: csv_bytes(layer_table(marks, layer.fs)),
            file_name=f"{name}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="layer_csv",
        )
        with st.popover("More", icon=":material/more_horiz:"):
            st.text_input(
                "Name",
                value=layer.name,
                max_chars=MAX_NAME,
                key=f"layer_rename_{layer.id}",
                on_change=_rename,
                args=(layer,),
            )
            if layer.put_away:
                _back_button(layer, "Bring back")
            else:
                st.button(
                    "Put away",
                    icon=":material/archive:",
                    help="Takes it out of the lists. Its edits stay, a link to it still opens it, "
                    "and it can be brought back.",
                    on_click=_put_away,
                    args=(layer,),
                    key="layer_put_away",
                )
    if layer.put_away:
        st.caption("This layer is put away: it is in no list. “More” brings it back.")
    _say()


def _put_away_ones(now: Current) -> None:
    """List the recording's layers that were put away, each with a way back."""
    place = (now.header.database, now.header.name)
    there = store.list_layers(app_database(), *place, put_away=True)
    if there:
        with st.popover(counted(len(there), "layer") + " put away", icon=":material/archive:"):
            for layer in there:
                _back_button(layer, f"Bring back {plain(layer.name)}")
    if now.layer is None:
        _say()


def _back_button(layer: Layer, words: str) -> None:
    st.button(
        words,
        icon=":material/unarchive:",
        help=plain(f"By {layer.author}, {moment(layer.created)}; {counted(layer.edits, 'edit')}."),
        on_click=_bring_back,
        args=(layer,),
        key=f"layer_back_{layer.id}",
    )


def _say() -> None:
    sentence = st.session_state.pop("layer_panel_said", None)
    if sentence:
        st.warning(plain(sentence), icon=":material/info:")


def _history(layer: Layer) -> None:
    found = store.edits(app_database(), layer.id, layer.version)
    number = ordinals(found)
    frame = pd.DataFrame(
        [
            {
                "edit": "" if edit.of else str(number[edit.number]),
                "when": moment(edit.at),
                "who": edit.author,
                "what": f"{edit.kind}{f' of {number[edit.of]}' if edit.of else ''}: "
                + "; ".join(told(change, layer.fs) for change in edit.changes),
            }
            for edit in reversed(found[-_LAST:])
        ],
        columns=["edit", "when", "who", "what"],
    )
    st.dataframe(frame, hide_index=True, height=236)
    st.caption("In the exported file: BeatLens " + plain("; ".join(provenance(layer, found))) + ".")


def _rename(layer: Layer) -> None:
    try:
        store.rename_layer(app_database(), layer.id, st.session_state[f"layer_rename_{layer.id}"])
    except EcgError as error:
        st.session_state["layer_panel_said"] = str(error)


def _put_away(layer: Layer) -> None:
    try:
        store.put_away(app_database(), layer.id)
        set_view(layer="")
    except EcgError as error:
        st.session_state["layer_panel_said"] = str(error)


def _bring_back(layer: Layer) -> None:
    try:
        store.bring_back(app_database(), layer.id)
        set_view(layer=layer.id)
    except EcgError as error:
        st.session_state["layer_panel_said"] = str(error)
