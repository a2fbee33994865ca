"""Compare: a wrong beat beside right ones of its true and of its predicted class."""

from ecgcore.ui.guard import inside_frame

inside_frame()

import streamlit as st

from ecgcore.compare.cells import cell_of
from ecgcore.compare.exemplars import BeatRef, Exemplar, exemplars
from ecgcore.compare.gather import GatherKey
from ecgcore.compare.summary import Summary
from ecgcore.explain.registry import explainer
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.plots.panel import BeatPanel
from ecgcore.plots.triptych import triptych_figure
from ecgcore.ui import frame, model_cache
from ecgcore.ui.beat_browser import beat_list, listing, stepper, told_if_strange
from ecgcore.ui.beat_filter import filter_popover, order_picker
from ecgcore.ui.beat_links import open_in_signal
from ecgcore.ui.beat_map import beat_map, picked_beats
from ecgcore.ui.beat_view import beat_panel, column_title
from ecgcore.ui.cell_list import chosen_beat, matrix_picker
from ecgcore.ui.checkpoint_picker import badges, checkpoint_picker, told_if_trained
from ecgcore.ui.cluster_strips import cluster_strips
from ecgcore.ui.compare_set import left_out, scope_picker, why_not
from ecgcore.ui.current import current, current_theme
from ecgcore.ui.difference_view import draw_difference, found_difference
from ecgcore.ui.errors import instead, tell
from ecgcore.ui.explain_controls import method_picker
from ecgcore.ui.gathering import gathered
from ecgcore.ui.group_list import group_list
from ecgcore.ui.layer_links import correct_button
from ecgcore.ui.meanwhile import meanwhile
from ecgcore.ui.measured import measured
from ecgcore.ui.pages import go_to
from ecgcore.ui.quality_note import quality_note
from ecgcore.ui.reviewing import exports, review_form, reviewed, with_verdicts
from ecgcore.ui.state import set_view, shown, view
from ecgcore.ui.suspect_list import suspect_pane, with_suspects
from ecgcore.ui.text import plain
from ecgcore.ui.trust_panel import method_note

QUIET = {"displayModeBar": False}


PANES = {
    "": "Matrix",
    "groups": "Groups of errors",
    "map": "Map of beats",
    "suspects": "Labels to review",
}


def draw(checkpoint: Checkpoint, key: GatherKey, summary: Summary) -> None:
    theme = current_theme()
    told_if_strange()
    beats = measured(checkpoint, here.database, key, summary)
    people = checkpoint.meta.task == "identity"
    said = () if people else reviewed(here.database.name, tuple(summary.predictions))
    pane = view().pane
    table = beats.table if people else with_verdicts(beats.table, summary, said)
    among = picked_beats(key, summary, table)
    doubted = None
    if pane == "suspects" and not people:
        doubted = model_cache.suspect_labels(key, checkpoint.meta, summary)
        table = with_suspects(table, doubted)
        among = "those with a label in doubt", table.index[table["doubt"].notna()]
    ref = chosen_beat(summary, table, among)
    shown(record=ref.record, beat=ref.beat)
    cell = cell_of(summary.table, ref)
    assert cell is not None  # chosen_beat returns labelled beats only
    found = listing(table, cell, among)
    left, right = st.container(key="stack_matrix").columns([1, 1])
    with left:
        pane_picker()
        if pane == "groups":
            group_list(summary, beats)
        elif pane == "map":
            beat_map(key, summary, ref, theme)
        elif doubted is not None:
            suspect_pane(checkpoint, summary, ref, doubted, said)
        elif pane == "suspects":
            st.info("Labels here are people: there is no annotation to doubt.")
        else:
            matrix_picker(summary, beats.table, cell, theme)
    with right:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            order_picker(table)
            filter_popover(beats, found)
        beat_list(found, ref)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        stepper(found, ref)
        st.space("stretch")
        if not people and doubted is None:
            with st.popover("Verdict and note", icon=":material/rate_review:"):
                review_form(checkpoint, summary, ref, said)
                exports(here.database.name, said)
        ways_on(checkpoint, summary, ref)
    tell()
    quality_note(summary.predictions[ref.record], ref.beat)
    compared(checkpoint, summary, ref, cell)


