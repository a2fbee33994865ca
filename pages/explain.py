"""Explain: which part of a beat spoke for a class."""

from ecgcore.ui.guard import inside_frame

inside_frame()

import streamlit as st

from ecgcore.explain.attention import head_count
from ecgcore.explain.registry import explainer
from ecgcore.explain.split import why_no_split
from ecgcore.features.what_if import intervals_beside
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.plots.probability import probability_figure
from ecgcore.plots.saliency import saliency_figure
from ecgcore.plots.split import split_figure
from ecgcore.plots.timeline import timeline_figure
from ecgcore.schema import Predictions
from ecgcore.training.context import by_itself
from ecgcore.ui import frame
from ecgcore.ui.beat_links import clicked_beat, open_in_signal
from ecgcore.ui.beat_roles import beat_roles
from ecgcore.ui.beat_stepper import beat_stepper
from ecgcore.ui.beat_view import beat_heads, beat_panel, beat_split
from ecgcore.ui.checkpoint_picker import badges, checkpoint_picker, told_if_trained
from ecgcore.ui.cluster_panel import cluster_panel
from ecgcore.ui.context_note import context_note
from ecgcore.ui.current import Current, current, current_theme
from ecgcore.ui.explain_controls import method_picker, rhythm_sliders, target_picker
from ecgcore.ui.explain_words import caveats, doubts, picture_words, told
from ecgcore.ui.gathering import classified
from ecgcore.ui.layer_links import correct_button
from ecgcore.ui.meanwhile import meanwhile
from ecgcore.ui.pages import go_to
from ecgcore.ui.quality_note import quality_note
from ecgcore.ui.state import set_view
from ecgcore.ui.text import clock, plain
from ecgcore.ui.trust_panel import method_note, recommended_note, trust_panel

QUIET = {"displayModeBar": False}


def draw(now: Current, checkpoint: Checkpoint, predictions: Predictions) -> None:
    theme, roles = current_theme(), beat_roles(checkpoint.meta, predictions)
    beat = beat_stepper(predictions, roles)
    own = by_itself(predictions)
    pre, post = rhythm_sliders(checkpoint, predictions.peaks, beat)
    changed = pre is not None or post is not None
    panel = beat_panel(
        checkpoint, predictions, beat, method=method, target=target, pre=pre, post=post
    )
    recorded = (
        beat_panel(checkpoint, predictions, beat, method=method, target=panel.explanation.target)
        if changed
        else None
    )
    found, entry = panel.explanation, explainer(method)
    truth = "" if predictions.truth is None else str(predictions.truth[beat])
    left, right = st.container(key="stack_beat").columns([4, 1.25])
    left.plotly_chart(
        saliency_figure(
            panel,
            theme,
            method=entry.title,
            recorded=recorded,
            heads=beat_heads(checkpoint, predictions, beat, pre=pre, post=post)
            if method.startswith("attention") and head_count(checkpoint.network) > 1
            else None,
        ),
        theme=None,
        config=QUIET,
        key="saliency",
        alt=f"{entry.title} of beat {beat} of {now.header.name} for {found.target}",
    )
    with right:
        label = str(predictions.label[beat])
        known = "annotated" if checkpoint.meta.task == "beat-class" else "true"
        verdict = "" if not truth else "right" if truth == label else "**wrong**"
        st.markdown(
            f"**Beat {beat:,}** at {clock(predictions.peaks.sample[beat] / predictions.peaks.fs)}"
            f"  \n{known} **{plain(truth or 'unknown')}**, predicted **{plain(label)}**"
            + (f" · {verdict}" if verdict else "")
            + (f"  \n{roles.words(beat)}" if roles else "")
            + (
                f"  \nwhat if{', by itself' * (predictions.alone is not None)}: predicted "
                f"**{plain(likeliest(found.prediction))}**"
                if changed
                else ""
            )
        )
        context_note(predictions, beat)
        st.plotly_chart(
            probability_figure(
                found.prediction,
                theme,
                truth=truth,
                target=found.target,
                recorded=as_recorded(own, beat) if changed else None,
            ),
            theme=None,
            config=QUIET,
            key="probability",
            alt="Probability of each class",
        )
        if st.button("Open in Signal", icon=":material/ecg_heart:", width="stretch"):
            open_in_signal(predictions.peaks, beat, now.header.duration)
        correct_button(checkpoint, now.header.name, width="stretch")
        if truth and st.button("Compare", icon=":material/compare:", width="stretch"):
            set_view(beat=beat)
            go_to("compare")
    quality_note(predictions, beat)
    method_note(checkpoint, method)
    if doubt := doubts(found, entry):
        st.warning(plain(doubt), icon=":material/report:")
    if changed:
        st.warning(what_if(predictions, beat, pre, post), icon=":material/science:")
    notes = " ".join((*found.notes, *own.notes))
    if notes:
        st.info(plain(notes), icon=":material/info:")
    st.caption(
        f"{entry.title} for **{plain(found.target)}**: {entry.see}; "
        f"{caveats(entry, checkpoint.meta.input)}. "
        + (
            "The network sees what differs from the dotted median beat. "
            * (panel.median is not None)
        )
        + f"{picture_words(checkpoint.meta.input)} "
        + "**Not for clinical use.** "
        + plain(told(found, entry))
    )
    recommended_note(checkpoint, method)
    trust_panel(checkpoint, predictions, beat, method, found.target, pre, post)
    if not why_no_split(checkpoint.meta.input):
        decision(checkpoint, predictions, beat, found.target, pre, post)
    st.plotly_chart(
        timeline_figure(predictions, theme, beat=beat),
        theme=None,
        config=QUIET,
        key="timeline",
        on_select=timeline_clicked,
        selection_mode="points",
        alt="Predicted class of every beat of the recording",
    )
    st.caption(
        "The whole recording, a lane a predicted class; crosses differ from the annotations. "
        "Click a mark to explain that beat."
    )
    cluster_panel(checkpoint, predictions, beat, now.database, found.target)


