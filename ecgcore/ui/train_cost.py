"""What a training will cost, on the Train page: before it is started."""

from typing import Final

import streamlit as st

from ecgcore.errors import EcgError
from ecgcore.jobs.cost import Cost, Counts, Rate, estimate, keep_rate, measure, stored_rate
from ecgcore.jobs.engine import JobDatabase
from ecgcore.models.registry import build_network
from ecgcore.records.splits import select_records
from ecgcore.training.checks import check_run
from ecgcore.training.config import TrainConfig
from ecgcore.ui import cache
from ecgcore.ui.errors import tell, told_later
from ecgcore.ui.text import counted, plain, seconds

_ASKED: Final = "train_measure_asked"


def check_all(config: TrainConfig) -> int:
    """Return the network's number of weights. Raises EcgError when a setting can't serve."""
    source = cache.catalog()[config.database]
    tested = cache.catalog().get(config.test_database or config.database, source)
    check_run(config, source.records, tested.records)
    trains = select_records(config.train, source.records)
    network = build_network(
        config.architecture,
        {
            **config.network,
            "in_channels": len(config.input.channels),
            "rr_features": len(config.input.rr),
            "classes": len(config.classes or trains),
        },
    )
    return sum(weight.numel() for weight in network.parameters())


def cost_box(database: JobDatabase, config: TrainConfig, weights: int) -> None:
    """Write time and memory where the rate is known, and offer to measure it."""
    counts = training_counts(config)
    if st.session_state.pop(_ASKED, False):
        with told_later(), st.spinner("Training some batches to measure …"):
            keep_rate(database, config, measure(config))
        tell()
    rate = stored_rate(database, config)
    row = st.container(horizontal=True, vertical_alignment="center")
    with row:
        st.markdown(_words(config, counts, rate, weights), width="stretch")
        st.button(
            "Measure" if rate is None else "Measure again",
            icon=":material/speed:",
            help="Trains some batches of random beats in a process of its own; some seconds.",
            key="train_measure",
            on_click=_ask,
        )


def _ask() -> None:
    """Not the measuring itself: a callback shows nothing while it lasts."""
    st.session_state[_ASKED] = True


def training_counts(config: TrainConfig) -> Counts:
    """Return the annotated beats of every training recording by class."""
    wanted = select_records(config.train, cache.catalog()[config.database].records)
    found = {one.name: one.beats for one in cache.summaries(config.database)}
    missing = [name for name in wanted if found.get(name) is None]
    if missing:
        raise EcgError(
            f"{', '.join(missing)}: no annotated beats to train on; leave them out of the "
            "training records."
        )
    return {name: found[name] or {} for name in wanted}


def _words(config: TrainConfig, counts: Counts, rate: Rate | None, weights: int) -> str:
    beats = sum(sum(one.get(name, 0) for name in config.classes or one) for one in counts.values())
    said = f"**{beats:,}** beats of {counted(len(counts), 'recording')}, **{weights:,}** weights. "
    if rate is None:
        return said + "Time and memory are known once they are measured."
    cost: Cost = estimate(config, counts, rate)
    memory = f", about **{cost.megabytes:,.0f} MB**" if cost.megabytes is not None else ""
    return (
        said + f"About **{seconds(cost.seconds)}**{memory}: {cost.beats:,} beats to learn from at "
        f"{rate.beats_per_second:,.0f} a second, measured {rate.measured} on {plain(rate.host)}, "
        "one thread. Folds that choose fewer epochs make it shorter."
    )
