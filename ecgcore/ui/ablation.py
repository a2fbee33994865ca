"""The ablation on the Results page: what each idea gave, and in whom it still errs."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from ecgcore.experiments.ablation_figures import LEAST
from ecgcore.experiments.ablation_plan import ABLATION, JUDGED, Plan, load_plan
from ecgcore.experiments.results import read_results
from ecgcore.ui.result_table import spread
from ecgcore.ui.state import set_view, shown, view
from ecgcore.ui.text import counted, escaped, plain, signed

Rows = Mapping[str, Mapping[str, Any]]  # variant -> its entry, of those that were run

_EMPTY: Final = "–"


def ablation_table(plan: Plan, rows: Rows) -> str:
    """Return the table as HTML, a line a variant in the plan's order."""
    titles = {one.name: one.title for one in plan.variants}
    heads = "".join(f'<th class="group">{escaped(c.title)}</th>' for c in ABLATION.columns)
    lines = []
    for variant in plan.variants:
        row = rows.get(variant.name)
        seeds = f"{len(row['seeds'])} of {len(row['planned'])}" if row else "<i>not run yet</i>"
        means = row["summary"] if row else {}
        cells = [
            _gain(means.get(column.figure), titles.get(variant.against, ""))
            if column.figure.startswith("gain.")
            else spread(means.get(column.figure))
            for column in ABLATION.columns
        ]
        lines.append(
            f"<tr><td>{escaped(variant.title)}</td><td>{seeds}</td>"
            + "".join(f'<td class="group">{cell}</td>' for cell in cells)
            + "</tr>"
        )
    return (
        '<div class="bl-results"><table><thead><tr><th>variant</th><th>seeds</th>'
        f"{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def error_table(row: Mapping[str, Any]) -> pd.DataFrame:
    """Return a line a held-out recording: missed and false beats of S and V, mean over seeds."""
    classes: list[str] = row["seeds"][0]["classes"]
    lines = []
    for record in row["seeds"][0]["records"]:
        counts = np.mean([one["records"][record] for one in row["seeds"]], axis=0)
        line: dict[str, Any] = {"record": record, "beats": round(counts.sum())}
        for name in ("S", "V"):
            place = classes.index(name)
            hits = counts[place, place]
            line[f"{name} beats"] = round(counts[place].sum())
            line[f"{name} missed"] = counts[place].sum() - hits
            line[f"{name} false"] = counts[:, place].sum() - hits
        lines.append(line)
    table = pd.DataFrame(lines)
    errors = table[[f"{name} {kind}" for name in ("S", "V") for kind in ("missed", "false")]]
    return table.loc[errors.sum(axis=1).sort_values(ascending=False, kind="stable").index]


def draw() -> None:
    """Draw the table and the errors of one variant. Raises EcgError as ``load_plan``."""
    plan, rows = load_plan(), read_results(ABLATION)["rows"]
    st.markdown(f"**{plain(plan.title)}**")
    st.html(ablation_table(plan, rows))
    st.caption(
        "In percent, of training patients who were held out in turn; the recordings of the test "
        "have no part in it. By patient: the mean over the recordings with at least "
        f"{LEAST} beats of the class, as a few patients hold most of them. Of all beats together "
        f"the mean is over {', '.join(JUDGED)}: nearly all F beats are of one person, so F is told "
        "and not counted. Gain: over the line that the variant is one step from (point at it), "
        "seed by seed. A bias is chosen for each fold by the other folds."
    )
    missing = [
        one.title for one in plan.variants if not rows.get(one.name, {"complete": 0})["complete"]
    ]
    if missing:
        st.info(
            f"Not run yet, or not with all seeds: {plain('; '.join(missing))}. Run them with  \n"
            f"`{ABLATION.command}`  \n(it goes on where it was interrupted).",
            icon=":material/pending:",
        )
    there = [one.name for one in plan.variants if one.name in rows]
    if there:
        _errors({one.name: one.title for one in plan.variants if one.name in rows}, rows)


def _errors(titles: dict[str, str], rows: Rows) -> None:
    wanted = view().result.partition("/")[2]
    chosen = wanted if wanted in titles else list(titles)[-1]
    shown(result=f"{ABLATION.name}/{chosen}")
    st.session_state["ablation_variant"] = chosen
    st.pills(
        "Variant",
        list(titles),
        key="ablation_variant",
        on_change=_pick,
        format_func=lambda name: titles[name],
        label_visibility="collapsed",
    )
    row = rows[chosen]
    table = error_table(row)
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
        "Errors in S and V of each held-out recording, mean over "
        f"{counted(len(row['seeds']), 'seed')}."
    )


def _pick() -> None:
    if st.session_state["ablation_variant"]:
        set_view(result=f"{ABLATION.name}/{st.session_state['ablation_variant']}")


def _gain(found: Mapping[str, Any] | None, over: str) -> str:
    if found is None:
        return _EMPTY
    more = f" ± {100 * found['std']:.1f}" if found.get("std") is not None else ""
    return f'<span title="over: {escaped(over)}">{signed(100 * found["mean"])}{more}</span>'
