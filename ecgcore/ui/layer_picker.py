"""Whose annotations are looked at: the recording's own, or a layer's. Every page follows."""

import streamlit as st

from ecgcore.errors import StorageError
from ecgcore.schema import RecordHeader
from ecgcore.ui import layer_cache
from ecgcore.ui.state import set_view, view
from ecgcore.ui.text import plain

_KEY = "pick_layer"


def layer_picker(header: RecordHeader) -> None:
    """Draw the choice where a recording has layers; say what is wrong with one in the address."""
    wanted = view().layer
    try:
        there = {layer.id: layer for layer in layer_cache.layers(header.database, header.name)}
        if wanted and wanted not in there:
            found = layer_cache.layer(wanted, header.database)
            if found is None:
                st.warning("The layer in the address is not here; the recording's own is shown.")
                set_view(layer="")
            elif found.record == header.name:  # put away, but a link still opens it
                there[found.id] = found
    except StorageError as error:
        if wanted:
            set_view(layer="")
            st.warning(plain(f"Layers can't be shown: {error}"))
        return
    if not there:
        return
    names = {"": "the recording's own"} | {id: layer.name for id, layer in there.items()}
    st.session_state[_KEY] = view().layer if view().layer in names else ""
    st.selectbox(
        "Annotations",
        list(names),
        format_func=names.__getitem__,
        key=_KEY,
        on_change=lambda: set_view(layer=st.session_state[_KEY] or ""),
        help="Layers are made and edited on the Signal page. All pages follow the choice.",
    )
    chosen = there.get(view().layer)
    if chosen is not None and (chosen.fs, chosen.length) != (header.fs, header.length):
        st.warning(
            f"This layer was made over {chosen.length:,} samples at {chosen.fs:g} Hz, and the "
            f"recording now has {header.length:,} at {header.fs:g} Hz: its beats may lie wrong."
        )
