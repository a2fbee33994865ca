"""One row of a table: how it was obtained, on whom it hangs, how sure it is, what it confuses."""

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import streamlit as st

from ecgcore.compare.confusion import Confusion
from ecgcore.experiments.catalog import Experiment, Row
from ecgcore.plots.confusion import confusion_figure
from ecgcore.plots.record_dependence import record_dependence_figure, weightiest
from ecgcore.plots.reliability import reliability_figure
from ecgcore.plots.theme import Theme
from ecgcore.ui.pages import go_to
from ecgcore.ui.result_people import people
from ecgcore.ui.result_table import compared, spread
from ecgcore.ui.state import set_view, view
from ecgcore.ui.text import counted, plain, signed

_QUIET: Final = {"displayModeBar": False}
# Recordings that hold most of a class of DS2: 232 three quarters of S, 213 nearly all F.
_WEIGHTY: Final = ("232", "213")


def protocol(entry: Mapping[str, Any]) -> None:
    """Write the badges and flags of a row."""
    told = entry["protocol"]
    devices = sorted({f"{one['device']}, {one['precision']}" for one in entry["seeds"]})
    in_all = f"{len(entry['seeds'])} of {len(entry['planned'])} seeds"
    colour = "gray" if entry["complete"] else "orange"
    st.markdown(
        f":blue-badge[{plain(told['name'])}] :gray-badge[{plain(told['peaks'])} R-peaks] "
        f":{colour}-badge[{in_all}] "
        + " ".join(f":gray-badge[{plain(name)}]" for name in devices)
        + f"  \ntrained on **{plain(told['train'])}**, tested on **{plain(told['test'])}**"
    )
    for flag in told["flags"]:
        st.markdown(f":orange[:material/flag:] {plain(flag)}")
    if "beside" in entry:
        st.caption(_beside(entry["beside"]))


def _beside(told: Mapping[str, Any]) -> str:
    """Return what scoring the same networks in another way changes, in points of a percent."""
    names = {"macro.f1_4": "F1 (N S V F)"} | {f"per_class.{c}.f1": f"F1 of {c}" for c in "SVF"}
    parts = []
    for figure, name in names.items():
        found, before = told["difference"].get(figure), told["summary"].get(figure)
        if found is not None and before is not None:
            more = f" ± {100 * found['std']:.1f}" if found["std"] is not None else ""
            before_it = f"from {100 * before['mean']:.1f} %"
            parts.append(f"{name} {signed(100 * found['mean'])}{more} ({before_it})")
    return f"Against {plain(told['what'])}, in points, seed by seed: {'; '.join(parts)}."


def figures(experiment: Experiment, entry: Mapping[str, Any], theme: Theme) -> None:
    """Draw on whom the figure hangs, and the calibration curve."""
    left, right = st.container(key="stack_result").columns([1.6, 1], gap="large")
    with left:
        _dependence(experiment, entry, theme)
    with right:
        _calibration(entry, theme)


def _median_by(seed: Mapping[str, Any]) -> str:
    if seed["held_out_f1"] is None or math.isnan(seed["held_out_f1"]):
        return "macro F1 on the test beats; nothing was chosen by it"
    return "held-out training patients"


def _scored_otherwise(entry: Mapping[str, Any]) -> str:
    return (
        f"Seed {entry['median_seed']}, the one whose checkpoint the row {entry['networks_of']} "
        "keeps."
    )


def errors(row: Row, entry: Mapping[str, Any], theme: Theme, *, checkpoints: list[str]) -> None:
    """Draw the median seed's confusion; a click on a cell goes to its beats on Compare."""
    seed = next(one for one in entry["seeds"] if one["seed"] == entry["median_seed"])
    kept = row.trained.checkpoint
    loadable = compared(row, checkpoints)
    if len(seed["classes"]) > 8:
        return
    matrix = confusion_of(seed)
    key = f"cells_{row.home}_{row.name}"
    st.plotly_chart(
        confusion_figure(matrix, theme, height=340),
        theme=None,
        config=_QUIET,
        key=key,
        on_select="rerun" if loadable else "ignore",
        selection_mode="points",
        alt="Confusion matrix of the median seed: true classes in rows, predicted ones in columns",
    )
    st.caption(
        (
            _scored_otherwise(entry)
            if row.scoring
            else f"Seed {entry['median_seed']}, the median by {_median_by(seed)}."
        )
        + (
            " Click a cell to see its beats on Compare."
            if loadable
            else " Compare shows that checkpoint in another way, so the cells here lead nowhere."
            if kept in checkpoints
            else " Its checkpoint is written when all seeds are in."
        )
    )
    picked = st.session_state.get(key) if loadable else None
    points = picked["selection"]["points"] if picked else []
    if points:
        truth, label, *_ = points[0]["customdata"]
        database, _, test = entry["protocol"]["test"].partition(" ")
        cell = f"{truth}>{label}"
        set_view(
            database=database, checkpoint=kept, scope=test, beat=None, cell=cell,
            where="", sort="", pane="",
        )  # fmt: skip
        go_to("compare")


