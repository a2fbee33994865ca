"""One training on the Train page: live curves and progress; several of them side by side."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from ecgcore.jobs import store
from ecgcore.jobs.curves import differences, learning_curves, seconds_left
from ecgcore.jobs.engine import JobDatabase
from ecgcore.jobs.job import Job
from ecgcore.jobs.training import KIND
from ecgcore.plots.learning import learning_figure
from ecgcore.training.metrics import headline_f1
from ecgcore.ui.current import current_theme
from ecgcore.ui.job_view import KindView, Notes, job_view
from ecgcore.ui.text import counted, seconds

_QUIET: Final = {"displayModeBar": False}


def run_view(database: JobDatabase, id: str) -> Job:
    """Draw a training and return it; it goes on drawing itself anew."""
    return job_view(database, id, _VIEW)


def _progress(job: Job, notes: Notes) -> tuple[float, str]:
    if not job.of:
        return 0.0, "Reading …"
    if job.done >= job.of:
        return 1.0, "Scoring the test patients …"
    text = f"{job.stage}: {job.done} of {counted(job.of, 'epoch')}"
    left = seconds_left(notes, job.done, job.of)
    return job.done / job.of, text if left is None else f"{text}, about {seconds(left)} left"


def _curves(job: Job, notes: Notes) -> None:
    if not notes:
        return
    st.plotly_chart(
        learning_figure([learning_curves(job.title, notes)], current_theme()),
        theme=None,
        config=_QUIET,
        key="learning",
        alt="Training loss and F1 of held-out patients over the epochs",
    )
    held_out = any(note.figures.get("macro_f1") is not None for note in notes)
    st.caption(
        "Right: held-out training patients, whom no weight was fitted to; test patients are "
        "scored once, at the end."
        if held_out or "fold" in notes[-1].stage
        else "No training patient is held out (0 folds): there is nothing to draw at the right; "
        "test patients are scored once, at the end."
    )


_VIEW: Final = KindView(
    kind=KIND,
    resumes="Goes on from the last whole epoch.",
    progress=_progress,
    figures=_curves,
)


def compare_runs(database: JobDatabase, jobs: list[Job]) -> None:
    """Draw several runs side by side: curves, figures, and the settings in which they differ."""
    names = _names(jobs)
    curves = [learning_curves(names[job.id], store.epochs(database, job.id)) for job in jobs]
    st.plotly_chart(
        learning_figure(curves, current_theme()),
        theme=None,
        config=_QUIET,
        key="learning_compared",
        alt="Training loss and F1 of held-out patients of several runs",
    )
    left, right = st.container(key="stack_runs").columns([1, 1.3], gap="large")
    with left:
        st.markdown("**On the test beats** (in percent)")
        st.dataframe(
            pd.DataFrame({names[job.id]: _figures(job) for job in jobs}), key="runs_figures"
        )
    with right:
        st.markdown("**Settings that differ**")
        different = differences({names[job.id]: job.config for job in jobs})
        st.dataframe(pd.DataFrame(different).T, key="runs_settings")


def figures_table(job: Job) -> None:
    """Write a finished run's figures on the test beats, a row a seed."""
    rows = [
        {
            "seed": one["seed"],
            "epochs": one["epochs"],
            "held-out F1": _percent(one["held_out_f1"]),
            "macro F1": _percent(headline_f1(one["macro"])),
            "accuracy": _percent(one["accuracy"]),
            **{f"F1 of {name}": _percent(each["f1"]) for name, each in _few(one["per_class"])},
        }
        for one in job.result.get("figures", [])
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="run_figures")


def _few(per_class: dict[str, Any]) -> list[tuple[str, Any]]:
    return list(per_class.items()) if len(per_class) <= 6 else []


def _names(jobs: list[Job]) -> dict[str, str]:
    """Return what each run is called, told apart by their ids where titles are alike."""
    titles = [job.title for job in jobs]
    return {
        job.id: job.title if titles.count(job.title) == 1 else f"{job.title} ({job.id[:4]})"
        for job in jobs
    }


def _figures(job: Job) -> dict[str, float | None]:
    seeds = job.result.get("figures", [])
    found: dict[str, float | None] = {}
    for name in ("accuracy", "mean_ovr_accuracy", "ece"):
        found[name.replace("_", " ")] = _mean([one[name] for one in seeds])
    found["macro F1"] = _mean([headline_f1(one["macro"]) for one in seeds])
    for name, _ in _few(seeds[0]["per_class"]) if seeds else []:
        found[f"F1 of {name}"] = _mean([one["per_class"][name]["f1"] for one in seeds])
    return found


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(100 * sum(known) / len(known), 2) if known else None


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.2f} %"
