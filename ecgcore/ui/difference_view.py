"""Why a wrong beat was taken for another class: one sentence, and what it was read from."""

from typing import Final

import streamlit as st

from ecgcore.compare.difference import LEAST, MOST, Difference, difference
from ecgcore.compare.exemplars import BeatRef, right_beats
from ecgcore.compare.reading import reading
from ecgcore.compare.summary import Summary
from ecgcore.features.what_if import hears_rhythm
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.plots.difference import difference_figure
from ecgcore.ui import cache
from ecgcore.ui.current import current_theme
from ecgcore.ui.text import escaped, plain, signed

_QUIET: Final = {"displayModeBar": False}


def found_difference(
    checkpoint: Checkpoint,
    summary: Summary,
    wrong: BeatRef,
    cell: tuple[str, str],
    *,
    other_records: bool,
) -> Difference | None:
    """Return how a wrong beat stands between its class and the predicted one.

    None where one of them has no rightly recognised beat. Raises EcgError for a recording that
    can no longer be read.
    """
    both = [
        right_beats(summary.pool, wrong, label, most=MOST, least=LEAST, other_records=other_records)
        for label in cell
    ]
    true, predicted = both
    if true is None or predicted is None:
        return None
    names = {wrong.record, true.record, predicted.record}
    records = {
        name: cache.record(cache.record_key(summary.predictions[name].header)) for name in names
    }
    return difference(
        wrong,
        true,
        predicted,
        records,
        summary.predictions,
        departures=checkpoint.meta.task == "beat-class",
    )


def sentence(checkpoint: Checkpoint, found: Difference) -> str:
    """Return the one-sentence reading of a difference."""
    spec = checkpoint.meta.input
    return reading(found, rhythm=hears_rhythm(spec.rr, spec.channels))


def shifted(found: Difference) -> str:
    """Return what must be said of a beat whose baseline does not stay where it was."""
    return (
        f"Behind its QRS complex this whole beat lies {signed(found.shift, 2)} {found.unit} off "
        "both classes: a shift of the baseline, as a moved electrode makes, looks so too. Read "
        "what is said of the waves behind it with care."
    )


def draw_difference(checkpoint: Checkpoint, found: Difference) -> None:
    """Write the sentence, and draw the beat over the usual beats of both classes."""
    text = sentence(checkpoint, found)
    st.html(f'<div class="bl-reading" data-testid="reading">{escaped(text)}</div>')
    st.plotly_chart(
        difference_figure(found, current_theme(), checkpoint.meta.classes),
        theme=None,
        config=_QUIET,
        key="difference",
        alt="The wrong beat over the usual beats of its true and its predicted class",
    )
    if found.shift:
        st.warning(plain(shifted(found)), icon=":material/swap_vert:")
    st.caption(
        "Median and spread of rightly recognised beats, evenly over the recording; shaded: where "
        "this beat is nearer to the predicted class than to its own. Zero is each beat's level "
        "before its QRS complex. "
        + (
            "Beats of another recording stand as departures from that one's median beat on this "
            "one's, as they would look here. " * found.departures
        )
        + "The sentence is read off the waveform by rule: it says what an eye can see, the map "
        "below what the network looked at. They may disagree."
    )
