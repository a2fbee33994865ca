"""The measures of heart rate variability as small tables, one a group, side by side."""

import streamlit as st

from ecgcore.features.hrv.analysis import HRV
from ecgcore.features.hrv.measure import GROUPS, MEASURES, Measure
from ecgcore.ui.text import escaped, plain

# Which groups stand under one another, so that the columns are about equally long.
_COLUMNS = (GROUPS[:1], GROUPS[2:3], (GROUPS[1], *GROUPS[3:]))


def measures(found: HRV) -> None:
    """Write every measure with its unit; what it says is told where the pointer rests on it."""
    for column, groups in zip(st.columns(len(_COLUMNS)), _COLUMNS, strict=True):
        column.html("".join(_group(found, group) for group in groups))
    st.caption(
        "Definitions of the 1996 Task Force of the ESC and NASPE; rest the pointer on a name to "
        "read what it says."
    )
    slow = [band for band in ("ulf", "vlf") if not found.by_name[band].available]
    if slow and found.by_name["total_power"].available:
        st.caption(
            "Total power is the variance at up to 0.4 Hz, of five minutes as of a day (Task "
            f"Force): what belongs to {' and '.join(map(str.upper, slow))} is in it, though it "
            "can't be told apart here."
        )
    for reason, names in _missing(found).items():
        st.caption(f"Not available: {', '.join(names)}: {plain(reason)}.")


def _missing(found: HRV) -> dict[str, list[str]]:
    """Return why measures are not available, and which."""
    names: dict[str, list[str]] = {}
    for measure in found.measures:
        if not measure.available:
            names.setdefault(measure.reason, []).append(MEASURES[measure.name].label)
    return names


def _group(found: HRV, group: str) -> str:
    rows = "".join(_row(m) for m in found.measures if MEASURES[m.name].group == group)
    return f'<table class="bl-measures"><caption>{escaped(group)}</caption>{rows}</table>'


def _row(measure: Measure) -> str:
    info = MEASURES[measure.name]
    if measure.available:
        value = f"<td>{_readable(measure.value)}</td><td>{escaped(info.unit)}</td>"
    else:
        why = escaped(f"not available: {measure.reason}")
        value = f'<td title="{why}" class="bl-missing">–</td><td></td>'
    return (
        f'<tr><th scope="row" title="{escaped(info.help)}">{escaped(info.label)}</th>{value}</tr>'
    )


def _readable(value: float) -> str:
    """Return a number with about four digits that count."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.3g}"
