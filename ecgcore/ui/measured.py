"""The table of a set's beats, with noise and clusters in time where they were measured."""

from collections.abc import Callable
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Final

import pandas as pd
import streamlit as st

from ecgcore.aami import AAMI_CLASSES
from ecgcore.background import BACKGROUND, Report
from ecgcore.clusters.fit_set import fitting_set
from ecgcore.clusters.model import ClusterModel, sees_waves
from ecgcore.clusters.store import stored_clusters
from ecgcore.compare.gather import GatherKey
from ecgcore.compare.measures import measure, with_measures
from ecgcore.compare.summary import Summary
from ecgcore.errors import EcgError
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.records.database import Database
from ecgcore.ui import cache
from ecgcore.ui.background import result_of
from ecgcore.ui.beat_browser import CONFIDENT, ORDERS, wanted_filter
from ecgcore.ui.state import view

# Letters of clusters: none that is a class of beats as well.
_LETTERS: Final = tuple(letter for letter in ascii_uppercase if letter not in AAMI_CLASSES)
_MEASURED: Final = frozenset({"noise", "uncertainty", "pattern"})


@dataclass(frozen=True, kw_only=True, eq=False)
class Measured:
    """A set's table, and how to begin measuring what it lacks."""

    table: pd.DataFrame
    start: Callable[[], None] | None = None  # None: measured, being measured, or being retried

    def button(self, place: str) -> None:
        """Offer to measure noise and clusters, where nobody did yet; ``place`` is in its key."""
        if self.start is not None:
            st.button(
                "Measure noise and clusters",
                icon=":material/straighten:",
                on_click=self.start,
                key=f"measure_{place}",
                help="Reads every recording of the set again, about as long as classifying them "
                "took; then beats can be filtered, ordered and grouped by it.",
            )


def measured(
    checkpoint: Checkpoint, database: Database, key: GatherKey, summary: Summary
) -> Measured:
    """Return the set's table; with what was measured, once somebody asked for it.

    Draws how far the measuring is. A filter or an order in the address asks for it too.
    """
    name = ("measures", key)

    def work(report: Report) -> pd.DataFrame:
        model = cluster_model(checkpoint, database)
        labels = () if model is None else cluster_labels(checkpoint, model)
        found = measure(checkpoint, database, tuple(summary.predictions.values()), model, report)
        return with_measures(summary.table, found, labels)

    table = result_of(name, work, what="Measuring", name="measure", start=_asked())
    if table is not None:
        return Measured(table=table)
    untouched = BACKGROUND.state(name) is None
    start = (lambda: BACKGROUND.start(name, work)) if untouched else None
    return Measured(table=summary.table, start=start)


def cluster_model(checkpoint: Checkpoint, database: Database) -> ClusterModel | None:
    """Return the checkpoint's clusters in time, None where none were fitted."""
    base, records = fitting_set(checkpoint.meta, cache.catalog(), database)
    try:
        return stored_clusters(checkpoint, base, records)
    except EcgError:  # a recording that they would have been fitted on can't be read
        return None


def cluster_labels(checkpoint: Checkpoint, model: ClusterModel) -> tuple[str, ...]:
    """Return what people call the clusters: waves, or letters where no wave was seen."""
    if not sees_waves(checkpoint.meta.input):
        return tuple(
            _LETTERS[k % len(_LETTERS)]
            + (str(k // len(_LETTERS) + 1) if k >= len(_LETTERS) else "")
            for k in range(model.count)
        )
    return model.labels


def _asked() -> bool:
    wanted = wanted_filter()
    by = {name for name, *_ in wanted.ranges} if wanted else set()
    if wanted and wanted.pattern:
        by.add("pattern")
    by.add(ORDERS.get(view().sort, ORDERS[CONFIDENT])[1])
    return bool(by & _MEASURED)
