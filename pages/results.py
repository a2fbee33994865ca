"""Results: the published tables beside ours, by one protocol, with what each figure hangs on."""

from ecgcore.ui.guard import inside_frame

inside_frame()

import streamlit as st

from ecgcore.errors import EcgError
from ecgcore.experiments.catalog import EXPERIMENTS, Experiment
from ecgcore.experiments.published import published
from ecgcore.experiments.results import row_results
from ecgcore.models.checkpoint import list_checkpoints
from ecgcore.ui import frame, result_row, step_table
from ecgcore.ui.current import current_theme
from ecgcore.ui.result_table import result_table
from ecgcore.ui.state import set_view, shown, view
from ecgcore.ui.text import plain


def pick() -> None:
    if st.session_state["results_pick"]:
        set_view(result=st.session_state["results_pick"])


def pick_row() -> None:
    if st.session_state["results_row"]:
        set_view(result=f"{chosen}/{st.session_state['results_row']}")


def draw(experiment: Experiment) -> None:
    printed = published(experiment.name)
    entries = {row.name: row_results(row) for row in experiment.rows}
    checkpoints = list_checkpoints()
    st.markdown(f"**{plain(experiment.title)}**")
    st.html(result_table(experiment, entries, printed, checkpoints))
    st.caption(
        "In percent; ours: mean ± standard deviation over seeds. Published: "
        f"{plain(printed.source)}." + "".join(f"  \n{plain(note)}" for note in printed.notes)
    )
    if printed.ours:
        st.caption("Ours depart in:" + "".join(f"  \n{plain(line)}" for line in printed.ours))
    missing = [name for name, entry in entries.items() if entry is None or not entry["complete"]]
    if missing:
        st.info(
            f"Not run yet, or not with all seeds: {plain(', '.join(missing))}. Run them with  \n"
            f"`{experiment.command}`  \n(it goes on where it was interrupted).",
            icon=":material/pending:",
        )
    there = [name for name, entry in entries.items() if entry is not None]
    if not there:
        return
    for line in printed.unreproducible:
        st.markdown(f":orange[:material/report:] Not reproduced: {plain(line)}")
    name = result_row.chosen_row(experiment, there)
    shown(result=f"{experiment.name}/{name}")
    row = next(row for row in experiment.rows if row.name == name)
    st.session_state["results_row"] = name
    st.pills(
        "Row",
        there,
        key="results_row",
        on_change=pick_row,
        format_func=lambda one: next(r.title for r in experiment.rows if r.name == one),
        label_visibility="collapsed",
    )
    entry, theme = entries[name], current_theme()
    assert entry is not None  # ``there`` holds only those
    result_row.protocol(entry)
    result_row.figures(experiment, entry, theme)
    result_row.errors(row, entry, theme, checkpoints=checkpoints)
    result_row.provenance(entry)


wanted = view().result.partition("/")[0]
TABLES = {name: one.title for name, one in EXPERIMENTS.items()} | step_table.TITLES
chosen = wanted if wanted in TABLES else next(iter(TABLES))
shown(result=chosen)
frame.title("results", strip=False)
if wanted and wanted not in TABLES:
    st.warning(plain(f"There is no table {wanted!r}; choose one below."), icon=":material/info:")
st.session_state["results_pick"] = chosen
st.pills(
    "Tables",
    list(TABLES),
    key="results_pick",
    on_change=pick,
    format_func=lambda name: TABLES[name].partition(":")[0].partition(",")[0],
    label_visibility="collapsed",
)
try:
    if chosen in step_table.TITLES:
        step_table.draw(chosen)
    else:
        draw(EXPERIMENTS[chosen])
except EcgError as error:
    st.error(plain(str(error)), icon=":material/error:")
st.caption("**Not for clinical use.**")
