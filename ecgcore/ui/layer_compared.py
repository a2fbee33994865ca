"""Comparisons of layers that are kept between runs: a layer's state never changes."""

import streamlit as st

from ecgcore.layers.comparison import Comparison, compare_annotations
from ecgcore.layers.rhythms import RhythmComparison, compare_rhythms
from ecgcore.schema import Annotations
from ecgcore.ui import cache, layer_cache


@st.cache_resource(max_entries=16, show_spinner="Comparing …")
def comparison(key: cache.RecordKey, reference: str, *, flutter: bool) -> Comparison | None:
    """Return how the layer of ``key`` agrees with ``reference``: another's state, "" the source's.

    None where the recording has no annotations of its own to compare with.
    """
    with_what = _of(key, reference)
    if with_what is None:
        return None
    header = cache.header(key.database, key.record, partial=key.partial)
    return compare_annotations(
        with_what,
        layer_cache.annotations(key.layer),
        fs=header.fs,
        length=header.length,
        flutter=flutter,
    )


@st.cache_resource(max_entries=16, show_spinner=False)
def rhythms(key: cache.RecordKey, reference: str) -> RhythmComparison | None:
    """Return how the rhythms agree, as ``comparison``."""
    with_what = _of(key, reference)
    if with_what is None:
        return None
    header = cache.header(key.database, key.record, partial=key.partial)
    return compare_rhythms(
        with_what, layer_cache.annotations(key.layer), fs=header.fs, length=header.length
    )


def _of(key: cache.RecordKey, reference: str) -> Annotations | None:
    return layer_cache.annotations(reference) if reference else cache.annotations(key.signal)[0]
