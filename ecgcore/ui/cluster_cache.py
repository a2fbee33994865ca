"""What is kept of clusters between runs; like ``cache``, keyed by names and digests only."""

import streamlit as st

from ecgcore.clusters.model import ClusterModel, Patterns, patterns
from ecgcore.ui import cache, model_cache


@st.cache_resource(max_entries=8, show_spinner="Assigning the recording's beats …")
def recording_patterns(
    key: cache.RecordKey,
    name: str,
    digest: str,
    source: str,
    lead: str,
    fitted: str,  # noqa: ARG001  names the clusters: a part of the cache key
    _model: ClusterModel,
) -> Patterns:
    """Return what clusters say of every beat of a recording."""
    inputs = model_cache.inputs(key, name, digest, source, lead)
    return patterns(model_cache.checkpoint(name).network, inputs, _model)
