"""What is known of a checkpoint, as small tables and sentences."""

import math
import statistics
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st

from ecgcore.models.meta import CheckpointMeta
from ecgcore.models.registry import NETWORKS
from ecgcore.plots.record_scores import record_scores_figure
from ecgcore.plots.theme import Theme
from ecgcore.training.card import CONTEXT_WORDS, input_words, kept_words
from ecgcore.training.metrics import headline_f1
from ecgcore.ui.text import plain

_TASKS: Final = {
    "beat-class": "the class of each heartbeat",
    "identity": "whose heartbeat it is",
}
_FIGURES: Final = {
    "accuracy": "accuracy",
    "mean_ovr_accuracy": "one-vs-rest acc.",
    "ece": "calibration error",
}
_MACRO: Final = {
    "f1_4": "macro F1, N S V F",
    "f1_5": "macro F1, with Q",
    "f1": "macro F1",
}


def facts(meta: CheckpointMeta) -> None:
    """Write what the checkpoint says, sees and was trained on."""
    entry = NETWORKS.get(meta.architecture)
    lines = {
        "tells": _TASKS[meta.task] + f": {', '.join(meta.classes)}",
        "network": f"{entry.title}, after: {entry.source}" if entry else meta.architecture,
        "sees": input_words(meta),
        "lead": f"{meta.lead or 'MLII, else the first'}, recordings of {meta.fs:g} Hz; others "
        "are resampled, and another lead is used where this one is missing (and said)",
    }
    if meta.context:
        lines["in context"] = CONTEXT_WORDS
    st.markdown("\n".join(f"- **{name}** {plain(text)}" for name, text in lines.items()))


def protocol(meta: CheckpointMeta) -> None:
    """Write how its figures were obtained, with every flag."""
    told = meta.protocol
    st.markdown(
        f":blue-badge[{plain(told.name)}] :gray-badge[{plain(told.peaks)} R-peaks] "
        f":gray-badge[seed {meta.seed}]  \ntrained on **{plain(told.train)}**, tested on "
        f"**{plain(told.test)}**"
    )
    for flag in told.flags:
        st.markdown(f":orange[:material/flag:] {plain(flag)}")


def figures(meta: CheckpointMeta) -> None:
    """Write the figures on the protocol's test set."""
    macro = meta.metrics.get("macro", {})
    # Over N S V F where it has those classes: the same name means the same mean everywhere.
    shown = {
        title: macro.get(name)
        for name, title in _MACRO.items()
        if _known(macro.get(name)) and not (name == "f1" and _known(macro.get("f1_4")))
    }
    shown |= {title: meta.metrics.get(name) for name, title in _FIGURES.items()}
    there = {title: value for title, value in shown.items() if _known(value)}
    if not there:
        st.caption("No figures are stored with this checkpoint.")
        return
    columns = st.columns(min(3, len(there)))
    for place, (title, value) in enumerate(there.items()):
        columns[place % len(columns)].metric(title, f"{100 * float(value):.1f} %")
    beats = meta.metrics.get("n_beats")
    st.caption(
        f"On **{plain(meta.protocol.test)}**, its test set"
        + (f": {beats:,} beats" if isinstance(beats, int) else "")
        + (", in context." if meta.context else ".")
        + _alone(meta)
    )
    seeds = [_headline(one) for one in meta.metrics.get("seeds", [])]
    if len(seeds) > 1:
        spread = statistics.stdev(100 * value for value in seeds)
        st.caption(
            f"Macro F1 of {len(seeds)} seeds{', each beat by itself' * meta.context}: "
            f"{100 * statistics.mean(seeds):.1f} ± {spread:.1f} % "
            f"({100 * min(seeds):.1f} to {100 * max(seeds):.1f}). Kept: {kept_words(meta)}, "
            "not chosen by its figures here."
        )
    for name, one in meta.metrics.get("also", {}).items():
        st.caption(
            f"By **{plain(name)}**, the same network trained anew: accuracy "
            f"{100 * one['accuracy']:.1f} %, macro F1 {100 * _headline(one):.1f} %."
        )


def _alone(meta: CheckpointMeta) -> str:
    alone = meta.metrics.get("alone")
    return f" Each beat by itself: macro F1 {100 * _headline(alone):.1f} %." if alone else ""


def _headline(one: Mapping[str, Any]) -> float:
    found = headline_f1(one["macro"])
    return math.nan if found is None else found


def class_table(meta: CheckpointMeta) -> None:
    """Write Se, +P, F1 and the areas of each class."""
    per_class: Mapping[str, Mapping[str, Any]] = meta.metrics.get("per_class", {})
    if not per_class:
        return
    rows = pd.DataFrame(
        [
            {
                "class": name,
                "beats": one.get("beats"),
                **{
                    title: _hundredfold(one.get(key))
                    for key, title in (
                        ("se", "Se"),
                        ("ppv", "+P"),
                        ("f1", "F1"),
                        ("auroc", "AUROC"),
                        ("auprc", "AUPRC"),
                    )
                },
            }
            for name, one in per_class.items()
        ]
    )
    percent = st.column_config.NumberColumn(format="%.1f", width=58)
    narrow = st.column_config.NumberColumn(format="%d", width=64)
    st.dataframe(
        rows,
        hide_index=True,
        height="auto" if len(rows) <= 8 else 320,
        placeholder="—",  # such as +P of a class that is never predicted
        column_config={
            "class": st.column_config.TextColumn(width=56),
            "beats": narrow,
            **dict.fromkeys(("Se", "+P", "F1", "AUROC", "AUPRC"), percent),
        },
    )
    st.caption("All in percent.")


def record_table(meta: CheckpointMeta, theme: Theme) -> None:
    """Draw how many beats of each test recording were wrong."""
    records: Mapping[str, Mapping[str, Any]] = meta.metrics.get("records", {})
    wrong = {
        name: (round(one["n_beats"] * (1 - one["accuracy"])), int(one["n_beats"]))
        for name, one in records.items()
        if one.get("n_beats")
    }
    if not wrong:
        return
    st.plotly_chart(
        record_scores_figure(wrong, theme),
        theme=None,
        config={"displayModeBar": False},
        key="record_scores",
        alt="Wrong beats of each test recording",
    )
    st.caption(
        "Test recordings by their wrong beats."
        + (
            " One recording often holds most beats of a rare class, so the figures above are to a "
            "large part about these few people."
            if meta.task == "beat-class"
            else ""
        )
    )


def _hundredfold(value: Any) -> float | None:
    return 100 * float(value) if _known(value) else None


def _known(value: Any) -> bool:
    return isinstance(value, int | float) and value == value