def decision(
    checkpoint: Checkpoint,
    predictions: Predictions,
    beat: int,
    label: str,
    pre: float | None,
    post: float | None,
) -> None:
    st.markdown("##### Morphology or rhythm?")
    split = beat_split(checkpoint, predictions, beat, label, pre=pre, post=post)
    changed = pre is not None or post is not None
    recorded = beat_split(checkpoint, predictions, beat, label) if changed else None
    st.plotly_chart(
        split_figure(split, current_theme(), recorded=recorded),
        theme=None,
        config=QUIET,
        key="split",
        alt=f"What waveform and RR features brought to the score of {label}",
    )
    st.caption(
        f"What the waveform and each RR feature brought to the score of **{plain(label)}** beyond "
        f"{plain(split.reference)}; all bars of a group add up to its own (exact Shapley values). "
        "Several features share one interval, so read the rhythm's bars together. It tells what "
        "the network made of its inputs, not what caused the beat."
    )


def what_if(predictions: Predictions, beat: int, pre: float | None, post: float | None) -> str:
    there = intervals_beside(predictions.peaks, beat)
    said = [
        f"RR {word} the beat {wanted:.2f} s instead of {recorded:.2f} s"
        for word, wanted, recorded in zip(("before", "after"), (pre, post), there, strict=True)
        if wanted is not None and recorded is not None
    ]
    return (
        f"What if: {' and '.join(said)}. The waveform stays as it was. Thin marks and the lower "
        "strip show the beat as recorded; each map has its own scale."
    )


def likeliest(probability: dict[str, float]) -> str:
    return max(probability, key=lambda name: probability[name])


def as_recorded(predictions: Predictions, beat: int) -> dict[str, float]:
    return dict(zip(predictions.classes, predictions.probability[beat].tolist(), strict=True))


def timeline_clicked() -> None:
    chosen = clicked_beat(st.session_state["timeline"])
    if chosen is not None:
        set_view(beat=chosen)


frame.title("explain", strip=False)
here = current()
loaded = checkpoint_picker(here.header)
frame.looked_at(badges(loaded))
method, target = method_picker(loaded), target_picker(loaded)
told_if_trained(loaded, here.database.name, (here.header.name,), compared=False)
ready = classified(loaded, here)
if ready is None:
    meanwhile(here)
else:
    draw(here, loaded, ready)
