"""A new layer: from the recording's annotations, a detector, a model, a file, or nothing."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st

from ecgcore.dsp.detectors import DETECTORS
from ecgcore.errors import EcgError
from ecgcore.layers import store
from ecgcore.layers.edits import beat_annotations
from ecgcore.layers.exchange import read_layer_file
from ecgcore.layers.layer import Origin
from ecgcore.layers.names import MAX_NAME
from ecgcore.records.reader import read_record_annotations
from ecgcore.schema import Annotations
from ecgcore.storage.engine import app_database
from ecgcore.ui import cache
from ecgcore.ui.current import Current
from ecgcore.ui.focus import let_go_after
from ecgcore.ui.layer_person import PERSON, person_box, who
from ecgcore.ui.state import set_view, view
from ecgcore.ui.text import counted, plain

FROM: Final = "layer_from"
MODEL_KEY: Final = "layer_model"
MODEL, _FILE, _NOTHING = "a model's predictions", "a file", "nothing"
_SAID: Final = "layer_new_said"


@dataclass(frozen=True, kw_only=True, eq=False)
class Start:
    """What a layer would begin as."""

    annotations: Annotations
    origin: Origin
    name: str  # proposed
    told: tuple[str, ...] = ()


def new_layer(now: Current) -> None:
    """Draw the form and, when all is there, the button that makes the layer."""
    options = {f"annotations .{name}": ("source", name) for name in now.header.annotators}
    options |= {f"peaks of {name}": ("detector", name) for name in DETECTORS}
    options |= {MODEL: ("checkpoint", ""), _FILE: ("file", ""), _NOTHING: ("empty", "")}
    if st.session_state.get(FROM) not in options:
        st.session_state[FROM] = next(iter(options))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox("Start from", list(options), key=FROM, width=240)
        kind, name = options[chosen]
        start = _start(now, kind, name)
        if start is not None:
            taken = {layer.name for layer in store.list_layers(app_database(), *_place(now))}
            proposed = _free(start.name, taken)
            wanted = st.text_input(
                "Name", value=proposed, max_chars=MAX_NAME, width=230, key=f"layer_name_{proposed}"
            )
            if now.layer is None:  # else the row under the signal has it
                person_box()
            st.button(
                "Make the layer",
                icon=":material/layers:",
                type="primary",
                disabled=not who(),
                help=None if who() else "Write your name first: it is kept with the layer.",
                on_click=_make,
                args=(now, start, wanted),
                key="layer_make",
            )
    if now.layer is None:
        let_go_after(PERSON)
    if start is not None:
        beats = int((start.annotations.aami != "").sum())
        st.caption(
            f"{counted(beats, 'beat')} to begin with. "
            + ("All are labelled N, as WFDB’s own detectors do. " * (kind == "detector"))
            + "The recording’s files stay as they are."
            + ("" if who() else " Write your name to make the layer: it is kept with it.")
        )
        for sentence in start.told:
            st.info(plain(sentence), icon=":material/info:")
    sentence = st.session_state.pop(_SAID, None)
    if sentence:
        st.warning(plain(sentence), icon=":material/info:")


def _place(now: Current) -> tuple[str, str]:
    return now.header.database, now.header.name


def _free(name: str, taken: set[str]) -> str:
    names = (name, *(f"{name} {number}" for number in range(2, 1000)))
    return next(one for one in names if one not in taken)[:MAX_NAME]


def _start(now: Current, kind: str, name: str) -> Start | None:
    if kind == "source":
        return _source(now, name)
    if kind == "detector":
        peaks = cache.detected(now.key, name, now.lead)
        return Start(
            annotations=beat_annotations(peaks.sample, ["N"] * len(peaks), name),
            origin=Origin(kind="detector", name=name, detail=f"lead {now.lead}"),
            name=f"{name} corrected",
        )
    if kind == "checkpoint":
        return _model(now)
    if kind == "file":
        return _file(now)
    return Start(
        annotations=beat_annotations(np.empty(0, dtype=np.int64), (), ""),
        origin=Origin(kind="empty"),
        name="by hand",
    )


def _source(now: Current, annotator: str) -> Start | None:
    own = cache.catalog()[now.database.name]
    found, notices = read_record_annotations(own, now.header, annotator=annotator)
    if found is None:
        st.info(plain(" ".join(n.text for n in notices) or "There are no such annotations."))
        return None
    return Start(
        annotations=found,
        origin=Origin(kind="source", name=annotator),
        name=f"{annotator} corrected",
    )


def _model(now: Current) -> Start | None:
    # A model's page needs torch, this one otherwise not.
    from ecgcore.ui import model_cache
    from ecgcore.ui.gathering import classified

    there = [name for name, meta in model_cache.metas()[0].items() if meta.task == "beat-class"]
    if not there:
        st.info("There is no checkpoint for beat classes; the Models page tells more.")
        return None
    key = MODEL_KEY
    if st.session_state.get(key) not in there:
        st.session_state[key] = view().checkpoint if view().checkpoint in there else there[0]
    name = st.selectbox(
        "Model",
        there,
        key=key,
        width=240,
        on_change=lambda: set_view(checkpoint=st.session_state[key]),
    )
    checkpoint = model_cache.checkpoint(name)
    try:
        found = classified(checkpoint, now)
    except EcgError as error:
        st.info(plain(str(error)))
        return None
    if found is None:
        return None
    return Start(
        annotations=beat_annotations(found.peaks.sample, found.label.tolist(), name),
        origin=Origin(
            kind="checkpoint",
            name=name,
            detail=f"{checkpoint.digest[:12]}, lead {found.lead}, R-peaks {found.peaks.source}",
        ),
        name=f"{name} corrected",
        told=found.notes,
    )


def _file(now: Current) -> Start | None:
    given = st.file_uploader(
        "WFDB annotation file", key="layer_file", label_visibility="collapsed", width=300
    )
    if given is None:
        return None
    try:
        found, origin, told = read_layer_file(given.getvalue(), now.header, given.name[:80])
    except EcgError as error:
        st.warning(plain(str(error)), icon=":material/info:")
        return None
    return Start(annotations=found, origin=origin, name=given.name.rpartition(".")[0], told=told)


def _make(now: Current, start: Start, name: str) -> None:
    header = cache.header(*_place(now), partial=now.header.partial)
    try:
        layer = store.create_layer(
            app_database(),
            header,
            name=name,
            author=who(),
            base=start.annotations,
            origin=start.origin,
        )
    except EcgError as error:
        st.session_state[_SAID] = str(error)
        return
    set_view(layer=layer.id)
    st.session_state["layer_edit"] = True
