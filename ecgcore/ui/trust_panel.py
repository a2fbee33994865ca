"""Is the map true? The trust panel on the Explain page, and the league of the methods."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from ecgcore.explain.registry import EXPLAINERS, explainer
from ecgcore.faithfulness.recommend import (
    AS_STABLE,
    LEAST_STABLE,
    MOST_ALIKE,
    Entry,
    failings,
    standing,
)
from ecgcore.faithfulness.report import TrustReport, random_area
from ecgcore.faithfulness.siblings import NO_SIBLING
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.plots.trust import checks_figure, curves_figure
from ecgcore.schema import Predictions
from ecgcore.ui import trust_cache
from ecgcore.ui.beat_view import beat_trust
from ecgcore.ui.current import current_theme
from ecgcore.ui.explain_words import kept
from ecgcore.ui.state import set_view, view
from ecgcore.ui.text import number, plain

_QUIET: Final = {"displayModeBar": False}
_PLAIN: Final[Any] = {"delta_color": "off", "delta_arrow": "off"}
_UNJUDGED: Final = {
    "better_than_random": True,
    "randomisation_correlation": 0.0,
    "stability": 1.0,
}  # a method that the league has not: nothing speaks against it


def method_note(checkpoint: Checkpoint, method: str) -> None:
    """Say what is wrong with a method for this checkpoint, by the league, where something is."""
    entry = trust_cache.league(checkpoint.name, checkpoint.digest)
    found = (entry or {}).get("methods", {}).get(method)
    if entry is None or found is None or not (failed := failings(found)):
        return
    best = entry["recommended"]["method"]
    instead = f" Recommended here: {EXPLAINERS[best].title}." if best in EXPLAINERS else ""
    st.warning(
        f"**{plain(found['title'])} {plain(_joined(failed))}** for this checkpoint, judged on "
        f"{entry['settings']['beats']} beats of {plain(_where(entry))}.{plain(instead)}",
        icon=":material/report:",
    )


def recommended_note(checkpoint: Checkpoint, method: str) -> None:
    """Say which method is recommended for a checkpoint, and why where it is the one shown."""
    entry = trust_cache.league(checkpoint.name, checkpoint.digest)
    best = (entry or {}).get("recommended", {})
    if entry is None or best.get("method") not in EXPLAINERS:
        return
    title = plain(EXPLAINERS[best["method"]].title)
    if method == best["method"]:
        st.caption(
            f"★ **{title} is recommended for this checkpoint**, judged on "
            f"{entry['settings']['beats']} beats of {plain(_where(entry))}. {plain(best['reason'])}"
            " Gain: insertion area less deletion area; a random order has 0."
        )
    elif not failings(entry["methods"].get(method, _UNJUDGED)):  # else it is said already
        st.caption(f"★ Recommended for this checkpoint: **{title}**.")


def trust_panel(
    checkpoint: Checkpoint,
    predictions: Predictions,
    beat: int,
    method: str,
    target: str,
    pre: float | None,
    post: float | None,
) -> None:
    """Draw the panel when it is asked for; ``target`` is the class that is explained."""
    st.session_state["trust_shown"] = view().trust
    if not st.toggle(
        "Can this map be trusted?",
        key="trust_shown",
        on_change=lambda: set_view(trust=st.session_state["trust_shown"]),
        help="What deleting and inserting what it names does, whether it changes with the "
        "network's weights and stays with the beat, and what other methods say.",
    ):
        return
    theme, title = current_theme(), explainer(method).title
    report = beat_trust(checkpoint, predictions, beat, method, target, pre=pre, post=post)
    if report.even:
        st.info(
            f"This map is the same everywhere: {plain(title)} names no place in this beat for "
            f"{plain(report.target)}, so there is nothing to test. Another method may.",
            icon=":material/horizontal_rule:",
        )
        _league(checkpoint)
        return
    _verdict(report, title)
    st.plotly_chart(
        curves_figure(report, theme, method=title),
        theme=None, config=_QUIET, key="trust_curves",
        alt=f"Deletion and insertion curves of {title} for beat {beat}",
    )  # fmt: skip
    st.plotly_chart(
        checks_figure(
            report, theme, titles={name: entry.title for name, entry in EXPLAINERS.items()}
        ),
        theme=None, config=_QUIET, key="trust_checks",
        alt="How alike the map is to those of randomised networks and of other methods",
    )  # fmt: skip
    stays = f"; {here}" if (here := kept(checkpoint.meta.input)) else ""
    st.markdown(seeds_words(report))
    st.caption(
        f"A piece (a thirty-second of the beat, or a tile of its picture) is deleted by putting it "
        f"back to {plain(report.reference)}{stays}. Left below: "
        "the map should lose its likeness as the network loses its weights. Right: other methods "
        "may agree on what is wrong. One beat says little of a method: see the league."
    )
    _league(checkpoint)


def seeds_words(report: TrustReport) -> str:
    """Say with which other seeds of the network the map was compared, or why with none."""
    if not report.seeds:
        return f"**Agreement between seeds** is {NO_SIBLING}."
    names = ", ".join(f"{plain(name)} **{_figure(value)}**" for name, value in report.seeds.items())
    return (
        "**Agreement between seeds**, the same network trained from another random start: rank "
        f"correlation with the same method's map of {names}."
    )


def _verdict(report: TrustReport, title: str) -> None:
    if report.flat:
        st.info(
            f"The prediction hardly depends on this waveform: whatever is deleted, the probability "
            f"of {plain(report.target)} stays. No map can prove itself on this beat.",
            icon=":material/horizontal_rule:",
        )
    elif report.better_than_random:
        st.success(
            f"{plain(title)} does better than all {len(report.random.deletion)} random orders on "
            "this beat"
            + (
                ", and better than the order of the beat's energy (by insertion less deletion)."
                if report.better_than_energy
                else ". So does, as well or better, the order of its energy, which asks no network."
            ),
            icon=":material/check:",
        )
    else:
        st.warning(
            f"**{plain(title)} does no better than a random order on this beat**: it beats "
            f"{report.beaten} of {len(report.random.deletion)}.",
            icon=":material/report:",
        )
    random = random_area(report)
    rows = (
        (
            "Deletion area", float(report.map.deletion_auc[0]), random[0],
            float(report.energy.deletion_auc[0]), "lower is better",
        ),
        (
            "Insertion area", float(report.map.insertion_auc[0]), random[1],
            float(report.energy.insertion_auc[0]), "higher is better",
        ),
    )  # fmt: skip
    columns = st.columns([1.3, 1.3, 1, 1, 1])
    for column, (name, value, level, power, word) in zip(columns, rows, strict=False):
        others = f"random {level:.2f}, energy {power:.2f}"
        column.metric(name, f"{value:.2f}", others, help=word, **_PLAIN)
    last = report.cascade[-1][1]
    columns[2].metric(
        "Randomised weights", _figure(last), help="Rank correlation with the map of the network "
        f"without any of what it learnt: near 0 is good, above {MOST_ALIKE:g} is not.",
    )  # fmt: skip
    columns[3].metric(
        "Small noise", _figure(report.noise), help="Rank correlation with the maps of the beat "
        f"with 5 % noise: near 1 is good, below {LEAST_STABLE:g} is not.",
    )  # fmt: skip
    columns[4].metric(
        "Shift of 2 samples", _figure(report.shift),
        help="Rank correlation with the maps of the beat moved by 2 samples to either side.",
    )  # fmt: skip


def _league(checkpoint: Checkpoint) -> None:
    st.markdown("##### The league of methods")
    entry = trust_cache.league(checkpoint.name, checkpoint.digest)
    if entry is None:
        st.info(
            "The methods were not judged for these weights yet: "
            f"`python -m ecgcore league --checkpoint {checkpoint.name}` does it.",
            icon=":material/info:",
        )
        return
    best, told = entry["recommended"]["method"], entry["recommended"]["reason"]
    name = EXPLAINERS[best].title if best in EXPLAINERS else "none"
    st.markdown(f"Recommended: **{plain(name)}**. {plain(told)}")
    st.dataframe(
        league_table(entry),
        hide_index=True,
        width="stretch",
        column_config={
            "gain": st.column_config.NumberColumn(
                format="%.3f", help="Insertion area less deletion area; a random order has 0."
            ),
            **{
                key: st.column_config.NumberColumn(format="%.2f")
                for key in ("deletion", "insertion", "randomised", "stability")
            },
        },
    )
    level, used = entry["baselines"], entry["settings"]
    st.caption(
        f"On {used['beats']} beats of {plain(_where(entry))}, as even over the predicted classes "
        f"as can be, seed {used['seed']}; randomised weights and stability on "
        f"{used['checked_beats']} of them. Areas of a random order: "
        f"{level['random_deletion_auc']:.2f}; of the energy order "
        f"{level['energy_deletion_auc']:.2f} (deletion) and {level['energy_insertion_auc']:.2f} "
        "(insertion). A method passes when it does better than random (95 % over recordings), "
        "changes with the weights and stays with the beat. Of those that pass, the largest gain "
        "and what can't be told from it on the same beats (95 % of the difference, over "
        "recordings) are as good; recommended among them is the most stable, and of those within "
        f"{AS_STABLE:g} of it the one that asks the network least often."
    )


def league_table(entry: Entry) -> pd.DataFrame:
    """Return a checkpoint's methods, best first: a row each."""
    best = entry["recommended"]
    ranking = sorted(entry["methods"].items(), key=lambda pair: -pair[1]["gain"])
    return pd.DataFrame([_row(name, found, best) for name, found in ranking])


def _row(name: str, found: dict[str, Any], best: Entry) -> dict[str, Any]:
    low, high = found["gain_interval"]
    return {
        "method": found["title"],
        "gain": found["gain"],
        "95 %": f"{number(low)} to {number(high)}",
        "deletion": found["deletion_auc"],
        "insertion": found["insertion_auc"],
        "randomised": found["randomisation_correlation"],
        "stability": found["stability"],
        "": standing(name, best) or _joined(failings(found)),
    }


def _joined(failed: list[str]) -> str:
    words = [f"does {one}" if one.startswith("no ") else one for one in failed]
    return " and ".join(words)


def _where(entry: Entry) -> str:
    return f"{entry['database']} {entry['records']}"


def _figure(value: float) -> str:
    return "–" if value != value else number(value)
