"""What is kept of trust panels between runs; like ``cache``, keyed by names and digests only."""

import logging
from typing import Final

import streamlit as st

from ecgcore.errors import EcgError
from ecgcore.faithfulness.league import NAME, entry_of, read_league
from ecgcore.faithfulness.recommend import Entry
from ecgcore.faithfulness.report import TrustReport, trust_report
from ecgcore.features.what_if import with_rhythm
from ecgcore.settings import settings
from ecgcore.ui import cache, model_cache

_log: Final = logging.getLogger(__name__)


@st.cache_resource(max_entries=128, show_spinner="Testing the map …")
def report(
    key: cache.RecordKey,
    name: str,
    digest: str,
    source: str,
    lead: str,
    beat: int,
    method: str,
    target: str,
    pre: float | None,
    post: float | None,
) -> TrustReport:
    """Return how a beat's map stands up to all tests."""
    inputs = model_cache.inputs(key, name, digest, source, lead)
    changed = with_rhythm(inputs, beat, pre=pre, post=post)
    return trust_report(model_cache.checkpoint(name), changed, beat, method, target)


def league(name: str, digest: str) -> Entry | None:
    """Return a checkpoint's entry of the league, None where it has none for these weights.

    A file that can't be read is logged and holds nothing: the page works without it.
    """
    path = settings().results_dir / NAME
    state = path.stat().st_mtime_ns if path.exists() else 0
    return entry_of(_league(str(path), state), name, digest)


@st.cache_resource(max_entries=2, show_spinner=False)
def _league(path: str, state: int) -> dict[str, Entry]:  # noqa: ARG001  both are the cache key
    try:
        return read_league()
    except EcgError as error:
        _log.warning("%s", error)
        return {}