def confusion_of(seed: Mapping[str, Any]) -> Confusion:
    """Return a seed's confusion; a class that no beat has, or none was given, has no row, column.

    So one that the network can't say does not stand there as if it had never been right.
    """
    counts, classes = np.array(seed["confusion"]), seed["classes"]
    true, said = np.flatnonzero(counts.any(axis=1)), np.flatnonzero(counts.any(axis=0))
    return Confusion(
        truths=tuple(classes[k] for k in true),
        classes=tuple(classes[k] for k in said),
        counts=counts[np.ix_(true, said)],
        unlabelled=0,
        unusable=0,
    )


def provenance(entry: Mapping[str, Any]) -> None:
    """Write what the figures were made with."""
    seeds = entry["seeds"]
    minutes = sum(one["seconds"] for one in seeds) / 60
    made = sorted({f"torch {one['versions']['torch']}" for one in seeds})
    epochs = ", ".join(str(one["epochs"]) for one in seeds)
    st.caption(
        f"{plain(entry['config'])}; data hash {entry['data_hash']}; network code "
        f"{entry['network_code']}; {minutes:.0f} min of training for "
        f"{counted(len(seeds), 'seed')}; {plain(', '.join(made))}; epochs {epochs}."
    )


def _dependence(experiment: Experiment, entry: Mapping[str, Any], theme: Theme) -> None:
    without: dict[str, float] = entry.get("without", {})
    if not without or any(value is None for value in without.values()):
        if all("people" in one for one in entry["seeds"]):
            people(entry)
        else:
            st.caption("The recordings are the classes here, so none can be left out.")
        return
    name = "macro F1" + (f" ({' '.join(experiment.classes)})" if experiment.classes else "")
    low, high = entry["intervals"]["macro_f1"]
    whole = _whole(experiment, entry)
    st.plotly_chart(
        record_dependence_figure(without, whole, theme, figure_name=name),
        theme=None,
        config=_QUIET,
        key="record_dependence",
        alt="Change of the macro F1 when each test recording is left out",
    )
    named = weightiest(without, whole)
    if entry["protocol"]["name"] == "inter-patient":
        named += [record for record in _WEIGHTY if record in without and record not in named]
    told = [f"**{100 * without[record]:.1f} %** without {record}" for record in named]
    st.caption(
        f"{name[0].upper()}{name[1:]}: {100 * whole:.1f} % with all test recordings"
        + (f", {', '.join(told)}" if told else "")
        + f". Drawing the recordings anew ({counted(1000, 'draw')}) gives {100 * low:.1f} to "
        f"{100 * high:.1f} % (95 %): so far the figure depends on who was tested."
    )


def _whole(experiment: Experiment, entry: Mapping[str, Any]) -> float:
    """Return the macro F1 that ``without`` is compared with, mean over seeds."""
    name = {4: "macro.f1_4", 5: "macro.f1_5"}.get(len(experiment.classes), "macro.f1")
    return float(entry["summary"][name]["mean"])


def _calibration(entry: Mapping[str, Any], theme: Theme) -> None:
    bins = [one["reliability"] for one in entry["seeds"]]
    beats = np.array([one["beats"] for one in bins])
    total = np.maximum(beats.sum(axis=0), 1)
    mean = {
        key: ((np.array([one[key] for one in bins]) * beats).sum(axis=0) / total).tolist()
        for key in ("confidence", "accuracy")
    }
    st.plotly_chart(
        reliability_figure(beats.sum(axis=0).tolist(), mean["confidence"], mean["accuracy"], theme),
        theme=None,
        config=_QUIET,
        key="reliability",
        alt="Calibration: share of beats that were right over the network's confidence",
    )
    st.caption(
        f"All seeds' beats; calibration error {spread(entry['summary'].get('ece'))} %. Below the "
        "line the network is surer than it is right."
    )


def chosen_row(experiment: Experiment, there: list[str]) -> str:
    """Return the row of the View where it has results, else the one that the table opens on."""
    table, _, row = view().result.partition("/")
    if row and table == experiment.name and row not in there:
        told = f"There is no row {row!r} with results; choose one."
        st.warning(plain(told), icon=":material/info:")
    if table == experiment.name and row in there:
        return row
    return experiment.first if experiment.first in there else there[-1]
