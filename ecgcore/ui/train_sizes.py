"""A network's own sizes on the Train page, from the fields of its config dataclass."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

import streamlit as st

from ecgcore.errors import EcgError
from ecgcore.models.registry import network_entry
from ecgcore.ui.numbers import Numbers

_BY_DATA: Final = ("in_channels", "rr_features", "classes")  # the data decide these


def network_sizes(
    architecture: str, given: Mapping[str, Any], mark: str, numbers: Numbers
) -> dict[str, Any]:
    """Draw a box for every size and return those that differ from the network's own defaults.

    ``given``: what to begin with. Raises EcgError, naming the size, for what is no number.
    """
    default = network_entry(architecture).config()
    found: dict[str, Any] = {}
    with st.expander("Sizes of the network"):
        columns = st.columns(2)
        names = [one.name for one in fields(default) if one.name not in _BY_DATA]
        for place, name in enumerate(names):
            usual = getattr(default, name)
            value = given.get(name, usual)
            with columns[place % 2]:
                chosen = _box(name, value, usual, f"train_size_{name}_{mark}", numbers)
            if chosen != usual:
                found[name] = chosen
    return found


def _box(name: str, value: Any, usual: Any, key: str, numbers: Numbers) -> Any:
    label = name.replace("_", " ")
    if isinstance(usual, bool):
        return st.checkbox(label, value, key=key)
    if isinstance(usual, int):
        return numbers.whole(label, 1, 4096, int(value), key=key)
    if isinstance(usual, float):
        return float(st.number_input(label, value=float(value), step=0.05, key=key))
    if isinstance(usual, tuple):
        text = st.text_input(label, ", ".join(map(str, value)), key=key)
        try:
            return tuple(int(part) for part in text.split(","))
        except ValueError:
            raise EcgError(
                f"These settings: {label} {text!r} are no whole numbers with commas between them, "
                f"such as {', '.join(map(str, usual))}."
            ) from None
    return value
