"""The filter controls: a preset, or one's own combination."""

import streamlit as st

from ecgcore.dsp.filters import (
    BandPass,
    BaselineMedians,
    FilterSpec,
    Notch,
    check_filter,
    presets_at,
)
from ecgcore.ui.text import plain

_OWN = "custom …"


def filter_picker(fs: float, *, default: str = "monitoring") -> tuple[FilterSpec, ...]:
    """Show the controls in the sidebar and return what is chosen, () for none.

    Only presets that can be had at ``fs`` Hz are offered. Raises SignalError, saying what to
    choose, for a combination that can't be had.
    """
    presets = presets_at(fs)
    names = [*presets, _OWN]
    with st.sidebar:
        chosen = st.selectbox(
            "Filter",
            names,
            index=names.index(default) if default in names else 0,
            key="filter_preset",
            help="Zero phase: nothing is shifted in time. Raw and filtered are drawn together.",
        )
        if chosen != _OWN:
            return presets[chosen]
        specs = _own(fs)
    for spec in specs:
        check_filter(spec, fs)
    return specs


def _own(fs: float) -> tuple[FilterSpec, ...]:
    specs: list[FilterSpec] = []
    if st.checkbox("Baseline by two medians (200, 600 ms)", key="filter_baseline"):
        specs.append(BaselineMedians())
    if st.checkbox("Band-pass (Butterworth)", value=True, key="filter_band"):
        low, high = st.columns(2)
        specs.append(
            BandPass(
                low=low.number_input("low (Hz)", 0.01, fs / 2, 0.5, key="filter_low"),
                high=high.number_input(
                    "high (Hz)", 0.1, fs / 2, min(40.0, fs / 2.5), key="filter_high"
                ),
                order=int(st.number_input("order", 1, 10, 2, key="filter_order")),
            )
        )
    mains = st.segmented_control("Notch (Hz)", [50, 60], key="filter_notch")
    if mains:
        specs.append(Notch(freq=float(mains)))
    return tuple(specs)


def describe(specs: tuple[FilterSpec, ...]) -> str:
    """Return the filters in words, "" for none."""
    words = {
        BandPass: lambda s: f"band-pass {s.low:g}–{s.high:g} Hz, order {s.order}",
        Notch: lambda s: f"notch {s.freq:g} Hz",
        BaselineMedians: lambda s: f"baseline medians {s.first * 1000:g}/{s.second * 1000:g} ms",
    }
    return plain(", ".join(words[type(spec)](spec) for spec in specs)).replace("\\", "")
