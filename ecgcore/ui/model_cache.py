"""What is kept of checkpoints between runs; like ``cache``, keyed by names and digests only."""

import streamlit as st

from ecgcore.compare.exemplars import Pool
from ecgcore.compare.gather import GatherKey
from ecgcore.compare.projection import MOST, chosen_beats, principal
from ecgcore.compare.summary import Summary, summarise
from ecgcore.compare.suspects import Suspects, suspects
from ecgcore.errors import EcgError
from ecgcore.features.inputs import BeatInputs
from ecgcore.features.templates import median_beat
from ecgcore.models.checkpoint import (
    Checkpoint,
    checkpoint_digest,
    list_checkpoints,
    load_checkpoint,
    read_meta,
)
from ecgcore.models.meta import CheckpointMeta
from ecgcore.schema import DoubleArray, FloatArray, IntArray, Predictions
from ecgcore.training.held_out import held_out_state, read_held_out
from ecgcore.training.prepared import stored_inputs
from ecgcore.training.store import find_beats
from ecgcore.ui import cache
from ecgcore.ui.checkpoint_order import ordered


def metas() -> tuple[dict[str, CheckpointMeta], dict[str, str]]:
    """Return what the usable checkpoints say of themselves, and why others can't be used.

    In the order in which they are offered.
    """
    found: dict[str, CheckpointMeta] = {}
    broken: dict[str, str] = {}
    for name in list_checkpoints():
        try:
            found[name] = read_meta(name)
        except EcgError as error:
            broken[name] = str(error)
    return ordered(found), broken


def checkpoint(name: str) -> Checkpoint:
    """Return a checkpoint as it is on disk now. Raises CheckpointError."""
    return _checkpoint(name, checkpoint_digest(name))


@st.cache_resource(max_entries=4, show_spinner="Loading the checkpoint …")
def _checkpoint(name: str, digest: str) -> Checkpoint:  # noqa: ARG001  a part of the cache key
    return load_checkpoint(name)


@st.cache_resource(max_entries=4, show_spinner="Preparing the beats …")
def inputs(key: cache.RecordKey, name: str, digest: str, source: str, lead: str) -> BeatInputs:
    """Return what checkpoint ``name`` sees of every beat of a recording."""
    whole = cache.record(key)
    spec = _checkpoint(name, digest).meta.input
    return stored_inputs(spec, whole, find_beats(whole, source, lead), source, lead)


@st.cache_resource(max_entries=8, show_spinner=False)
def median(
    key: cache.RecordKey, name: str, digest: str, source: str, lead: str
) -> FloatArray | None:
    """Return the recording's median beat, mV, where the checkpoint compares beats with it."""
    found = inputs(key, name, digest, source, lead)
    return median_beat(found.beats) if "difference" in found.spec.channels else None


@st.cache_resource(max_entries=4, show_spinner="Comparing …")
def summary(
    key: GatherKey,  # noqa: ARG001  the cache key: what follows depends on it alone
    _meta: CheckpointMeta,
    _found: tuple[Predictions, ...],
) -> Summary | None:
    """Return what a finished gathering comes to."""
    return summarise(_meta, _found)


@st.cache_resource(max_entries=4, show_spinner="Laying out the beats …")
def components(
    key: GatherKey,  # noqa: ARG001  the cache key: what follows depends on it alone
    _beats: Pool,
) -> tuple[IntArray, DoubleArray, DoubleArray]:
    """Return which beats of a set are drawn (k,), their principal components (k, 2), and shares."""
    rows = chosen_beats(_beats, MOST["pca"])
    place, share = principal(_beats.embedding)
    return rows, place[rows], share


def suspect_labels(key: GatherKey, meta: CheckpointMeta, summary: Summary) -> Suspects:
    """Return a set's suspect labels, by what is kept beside the checkpoint now."""
    return _suspect_labels(key, held_out_state(key.checkpoint), meta, summary)


@st.cache_resource(max_entries=4, show_spinner="Doubting labels …")
def _suspect_labels(
    key: GatherKey,  # with the next the cache key: what follows depends on them alone
    state: tuple[int, int],  # noqa: ARG001
    _meta: CheckpointMeta,
    _summary: Summary,
) -> Suspects:
    kept = read_held_out(key.checkpoint, _meta)
    return suspects(_meta, key.database, _summary.predictions, kept)
