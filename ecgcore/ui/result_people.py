"""Whom a row for recognition names rightly, person by person, over its seeds."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from ecgcore.ui.text import counted


def people_table(entry: Mapping[str, Any]) -> pd.DataFrame:
    """Return a line a person: test beats, share of them right (%), votes by seed, taken for."""
    seeds = [one["people"] for one in entry["seeds"]]
    lines = []
    for name, vote in seeds[0].items():
        each = [one[name] for one in seeds]
        others = dict.fromkeys(one["voted"] for one in each if one["voted"] != name)
        lines.append(
            {
                "person": name,
                "beats": vote["beats"],
                "right, %": 100 * float(np.mean([one["right"] for one in each])),
                "seeds that vote so": sum(one["voted"] == name for one in each),
                "taken for": ", ".join(others),
            }
        )
    return pd.DataFrame(lines).sort_values("right, %", kind="stable", ignore_index=True)


def people(entry: Mapping[str, Any]) -> None:
    """Draw the table, the person with most wrong beats first."""
    count = len(entry["seeds"])
    st.dataframe(
        people_table(entry),
        hide_index=True,
        height=330,
        column_config={"right, %": st.column_config.NumberColumn(format="%.1f")},
    )
    st.caption(
        f"Mean over {counted(count, 'seed')}; “vote” is what most of a person's test beats say. "
        "All of them are among the people known, so of strangers this says nothing."
    )
