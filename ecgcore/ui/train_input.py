"""What a network sees of a beat, on the Train page: RR features, filter, window, channels."""

from dataclasses import replace
from typing import Final, Literal

import streamlit as st

from ecgcore.dsp.filters import FilterSpec, presets_at
from ecgcore.dsp.segmentation import WindowSpec
from ecgcore.features.channels import CHANNEL_WORDS, RR_CHANNELS, Channel
from ecgcore.features.inputs import InputSpec
from ecgcore.jobs.presets import RR_OPTIONS, rr_option
from ecgcore.models.registry import network_entry
from ecgcore.ui.numbers import Numbers

WindowKind = Literal["fixed", "cycle", "daeac"]

_OWN: Final = "as configured"
_FS: Final = 360.0  # the rate at which the filters' bounds are looked at when none is set


def input_controls(base: InputSpec, architecture: str, mark: str, numbers: Numbers) -> InputSpec:
    """Draw the controls and return what they say. Raises EcgError for what can't be."""
    options = [*RR_OPTIONS]
    named = rr_option(base)
    if named == "own":
        options.insert(0, _OWN)
        named = _OWN
    takes_rr = bool(base.rr) or network_entry(architecture).config().rr_features > 0
    rr = st.selectbox(
        "RR features",
        options,
        index=options.index(named),
        key=f"train_rr_{mark}",
        disabled=not takes_rr,
        help=None if takes_rr else "This network takes none.",
    )
    filters = _filters(base, mark)
    window = _window(base.window, mark, numbers)
    points = numbers.whole(
        "Points a beat", 16, 4096, base.points, step=16, key=f"train_points_{mark}"
    )
    return replace(
        base,
        rr=base.rr if rr == _OWN else RR_OPTIONS[rr],
        filters=filters,
        window=window,
        points=points,
        channels=_channels(base, mark),
        scale=st.selectbox(
            "Scale",
            ["none", "record", "beat", "range"],
            index=["none", "record", "beat", "range"].index(base.scale),
            key=f"train_scale_{mark}",
            help="none: mV; record: by the record's median beat; beat: z-score; range: 0 to 1.",
        ),
    )


def _filters(base: InputSpec, mark: str) -> tuple[FilterSpec, ...]:
    there = presets_at(base.fs or _FS)
    own = next((name for name, specs in there.items() if specs == base.filters), None)
    names = list(there) if own else [_OWN, *there]
    chosen = st.selectbox(
        "Filter", names, index=names.index(own) if own else 0, key=f"train_filter_{mark}"
    )
    return base.filters if chosen == _OWN else there[chosen]


def _window(base: WindowSpec, mark: str, numbers: Numbers) -> WindowSpec:
    kinds: list[WindowKind] = ["fixed", "cycle", "daeac"]
    kind = st.selectbox(
        "Window",
        kinds,
        index=kinds.index(base.kind),
        key=f"train_window_{mark}",
        help="fixed: seconds around R; cycle: shares of the RR intervals; daeac: as that study.",
    )
    if kind != "fixed":
        return replace(base, kind=kind) if kind == base.kind else WindowSpec(kind=kind)
    before, after = st.columns(2)
    return replace(
        base,
        kind="fixed",
        before=numbers.real(
            "before R (s)", 0.05, 5.0, base.before, before, step=0.05, key=f"train_before_{mark}"
        ),
        after=numbers.real(
            "after R (s)", 0.05, 5.0, base.after, after, step=0.05, key=f"train_after_{mark}"
        ),
    )


def _channels(base: InputSpec, mark: str) -> tuple[Channel, ...]:
    """Return the channels: those that are RR features stay as the network takes them."""
    early = tuple(name for name in base.channels if name in RR_CHANNELS)
    shown = [name for name in CHANNEL_WORDS if name not in RR_CHANNELS]
    if base.kind != "waveform":
        one = st.selectbox(
            "Channel",
            shown,
            index=shown.index(base.channels[0]),
            format_func=lambda name: CHANNEL_WORDS[name],
            key=f"train_channel_{mark}",
        )
        return (one,)
    some = st.multiselect(
        "Channels",
        shown,
        default=[name for name in base.channels if name in shown],
        format_func=lambda name: CHANNEL_WORDS[name],
        key=f"train_channels_{mark}",
    )
    return (*some, *early)
