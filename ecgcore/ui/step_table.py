"""Tables of steps on the Results page: what each idea gave, and in whom it still errs.

The ablation, whose rows are variants of the best network, and the ways to use its networks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from ecgcore.experiments.ablation_figures import LEAST
from ecgcore.experiments.ablation_plan import ABLATION, JUDGED, load_plan
from ecgcore.experiments.catalog import Experiment
from ecgcore.experiments.results import read_results
from ecgcore.experiments.steps import Step
from ecgcore.experiments.ways import WAYS
from ecgcore.experiments.ways_table import TABLE as OF_WAYS
from ecgcore.ui.result_table import spread
from ecgcore.ui.state import set_view, shown, view
from ecgcore.ui.text import counted, escaped, plain, signed

Rows = Mapping[str, Mapping[str, Any]]  # step -> its entry, of those that were run

_EMPTY: Final = "–"
_MOST_S: Final = f"the mean over the recordings with at least {LEAST} beats of the class"


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """What is told of one such table."""

    table: Experiment
    title: str
    steps: Sequence[Step]
    kind: str  # what a row is
    errs: tuple[str, ...]  # classes whose errors are told of each recording
    words: str


def _ablation() -> _Shown:
    plan = load_plan()
    return _Shown(
        table=ABLATION,
        title=plan.title,
        steps=plan.variants,
        kind="variant",
        errs=("S", "V"),
        words=(
            f"By patient: {_MOST_S}, as a few patients hold most of them. Of all beats together "
            f"the mean is over {', '.join(JUDGED)}: nearly all F beats are of one person, so F is "
            "told and not counted. A bias is chosen for each fold by the other folds."
        ),
    )


def _ways() -> _Shown:
    return _Shown(
        table=OF_WAYS,
        title=OF_WAYS.title,
        steps=WAYS,
        kind="way",
        errs=("S", "V", "F"),
        words=(
            "The same networks in every line, used in other ways, in both leads of each recording; "
            "calibration learns from the first minute, and only what follows is scored. By "
            f"patient: {_MOST_S}, each lead counted as one. Nearly all F beats are of one person."
        ),
    )


TITLES: Final = {one.name: one.title for one in (ABLATION, OF_WAYS)}
_TABLES: Final = {ABLATION.name: _ablation, OF_WAYS.name: _ways}


def table_html(table: Experiment, steps: Sequence[Step], rows: Rows, kind: str) -> str:
    """Return the table as HTML, a line a step in their order."""
    titles = {one.name: one.title for one in steps}
    heads = "".join(f'<th class="group">{escaped(c.title)}</th>' for c in table.columns)
    lines = []
    for variant in steps:
        row = rows.get(variant.name)
        seeds = f"{len(row['seeds'])} of {len(row['planned'])}" if row else "<i>not run yet</i>"
        means = row["summary"] if row else {}
        cells = [
            _gain(means.get(column.figure), titles.get(variant.against, ""))
            if column.figure.startswith("gain.")
            else spread(means.get(column.figure))
            for column in table.columns
        ]
        lines.append(
            f"<tr><td>{escaped(variant.title)}</td><td>{seeds}</td>"
            + "".join(f'<td class="group">{cell}</td>' for cell in cells)
            + "</tr>"
        )
    return (
        '<div class="bl-results"><table><thead><tr><th>'
        f"{escaped(kind)}</th><th>seeds</th>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def error_table(row: Mapping[str, Any], errs: Sequence[str] = ("S", "V")) -> pd.DataFrame:
    """Return a line a held-out recording: missed and false beats of ``errs``, mean over seeds."""
    classes: list[str] = row["seeds"][0]["classes"]
    lines = []
    for record in row["seeds"][0]["records"]:
        counts = np.mean([one["records"][record] for one in row["seeds"]], axis=0)
        line: dict[str, Any] = {"record": record, "beats": round(counts.sum())}
        for name in errs:
            place = classes.index(name)
            hits = counts[place, place]
            line[f"{name} beats"] = round(counts[place].sum())
            line[f"{name} missed"] = counts[place].sum() - hits
            line[f"{name} false"] = counts[:, place].sum() - hits
        lines.append(line)
    table = pd.DataFrame(lines)
    errors = table[[f"{name} {kind}" for name in errs for kind in ("missed", "false")]]
    return table.loc[errors.sum(axis=1).sort_values(ascending=False, kind="stable").index]


def draw(name: str) -> None:
    """Draw a table and the errors of one step. Raises EcgError as ``load_plan``."""
    told = _TABLES[name]()
    rows = read_results(told.table)["rows"]
    st.markdown(f"**{plain(told.title)}**")
    st.html(table_html(told.table, told.steps, rows, told.kind))
    st.caption(
        "In percent, of training patients who were held out in turn; the recordings of the test "
        f"have no part in it. Gain: over the line that the {told.kind} is one step from (point at "
        f"it), seed by seed. {told.words}"
    )
    missing = [
        one.title for one in told.steps if not rows.get(one.name, {"complete": 0})["complete"]
    ]
    if missing:
        st.info(
            f"Not run yet, or not with all seeds: {plain('; '.join(missing))}. Run them with  \n"
            f"`{told.table.command}`  \n(it goes on where it was interrupted).",
            icon=":material/pending:",
        )
    titles = {one.name: one.title for one in told.steps if one.name in rows}
    if titles:
        _errors(told, titles, rows)


def _errors(told: _Shown, titles: dict[str, str], rows: Rows) -> None:
    wanted = view().result.partition("/")[2]
    chosen = wanted if wanted in titles else list(titles)[-1]
    key = f"{told.table.name}_step"
    shown(result=f"{told.table.name}/{chosen}")
    st.session_state[key] = chosen
    st.pills(
        told.kind.capitalize(),
        list(titles),
        key=key,
        on_change=_pick,
        args=(told.table.name, key),
        format_func=lambda name: titles[name],
        label_visibility="collapsed",
    )
    row = rows[chosen]
    table = error_table(row, told.errs)
    counts = [name for name in table.columns if name.endswith(("missed", "false"))]
    st.dataframe(
        table,
        hide_index=True,
        height=330,
        column_config={
            name: st.column_config.NumberColumn(format="%.1f" if len(row["seeds"]) > 1 else "%d")
            for name in counts
        },
    )
    st.caption(
        f"Errors in {', '.join(told.errs[:-1])} and {told.errs[-1]} of each held-out recording, "
        "mean over "
        f"{counted(len(row['seeds']), 'seed')}."
    )


def _pick(table: str, key: str) -> None:
    if st.session_state[key]:
        set_view(result=f"{table}/{st.session_state[key]}")


def _gain(found: Mapping[str, Any] | None, over: str) -> str:
    if found is None:
        return _EMPTY
    more = f" ± {100 * found['std']:.1f}" if found.get("std") is not None else ""
    return f'<span title="over: {escaped(over)}">{signed(100 * found["mean"])}{more}</span>'
