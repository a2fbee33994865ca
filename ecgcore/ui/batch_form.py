"""The Batch page's form: which recordings, by which checkpoint, what is done to them."""

from typing import Any, Final

import streamlit as st

from ecgcore.batch.config import USUAL, BatchConfig, Step, batch_config
from ecgcore.errors import CheckpointError
from ecgcore.explain.registry import EXPLAINERS
from ecgcore.ui import cache, model_cache
from ecgcore.ui.checkpoint_picker import default_checkpoint
from ecgcore.ui.current import current, current_database
from ecgcore.ui.numbers import Numbers
from ecgcore.ui.state import view

_WORDS: Final[dict[Step, str]] = {
    "classify": "class of each beat",
    "rr": "heart rate variability",
    "explain": "maps of some beats",
}
_PEAKS: Final = {"detected": "detected", "annotated": "annotated"}


def batch_form() -> BatchConfig:
    """Draw the form and return what it says, checked. Raises EcgError naming what is wrong."""
    left, middle, right = st.container(key="stack_batch").columns(3, gap="large")
    with left:
        st.markdown("**Which recordings**")
        values = _recordings()
    with middle:
        st.markdown("**What is found out**")
        steps = [
            step
            for step, words in _WORDS.items()
            if st.checkbox(words.capitalize(), step in USUAL, key=f"batch_{step}")
        ]
        values["peaks"] = st.selectbox(
            "R-peaks",
            list(_PEAKS),
            format_func=lambda name: _PEAKS[name],
            key="batch_peaks",
            help="R-peaks and the signal's quality are always told. Annotated ones are there "
            "where somebody marked beats.",
        )
    with right:
        st.markdown("**By which network**")
        values |= _network(classifies="classify" in steps, explains="explain" in steps)
    return batch_config({**values, "steps": ("peaks", *steps)}, "These settings")


def _recordings() -> dict[str, Any]:
    names = list(cache.catalog())
    here = current_database().name
    database = st.selectbox("Database", names, index=names.index(here), key=f"batch_db_{here}")
    records = st.text_input(
        "Records", "all", key="batch_records", help="all, DS1, DS2, or names with commas."
    )
    return {"database": database, "records": records.strip() or "all"}


def _network(*, classifies: bool, explains: bool) -> dict[str, Any]:
    there, _ = model_cache.metas()
    if not there and classifies:
        raise CheckpointError(
            "There is no checkpoint yet; train one on the Train page, or leave the classes out."
        )
    names = list(there)
    usual = view().checkpoint if view().checkpoint in there else ""
    if there and not usual:
        usual = default_checkpoint(there, current().header)
    found: dict[str, Any] = {}
    chosen = st.selectbox(
        "Checkpoint",
        names,
        index=names.index(usual) if usual else None,
        key=f"batch_checkpoint_{usual}",
        disabled=not classifies,
    )
    if classifies:
        found["checkpoint"] = chosen or ""
    if classifies and chosen and there[chosen].task == "identity":
        st.caption(f"Its classes are {len(there[chosen].classes)} people, not kinds of beats.")
    found["method"] = st.selectbox(
        "Maps by",
        list(EXPLAINERS),
        format_func=lambda name: EXPLAINERS[name].title,
        index=list(EXPLAINERS).index(BatchConfig.method),
        key="batch_method",
        disabled=not explains,
    )
    numbers = Numbers()
    found["maps"] = numbers.whole(
        "Maps of each class",
        1,
        1000,
        BatchConfig.maps,
        key="batch_maps",
        disabled=not explains,
        help="Of each predicted class in each recording, the beats it is surest of.",
    )
    numbers.check()
    return found
