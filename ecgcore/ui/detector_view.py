"""Parts of the Detectors page: which two, where they differ, the league table."""

from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from ecgcore.dsp.detectors import DEFAULT_DETECTOR, DETECTORS, detector_title
from ecgcore.dsp.matching import EC57_WINDOW_S
from ecgcore.schema import PeakMatch, Peaks
from ecgcore.ui.errors import instead
from ecgcore.ui.pager import cursor_at
from ecgcore.ui.state import set_view, shown, view
from ecgcore.ui.text import clock

BESIDE: Final = "pan_tompkins"
MOST_ROWS: Final = 2000


def pick_two() -> tuple[str, str]:
    """Draw both pickers in the sidebar; return the detectors' names. What is chosen is in the URL.

    A name in the URL that is no detector is told, and the usual one shown.
    """
    names = list(DETECTORS)
    chosen = []
    for field, label, usual in (
        ("first", "Detector above the trace", DEFAULT_DETECTOR),
        ("second", "Detector below it", BESIDE),
    ):
        now = getattr(view(), field)
        key = f"detector_{field}"
        name = now if now in DETECTORS else usual
        if now and now != name:
            instead(f"There is no detector {now!r}; {detector_title(name)} is shown instead.")
            set_view(**{field: ""})
        st.session_state[key] = name
        st.sidebar.selectbox(
            label,
            names,
            format_func=detector_title,
            key=key,
            on_change=lambda field=field, key=key: set_view(**{field: st.session_state[key]}),
        )
        chosen.append(name)
    shown(first=chosen[0], second=chosen[1])
    return chosen[0], chosen[1]


def disagreements(
    match: PeakMatch, peaks: tuple[Peaks, Peaks], annotated: Peaks | None
) -> pd.DataFrame:
    """Return one row a beat that only one of the two found: sample, who, what the annotator says.

    ``match`` is of the second one's peaks with the first one's.
    """
    sample = np.concatenate((peaks[0].sample[match.missed], peaks[1].sample[match.extra]))
    who = [detector_title(peaks[0].source)] * len(match.missed)
    who += [detector_title(peaks[1].source)] * len(match.extra)
    table = pd.DataFrame({"sample": sample, "found by": who})
    if annotated is not None and len(annotated):
        after = np.clip(np.searchsorted(annotated.sample, sample), 1, len(annotated) - 1)
        after = np.minimum(after, len(annotated) - 1)
        before = np.maximum(after - 1, 0)
        gaps = [np.abs(annotated.sample[k] - sample) for k in (before, after)]
        nearest = np.where(gaps[0] <= gaps[1], before, after)
        close = np.minimum(*gaps) <= EC57_WINDOW_S * annotated.fs
        symbol = annotated.symbol if annotated.symbol is not None else np.array(["beat"])
        beat = symbol[np.minimum(nearest, symbol.size - 1)]
        table["annotated"] = np.where(close, beat, "no beat")
        table["right"] = np.where(
            close, table["found by"], [_other(name, peaks) for name in table["found by"]]
        )
    return table.sort_values("sample", ignore_index=True)


def _other(name: str, peaks: tuple[Peaks, Peaks]) -> str:
    titles = [detector_title(one.source) for one in peaks]
    return titles[1] if name == titles[0] else titles[0]


def disagreement_list(table: pd.DataFrame, fs: float, duration: float) -> None:
    """Draw the list; choosing a row goes there."""
    if not len(table):
        st.success("Both found the same beats in the whole recording.")
        return
    few = table.head(MOST_ROWS)
    drawn = few.drop(columns="sample")
    drawn.insert(0, "time", [clock(one / fs) for one in few["sample"]])

    def chosen() -> None:
        rows = st.session_state["disagreements"].selection.rows
        if rows:
            cursor_at(float(few["sample"].iloc[rows[0]]) / fs, duration)

    st.dataframe(
        drawn,
        hide_index=True,
        height=min(38 + 35 * len(drawn), 420),
        key="disagreements",
        on_select=chosen,
        selection_mode="single-row",
    )
    more = f" The first {MOST_ROWS:,} of {len(table):,}." if len(table) > MOST_ROWS else ""
    st.caption(
        "Choose a row to go there, or walk through them with Previous and Next above. One to one "
        f"within 150 ms.{more}"
    )


def league(document: dict[str, Any] | None, speed: dict[str, float] | None = None) -> None:
    """Draw the league table, or say how it is made; ``speed``: see ``read_speed``."""
    if document is None:
        st.info("There is no league table yet: `python -m ecgcore detectors league` makes it.")
        return
    detectors = document["detectors"]
    st.markdown("**mitdb, 48 recordings, first lead** · F1 in %")
    st.dataframe(_clean_table(detectors), hide_index=True)
    if speed:
        times = ", ".join(f"{times:.2f} times when it is {day}" for day, times in speed.items())
        st.caption(
            "For 24 h of one lead at 128 Hz BeatLens takes sleepecg's processor time "
            f"{times}; both in one run of the benchmark `peaks`."
        )
    st.markdown("**With synthetic electrode motion** · gross F1 in % by signal-to-noise ratio")
    for group, names in document["stressed"].items():
        unseen = ", which BeatLens was not trained on" if group == "unseen" else ""
        st.caption(f"Recordings {', '.join(names)}{unseen}")
        st.dataframe(_noise_table(detectors, "noise", group), hide_index=True)
    kinds = dict.fromkeys(kind for one in detectors.values() for kind in one.get("other_noise", {}))
    if kinds:
        st.markdown("**With noise of other kinds** · gross F1 in % by signal-to-noise ratio")
        for kind in kinds:
            st.caption(f"{kind.capitalize()}, in the same recordings")
            st.dataframe(_noise_table(detectors, "other_noise", kind), hide_index=True)
    st.caption(
        " ".join(f"{name.capitalize()}: {text}." for name, text in document["protocol"].items())
    )


def _clean_table(detectors: dict[str, Any]) -> pd.DataFrame:
    rows = []
    for entry in detectors.values():
        start, late = entry["from_start"], entry["after_five_minutes"]
        rows.append(
            {
                "detector": f"{entry['title']} ({entry['version']})",
                "gross, all": start["whole"]["gross"]["f1"],
                "Se": start["whole"]["gross"]["se"],
                "+P": start["whole"]["gross"]["ppv"],
                "average": start["whole"]["average"]["f1"],
                "tuning half": start["tuning"]["gross"]["f1"],
                "test half": start["test"]["gross"]["f1"],
                "after 5 min": late["whole"]["gross"]["f1"],
                "test half, after 5 min": late["test"]["gross"]["f1"],
            }
        )
    return _percent(pd.DataFrame(rows).sort_values("gross, all", ascending=False))


def _noise_table(detectors: dict[str, Any], what: str, group: str) -> pd.DataFrame:
    rows = []
    for entry in detectors.values():
        noise = entry.get(what, {}).get(group)
        if noise is None:
            continue
        levels = sorted(noise["by_decibels"].items(), key=lambda one: -float(one[0]))
        rows.append(
            {"detector": entry["title"], "all": noise["gross"]["f1"]}
            | {f"{decibels} dB".replace("-", "−"): score["f1"] for decibels, score in levels}
        )
    return _percent(pd.DataFrame(rows).sort_values("all", ascending=False))


def _percent(table: pd.DataFrame) -> pd.DataFrame:
    figures = table.columns[1:]
    return table.assign(**{name: (100 * table[name]).map("{:.2f}".format) for name in figures})
