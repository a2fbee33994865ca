"""Layers as pages read them: what a state holds is kept, what the newest state is never."""

import streamlit as st

from ecgcore.errors import LayerError
from ecgcore.layers import store
from ecgcore.layers.edits import LayerState
from ecgcore.layers.layer import Layer, parse_state
from ecgcore.schema import Annotations
from ecgcore.storage.engine import app_database


def layer(id: str, database: str) -> Layer | None:
    """Return a layer as it is now, None where this database has none of this id.

    Raises StorageError.
    """
    try:
        found = store.get_layer(app_database(), id)
    except LayerError:
        return None
    return found if found.database == database else None


def layers(database: str, record: str) -> tuple[Layer, ...]:
    """Return the layers over a recording as they are now. Raises StorageError."""
    return store.list_layers(app_database(), database, record)


@st.cache_resource(max_entries=32, show_spinner=False)
def state(name: str) -> LayerState:
    """Return the beats of a layer in one of its states."""
    id, version = parse_state(name)
    return store.layer_state(app_database(), id, version)


@st.cache_resource(max_entries=32, show_spinner=False)
def annotations(state: str) -> Annotations:
    """Return a layer's annotations in one of its states, which never change."""
    id, version = parse_state(state)
    found = store.get_layer(app_database(), id)
    return store.layer_annotations(app_database(), found, version)