def pane_picker() -> None:
    pane = view().pane if view().pane in PANES else ""
    if pane != view().pane:
        instead(f"Errors can't be looked for by {view().pane!r}; the matrix is shown instead.")
    st.session_state["pick_pane"] = pane
    st.segmented_control(
        "Look for errors by",
        list(PANES),
        format_func=PANES.__getitem__,
        key="pick_pane",
        on_change=lambda: set_view(pane=st.session_state["pick_pane"] or ""),
        label_visibility="collapsed",
    )


def ways_on(checkpoint: Checkpoint, summary: Summary, ref: BeatRef) -> None:
    if st.button("Explain this beat", icon=":material/lightbulb:"):
        set_view(record=ref.record, beat=ref.beat)
        go_to("explain")
    if st.button("Open in Signal", icon=":material/ecg_heart:"):
        part = summary.predictions[ref.record]
        set_view(record=ref.record)
        open_in_signal(part.peaks, ref.beat, part.header.duration)
    correct_button(checkpoint, ref.record)


def compared(checkpoint: Checkpoint, summary: Summary, ref: BeatRef, cell: tuple[str, str]) -> None:
    theme = current_theme()
    found = exemplars(summary.pool, ref, other_records=elsewhere)
    wrong = cell[0] != cell[1]
    apart = (
        found_difference(checkpoint, summary, ref, cell, other_records=elsewhere) if wrong else None
    )
    if apart is not None:
        draw_difference(checkpoint, apart)
    elif wrong:
        st.caption(
            "Nothing to read off: of one of the two classes no beat was rightly recognised here."
        )
    columns = [panel(checkpoint, summary, ref, "Wrong" if wrong else "Chosen", cell[1])]
    if wrong:
        columns.append(exemplar(checkpoint, summary, found.true_class, "Nearest right"))
    columns.append(exemplar(checkpoint, summary, found.predicted_class, "Nearest right"))
    strips = cluster_strips(checkpoint, here.database, columns)
    st.plotly_chart(
        triptych_figure(
            columns,
            theme,
            method=explainer(method).title,
            marks=apart.marks if apart else (),
            clusters=strips,
        ),
        theme=None,
        config=QUIET,
        key="triptych",
        alt="The chosen beat beside the nearest right beats of its true and predicted class",
    )
    method_note(checkpoint, method)
    st.caption(
        "From left: the chosen beat"
        + (", the nearest rightly recognised beat of its **true** class, and" if wrong else " and")
        + (" that" if wrong else " the nearest rightly recognised one")
        + " of its **predicted** class; nearest in the network's embedding, each dimension "
        "in its own standard deviations. Each map explains the class in its title and is scaled "
        "to its own largest value: compare where it is bright, not how bright. "
        + (
            "Predictions are in the context of each recording's other beats; maps and distances "
            "are of what the network makes of a beat by itself. " * checkpoint.meta.context
        )
        + ("Clusters: what the network's last blocks make alike. " * bool(strips))
        + "**Not for clinical use.**"
    )


def panel(
    checkpoint: Checkpoint, summary: Summary, ref: BeatRef, what: str, target: str, more: str = ""
) -> BeatPanel:
    part = summary.predictions[ref.record]
    return beat_panel(
        checkpoint,
        part,
        ref.beat,
        method=method,
        target=target,
        context=3,
        title=column_title(part, ref.beat, what, f"map for {target}{more}"),
    )


def exemplar(
    checkpoint: Checkpoint, summary: Summary, found: Exemplar, what: str
) -> BeatPanel | str:
    if found.ref is None:
        return found.reason
    return panel(checkpoint, summary, found.ref, what, found.label, f" · {found.distance:.2f} away")


frame.title("compare", strip=False)
here = current()
loaded = checkpoint_picker(here.header)
frame.looked_at(badges(loaded))
headers = scope_picker(here)
method = method_picker(loaded)
alone = len(headers) < 2
elsewhere = (
    st.sidebar.toggle(
        "Right beats of other recordings only",
        key="elsewhere",
        disabled=alone,
        help="Only this recording is in the set: choose DS1, DS2 or all."
        if alone
        else "A beat's nearest right beats are often of its own recording, because the heart and "
        "the electrodes are the same. On: what it is set beside and laid over is of others.",
    )
    and not alone
)
state = gathered(loaded, here.database, headers, source="annotated")
if state is None:
    meanwhile(here)
else:
    total = model_cache.summary(state.key, loaded.meta, state.found)
    left_out(state, total)
    told_if_trained(loaded, here.database.name, tuple(head.name for head in headers))
    if total is None:
        st.info(plain(why_not(state, loaded)), icon=":material/info:")
    else:
        draw(loaded, state.key, total)
