"""The Train page's form: settings to begin with, changed where one likes, checked whole."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Final

import streamlit as st

from ecgcore.errors import EcgError
from ecgcore.jobs.presets import (
    committed,
    families,
    held_out,
    place_of,
    preset,
)
from ecgcore.models.registry import network_entry
from ecgcore.records.splits import select_records
from ecgcore.training.config import TrainConfig, check_config
from ecgcore.training.protocols import IdentitySplit, OwnSplit
from ecgcore.ui import cache
from ecgcore.ui.numbers import Numbers
from ecgcore.ui.text import plain
from ecgcore.ui.train_input import input_controls
from ecgcore.ui.train_scope import say_replaced
from ecgcore.ui.train_sizes import network_sizes

_PROTOCOLS: Final = {
    "inter-patient": "between patients",
    "intra-patient": "random beats of the same patients",
    "identity-random": "who is it: random beats",
    "identity-time": "who is it: the later part",
}
_CLASSES: Final = ("N", "S", "V", "F")


def train_form(clone: TrainConfig | None, source: str) -> TrainConfig:
    """Draw the form and return what it says, checked. Raises EcgError naming what is wrong.

    ``clone``: what to begin with, None for the committed settings of the chosen network;
    ``source`` names it.
    """
    numbers = Numbers()
    left, middle, right = st.container(key="stack_train").columns(3, gap="large")
    with left:
        st.markdown("**Network**")
        architecture = _network(clone, source)
        base = clone if clone and clone.architecture == architecture else None
        base = base or preset(architecture, committed())
        mark = f"{architecture}-{source}"
        sizes = network_sizes(architecture, base.network, mark, numbers)
    with middle:
        st.markdown("**What it sees of a beat**")
        spec = input_controls(base.input, architecture, mark, numbers)
    with right:
        st.markdown("**Who trains, who tests**")
        scope = _protocol(base, mark, numbers)
        say_replaced(architecture, scope)
    st.markdown("**How it learns**")
    how = _optimisation(base, mark, numbers)
    plain_values: dict[str, Any] = {
        **asdict(base),
        **scope,
        "architecture": architecture,
        "name": architecture,
        "network": sizes,
        "input": asdict(spec),
        "optimisation": {**asdict(base.optimisation), **how},
    }
    plain_values["title"] = (
        st.text_input(
            "What you call this run",
            value=clone.title if clone else _title(architecture, plain_values),
            key=f"train_title_{mark}_{scope['protocol']}",
            max_chars=120,
        )
        or architecture
    )
    numbers.check()
    return check_config(plain_values, "These settings")


def _title(architecture: str, values: Mapping[str, Any]) -> str:
    return f"{architecture}, {values['protocol']}, {values['database']}"


def _network(clone: TrainConfig | None, mark: str) -> str:
    there = families()
    family, fusion = place_of(clone.architecture if clone else "resunet-b2")
    family = st.selectbox(
        "Family", list(there), index=list(there).index(family), key=f"train_family_{mark}"
    )
    fusions = list(there[family])
    fusion = st.selectbox(
        "How the RR intervals are joined",
        fusions,
        index=fusions.index(fusion) if fusion in fusions else 0,
        key=f"train_fusion_{mark}_{family}",
        disabled=len(fusions) == 1,
    )
    architecture = there[family][fusion]
    st.caption(f"{plain(architecture)}, after: {plain(network_entry(architecture).source)}")
    return architecture


def _protocol(base: TrainConfig, mark: str, numbers: Numbers) -> dict[str, Any]:
    there = cache.catalog()
    names = list(there)
    database = st.selectbox(
        "Database",
        names,
        index=names.index(base.database) if base.database in names else 0,
        key=f"train_database_{mark}",
    )
    listed = list(_PROTOCOLS)
    usual = "identity-random" if base.task == "identity" else listed[0]
    protocol = st.selectbox(
        "Protocol",
        listed,
        index=listed.index(base.protocol if base.protocol in listed else usual),
        format_func=lambda name: f"{name}: {_PROTOCOLS[name]}",
        key=f"train_protocol_{mark}",
    )
    mark = f"{mark}_{database}_{protocol}"
    same = database == base.database and protocol == base.protocol
    train, test = (base.train, base.test) if same else _sides(there[database].records, protocol)
    train = st.text_input("Training records", train, key=f"train_train_{mark}")
    test = st.text_input(
        "Test records",
        test,
        key=f"train_test_{mark}",
        help="DS1, DS2, all, or names with commas.",
    )
    found: dict[str, Any] = {
        "database": database,
        "protocol": protocol,
        "train": train,
        "test": test,
        "lead": base.lead if same else None,
        "task": "identity" if protocol.startswith("identity") else "beat-class",
        "folds": (),
        "split": None,
        "test_database": None,
        "also": (),
    }
    found["context"] = base.context and found["task"] == "beat-class"
    found["classes"] = () if found["task"] == "identity" else base.classes or _CLASSES
    if protocol == "inter-patient":
        found["folds"] = _folds(
            base, same and train == base.train, train, there[database].records, mark, numbers
        )
        return found
    split = base.split if same and base.split else IdentitySplit()
    kind: OwnSplit = "time" if protocol == "identity-time" else "random"
    share = st.slider("Share that trains", 0.1, 0.9, split.fraction, key=f"train_share_{mark}")
    found["split"] = asdict(replace(split, kind=kind, fraction=share))
    return found


def _sides(records: tuple[str, ...], protocol: str) -> tuple[str, str]:
    """Return who trains and who tests where nothing is published: halves, or all of both."""
    if protocol != "inter-patient":
        return "all", "all"
    half = (len(records) + 1) // 2
    return ",".join(records[:half]), ",".join(records[half:])


def _folds(
    base: TrainConfig,
    same: bool,
    train: str,
    available: tuple[str, ...],
    mark: str,
    numbers: Numbers,
) -> tuple[tuple[str, ...], ...]:
    configured = base.folds if same else ()
    folds = numbers.whole(
        "Folds of held-out training patients",
        0,
        5,
        len(configured) or 1,
        key=f"train_folds_{mark}",
        help="Their F1 is the curve you see live, and chooses the number of epochs. "
        "0: none is held out, and all epochs are trained. Each fold is one more training.",
    )
    if folds == len(configured):
        return configured
    try:
        return held_out(select_records(train, available), folds)
    except EcgError as fault:
        numbers.note(fault)
        return ()


def _optimisation(base: TrainConfig, mark: str, numbers: Numbers) -> dict[str, Any]:
    how = base.optimisation
    row = st.columns(6)
    found: dict[str, Any] = {
        "epochs": numbers.whole("Epochs", 1, 1000, how.epochs, row[0], key=f"train_epochs_{mark}"),
        "batch": numbers.whole("Batch", 2, 65536, how.batch, row[1], key=f"train_batch_{mark}"),
        "learning_rate": numbers.real(
            "Learning rate",
            1e-7,
            1.0,
            how.learning_rate,
            row[2],
            format="%g",
            step=1e-3,
            key=f"train_rate_{mark}",
        ),
        "weight_decay": numbers.real(
            "Weight decay",
            0.0,
            1.0,
            how.weight_decay,
            row[3],
            format="%g",
            step=1e-3,
            key=f"train_decay_{mark}",
        ),
        "majority_per_epoch": numbers.whole(
            "Largest class an epoch",
            0,
            10**9,
            how.majority_per_epoch,
            row[4],
            step=1000,
            key=f"train_majority_{mark}",
            help="Beats of the largest class drawn anew for each epoch; 0: all of them.",
        ),
        "class_weights": row[5].selectbox(
            "Class weights",
            ["none", "sqrt", "balanced"],
            index=["none", "sqrt", "balanced"].index(how.class_weights),
            key=f"train_weights_{mark}",
        ),
    }
    with st.expander("Augmentation"):
        more = st.columns(3)
        found["gain"] = numbers.real(
            "Random gain", 0.0, 2.0, how.gain, more[0], step=0.05, key=f"train_gain_{mark}"
        )
        found["noise"] = numbers.real(
            "White noise", 0.0, 2.0, how.noise, more[1], step=0.01, key=f"train_noise_{mark}"
        )
        found["shift"] = numbers.whole(
            "Shift (points)", 0, 64, how.shift, more[2], key=f"train_shift_{mark}"
        )
    return found
