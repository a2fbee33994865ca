"""The small tables under the signal."""

from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from ecgcore.aami import AAMI_NAMES
from ecgcore.layers.marks import STRETCH_SYMBOLS
from ecgcore.plots.signal import SignalWindow
from ecgcore.schema import IntArray, Peaks
from ecgcore.ui.text import plain

CHANGES: Final = "change of rhythm"
_WORTH_SEEING: Final = ("V", "S", "F", "Q", "N")  # what one looks for first


def jump_targets(window: SignalWindow) -> dict[str, IntArray]:
    """Return what the signal page can jump to: disagreements, then beats by class, else beats."""
    targets: dict[str, IntArray] = {}
    peaks, found, match = window.annotated, window.detected, window.match
    if peaks is not None and found is not None and match is not None:
        apart = np.concatenate([peaks.sample[match.missed], found.sample[match.extra]])
        if apart.size:
            targets["disagreement"] = np.sort(apart)
    shown = found if peaks is None else peaks
    targets |= {} if shown is None else beat_targets(shown)
    marks = window.annotations
    if marks is not None:
        changes = marks.sample[np.isin(marks.symbol, STRETCH_SYMBOLS) & (marks.aami == "")]
        targets |= {CHANGES: changes} if changes.size else {}
    return targets


def bad_targets(window: SignalWindow) -> dict[str, IntArray]:
    """Return where stretches begin whose beats aren't to be trusted, by reason."""
    reasons = dict.fromkeys(reason for _, _, reason in window.bad)
    return {
        f"{reason} stretch": np.array(
            [round(first * window.fs) for first, _, why in window.bad if why == reason],
            dtype=np.int64,
        )
        for reason in reasons
    }


def untrusted(window: SignalWindow) -> None:
    """Say how many beats lie in seconds that aren't good, and why."""
    if not window.bad:
        return
    seconds: dict[str, int] = {}
    for first, stop, reason in window.bad:
        seconds[reason] = seconds.get(reason, 0) + stop - first
    parts = ", ".join(f"{count:,} s {reason}" for reason, count in seconds.items())
    peaks = window.annotated if window.annotated is not None else window.detected
    beats = 0
    if peaks is not None:
        edges = np.array([(first, stop) for first, stop, _ in window.bad]) * window.fs
        within = np.searchsorted(peaks.sample, edges)
        beats = int((within[:, 1] - within[:, 0]).sum())
    st.caption(f"Shaded: {parts}. {beats:,} beats lie there; don't trust them.")


def beat_targets(peaks: Peaks) -> dict[str, IntArray]:
    """Return the samples of the beats of each class, rare ones first; of all where unknown."""
    if peaks.aami is None:
        return {"detected beat": peaks.sample}
    by_class = {
        f"{name}: {AAMI_NAMES[name]}": peaks.sample[peaks.aami == name] for name in _WORTH_SEEING
    }
    return {name: sample for name, sample in by_class.items() if sample.size}


def agreement(window: SignalWindow) -> None:
    """Write how the detected peaks agree with the annotated ones, over the whole recording."""
    found, match = window.detected, window.match
    if found is None:
        return
    if match is None or window.annotated is None:
        st.caption(
            f"{len(found):,} R-peaks detected. This recording has no beat annotations, so there is "
            "nothing to compare them with."
        )
        return
    cells = {
        "annotated": f"{len(window.annotated):,}",
        "detected": f"{len(found):,}",
        "agree": f"{len(match.pairs):,}",
        "missed": f"{len(match.missed):,}",
        "extra": f"{len(match.extra):,}",
        "Se (%)": f"{100 * match.se:.2f}",
        "+P (%)": f"{100 * match.ppv:.2f}",
    }
    columns = st.columns(len(cells))
    for column, (name, value) in zip(columns, cells.items(), strict=True):
        column.metric(name, value)
    unscored = len(window.annotated) + len(found) - 2 * len(match.pairs)
    unscored -= len(match.missed) + len(match.extra)
    st.caption(
        (
            f"Scored where the recording is annotated and carries an ECG; {unscored:,} peaks "
            "elsewhere count neither way. "
            if unscored
            else "Whole recording, ventricular flutter included. "
        )
        + "One to one within 150 ms (EC57). Jump to “disagreement” above to walk through what "
        "differs."
    )


def _whose(annotator: str) -> str:
    """Return an annotator as people write it: ".atr"; a layer by its name."""
    return annotator if " " in annotator else f".{annotator}"


def annotations(window: SignalWindow) -> None:
    """Write the annotations inside the window as they stand in the file."""
    marks = window.annotations
    if marks is None:
        st.caption("This recording has no annotation file.")
        return
    stop = window.start + window.raw.size
    inside = np.flatnonzero((marks.sample >= window.start) & (marks.sample < stop))
    frame = pd.DataFrame(
        {
            "time (s)": np.round(marks.sample[inside] / window.fs, 3),
            "sample": marks.sample[inside],
            "symbol": marks.symbol[inside],
            "AAMI class": marks.aami[inside],
            "note": [marks.aux[i] for i in inside],
        }
    )
    st.dataframe(frame, hide_index=True, height=220)
    st.caption(
        plain(f"{len(frame)} annotations from “{_whose(marks.annotator)}”.")
        + (f" {marks.dropped} outside the recording were left out." if marks.dropped else "")
        + (f" {marks.unknown} of unknown kind count as Q." if marks.unknown else "")
    )
