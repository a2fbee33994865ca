"""Labels to look at again: why these, and the reviewer's form beside the list."""

import pandas as pd
import streamlit as st

from ecgcore.compare.exemplars import BeatRef
from ecgcore.compare.summary import Summary
from ecgcore.compare.suspects import Suspects
from ecgcore.layers.reviews import Review
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.ui.reviewing import exports, review_form
from ecgcore.ui.text import counted, plain


def with_suspects(table: pd.DataFrame, found: Suspects) -> pd.DataFrame:
    """Return the set's table with ``likely`` and ``doubt``, NaN where nothing is suspect."""
    keys = ["record", "beat"]
    return table.merge(found.table, on=keys, how="left").set_index(table.index)


def suspect_pane(
    checkpoint: Checkpoint,
    summary: Summary,
    ref: BeatRef,
    found: Suspects,
    said: tuple[Review, ...],
) -> None:
    """Write what makes a label suspect, and draw the form for the beat that is looked at."""
    if found.judged:
        st.markdown(
            f"**{counted(len(found.table), 'label')}** of {found.judged:,} contradicted by "
            + (
                "networks that never saw these people."
                if found.held_out
                else f"{plain(checkpoint.name)}, which never saw these beats."
            )
        )
    else:
        st.info(plain(why_none(found, summary)), icon=":material/info:")
    if found.judged and found.held_out:
        st.caption(
            f"{counted(len(found.held_out), 'recording')} trained {plain(checkpoint.name)}, which "
            "has learnt the labels, right or wrong. They are judged by networks of the same design "
            "that were trained without these people (cross-validation by patient); confidence and "
            "predicted class in the list are still the checkpoint's own."
        )
    if found.judged and found.unmatched:
        st.caption(
            f"{counted(found.unmatched, 'beat')} of theirs not judged: there is no beat within "
            "150 ms that those networks were asked about."
        )
    if found.trained:
        st.caption(
            f":orange[:material/flag:] {counted(len(found.trained), 'recording')} that trained the "
            "checkpoint left out: it has learnt their labels, right or wrong, and what networks "
            "trained without them say is not kept with it (the command `held-out` makes it)."
        )
    review_form(checkpoint, summary, ref, said)
    exports(summary.predictions[ref.record].header.database, said)
    limits = ", ".join(f"{name} {limit:.2f}" for name, limit in found.threshold.items())
    st.caption(
        "A label is suspect when another class' probability reaches what beats of that class are "
        f"given on average ({plain(limits)}) and is the largest of those that do (confident "
        "learning). What the network can't tell apart it suspects in bulk, so look before you "
        "judge. **Not for clinical use.**"
    )


def why_none(found: Suspects, summary: Summary) -> str:
    """Return why no label of a set could be doubted."""
    if len(found.trained) == len(summary.predictions):
        return (
            "No label here can be doubted: every one of these recordings trained the checkpoint. "
            "Choose recordings that did not, such as its test set."
        )
    if found.unmatched:
        return (
            f"No label here can be doubted: {counted(len(found.held_out), 'recording')} trained "
            "the checkpoint, and the networks that never saw these people were asked about other "
            "beats: none lies within 150 ms of those shown. The command `held-out` asks them anew."
        )
    return (
        "No label here can be doubted: no usable beat has an annotated class that the checkpoint "
        "knows."
    )
