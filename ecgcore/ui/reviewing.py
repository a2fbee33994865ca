"""What reviewers say of a beat's label: the form, what was said before, and the way out.

The form takes a verdict, the class it should be, a note and a name; the source files stay as they
are.
"""

import io
import zipfile
from typing import Final

import pandas as pd
import streamlit as st

from ecgcore import __version__
from ecgcore.aami import AAMI_CLASSES, AAMI_NAMES
from ecgcore.compare.exemplars import BeatRef
from ecgcore.compare.summary import Summary
from ecgcore.layers.hand import beat_near
from ecgcore.layers.names import MAX_NAME, MAX_NOTE, file_name
from ecgcore.layers.reviews import (
    Review,
    Verdict,
    add_review,
    moment,
    review_annotations,
    review_table,
    reviews,
)
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.records.annotation_writer import annotation_bytes
from ecgcore.safe_csv import csv_bytes
from ecgcore.schema import Predictions
from ecgcore.storage.engine import app_database
from ecgcore.ui import cache
from ecgcore.ui.errors import told_later
from ecgcore.ui.layer_person import remember, who
from ecgcore.ui.text import counted, plain

EXTENSION: Final = "reviews"  # of the annotation files
_VERDICTS: Final[dict[Verdict, str]] = {
    "right": "The label is right",
    "wrong": "The label is wrong",
    "unsure": "Unsure",
}


def reviewed(database: str, records: tuple[str, ...]) -> tuple[Review, ...]:
    """Return what stands of a set's beats. Raises StorageError."""
    return tuple(one for one in reviews(app_database(), database) if one.record in records)


def with_verdicts(table: pd.DataFrame, summary: Summary, found: tuple[Review, ...]) -> pd.DataFrame:
    """Return the set's table with the column ``verdict``, "" where nobody said anything yet."""
    said: dict[tuple[str, int], list[str]] = {}
    for one in found:
        word = f"{one.verdict} → {one.suggested}" if one.suggested else one.verdict
        said.setdefault((one.record, one.sample), []).append(word)
    verdict = [""] * len(table)
    if said:
        sample = {name: part.peaks.sample for name, part in summary.predictions.items()}
        names = {record for record, _ in said}
        beats = zip(table["record"].tolist(), table["beat"].tolist(), strict=True)
        for row, (record, beat) in enumerate(beats):
            if record in names:
                words = said.get((record, int(sample[record][int(beat)])), [])
                verdict[row] = ", ".join(dict.fromkeys(words))
    return table.assign(verdict=verdict)


def review_form(
    checkpoint: Checkpoint, summary: Summary, ref: BeatRef, found: tuple[Review, ...]
) -> None:
    """Draw what was said of this beat, and the form to say more."""
    part = summary.predictions[ref.record]
    sample = int(part.peaks.sample[ref.beat])
    truth = "" if part.truth is None else str(part.truth[ref.beat])
    layered = bool(part.header.layer)
    for one in found:
        if (one.record, one.sample) == (ref.record, sample):
            st.markdown(_said(one))
    own = source_class(part, sample)
    if not st.session_state.get("review_name"):
        st.session_state["review_name"] = who()

    def save() -> None:
        with told_later():
            add_review(
                app_database(),
                part.header,
                sample=sample,
                annotated=own,
                verdict=st.session_state["review_verdict"],
                suggested=_suggested(),
                note=st.session_state["review_note"],
                reviewer=st.session_state["review_name"],
                context={
                    "checkpoint": checkpoint.name,
                    "predicted": str(part.label[ref.beat]),
                    "confidence": round(float(part.probability[ref.beat].max()), 4),
                    **({"layer": part.header.layer, "layer_class": truth} if layered else {}),
                },
            )
            st.session_state["review_saved"] = ref
            st.session_state["review_note"] = ""

    st.segmented_control(
        f"Beat {ref.beat} of {ref.record}: annotated {own or 'no beat'}"
        + (f"; {truth} in the layer shown" if layered else ""),
        list(_VERDICTS),
        format_func=_VERDICTS.__getitem__,
        default="unsure",
        key="review_verdict",
        required=True,
    )
    left, right = st.columns(2)
    left.selectbox(
        "It should be",
        ["", *AAMI_CLASSES],
        key="review_class",
        format_func=lambda name: f"{name}: {AAMI_NAMES[name]}" if name else "not said",
        disabled=st.session_state.get("review_verdict") != "wrong",
    )
    right.text_input(
        "Your name",
        key="review_name",
        max_chars=MAX_NAME,
        on_change=lambda: remember(st.session_state["review_name"]),
    )
    st.text_area("Note", key="review_note", max_chars=MAX_NOTE, height=68)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Keep the verdict", icon=":material/rate_review:", on_click=save, type="primary")
        if st.session_state.get("review_saved") == ref:
            st.markdown(":green[:material/check: Kept.]", width="content")


def source_class(part: Predictions, sample: int) -> str:
    """Return a beat's class by the recording's own annotations, "" where they have no beat there.

    A layer may have moved or added the beat: the nearest one of the recording's own is meant, as
    near as a pointer would have to be.
    """
    peaks = cache.annotated(cache.record_key(part.header).signal)
    if peaks is None or peaks.aami is None:
        return ""
    near = beat_near(peaks.sample, sample, peaks.fs)
    return "" if near is None else str(peaks.aami[near])


def exports(database: str, found: tuple[Review, ...]) -> None:
    """Draw the ways out: a table, and WFDB annotation files."""
    st.caption(
        f"{counted(len(found), 'verdict')} on this set"
        + (
            ". They are kept beside the recordings, whose files stay as they are."
            if found
            else ": keep one, and it can be exported as a table and as WFDB annotations."
        )
    )
    if not found:
        return
    with st.container(horizontal=True):
        st.download_button(
            "Verdicts as CSV",
            csv_bytes(review_table(found)),
            file_name=f"{file_name(database, 'reviews')}.csv",
            mime="text/csv",
            icon=":material/table:",
            on_click="ignore",
        )
        st.download_button(
            "As WFDB annotations",
            wfdb_zip(found),
            file_name=f"{file_name(database, 'reviews')}.zip",
            mime="application/zip",
            icon=":material/ecg_heart:",
            on_click="ignore",
            help=f"One file a recording, annotator “{EXTENSION}”: put it beside the recording.",
        )


def wfdb_zip(found: tuple[Review, ...]) -> bytes:
    """Return an archive with one annotation file a recording, ``RECORD.reviews``."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for record in dict.fromkeys(one.record for one in found):
            mine = [one for one in found if one.record == record]
            about = (f"{__version__}: reviewers' verdicts on annotated beats",)
            data = annotation_bytes(review_annotations(mine), fs=mine[0].fs, about=about)
            archive.writestr(f"{record}.{EXTENSION}", data)
    return content.getvalue()


def _suggested() -> str:
    wrong = st.session_state["review_verdict"] == "wrong"
    return str(st.session_state["review_class"] or "") if wrong else ""


def _said(one: Review) -> str:
    should = f", should be **{plain(one.suggested)}**" if one.suggested else ""
    note = f"  \n{plain(one.note)}" if one.note else ""
    return (
        f":material/rate_review: **{plain(one.reviewer)}** ({moment(one.at)}): {one.verdict}"
        f"{should}{note}"
    )
