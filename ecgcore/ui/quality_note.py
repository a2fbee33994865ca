"""Beats in bad stretches are marked wherever they are shown: what to say of them."""

from typing import Final

import streamlit as st

from ecgcore.dsp.quality_seconds import GOOD, NOISY, quality_at
from ecgcore.schema import Peaks, Predictions, StrArray
from ecgcore.ui import cache
from ecgcore.ui.text import plain

_WHY: Final = {NOISY: "the signal is noisy there"}


def beat_quality(key: cache.RecordKey, peaks: Peaks, lead: str) -> StrArray:
    """Return the quality (b,) of the second in which each of ``peaks`` lies."""
    return quality_at(peaks.sample, cache.quality(key, lead), peaks.fs)


def quality_note(predictions: Predictions, beat: int) -> None:
    """Warn where beat ``beat`` lies in a second that is not good; say nothing where it is."""
    part = predictions
    quality = beat_quality(cache.record_key(part.header), part.peaks, part.lead)
    if quality[beat] != GOOD:
        st.warning(plain(not_trusted(str(quality[beat]))), icon=":material/signal_cellular_alt:")


def not_trusted(reason: str) -> str:
    """Return the sentence for a beat in a second whose quality is ``reason``."""
    why = _WHY.get(reason, f"there is no usable ECG there ({reason})")
    return (
        f"Don't trust this beat: {why}, so its class, its intervals and any map of it may be of "
        "something else than the heart."
    )


def quality_count(quality: StrArray) -> str:
    """Return how many beats lie in bad seconds, in a sentence; nothing where none do."""
    bad = {str(reason): int((quality == reason).sum()) for reason in sorted({*quality} - {GOOD})}
    if not bad:
        return ""
    parts = ", ".join(f"{count:,} {reason}" for reason, count in bad.items())
    return f"{sum(bad.values()):,} beats lie in seconds not to be trusted ({parts})."
