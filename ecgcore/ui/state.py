"""What a person looks at: one frozen View, kept in the session and written to the URL.

The View is the truth; widgets show it and their callbacks change it. The URL is read when it
differs from what we wrote last (a deep link, the back button, an edited address), so a view can be
sent to a colleague and survives a refresh.
"""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final
from urllib.parse import urlencode

import streamlit as st

_VIEW: Final = "view"
_WRITTEN: Final = "view_url"
_SHOWN: Final = "view_shown"
_ODD: Final = "view_odd"

# The names in the URL are short because people read and edit them.
_URL_NAMES: Final[dict[str, str]] = {
    "database": "db",
    "record": "rec",
    "lead": "lead",
    "time": "t",
    "span": "span",
    "beat": "beat",
    "checkpoint": "ckpt",
    "method": "method",
    "target": "target",
    "scope": "set",
    "cell": "cell",
    "result": "result",
    "partial": "partial",
    "layer": "layer",
    "job": "job",
    "runs": "runs",
    "batch": "batch",
    "first": "a",
    "second": "b",
    "pre": "pre",
    "post": "post",
    "pane": "by",
    "where": "where",
    "sort": "sort",
    "projection": "map",
    "topic": "topic",
    "trust": "trust",
}
_LONG: Final = {"where": 4000}  # characters of texts that may be longer than others'


@dataclass(frozen=True, kw_only=True)
class View:
    """What is looked at. Empty text means: the default for what stands before it."""

    database: str = ""
    record: str = ""
    lead: str = ""
    time: float = 0.0  # left edge of the window, s from the start of the recording
    span: float = 10.0  # width of the window, s
    beat: int | None = None  # index among the record's beats
    checkpoint: str = ""
    method: str = ""  # how a beat is explained; "" means the one recommended for the checkpoint
    target: str = ""  # class to explain; "" means the predicted one
    scope: str = ""  # recordings compared: "DS1", "DS2", "all"; "" means this one
    cell: str = ""  # of the confusion matrix, "S>N", where no beat is chosen; "" means the worst
    result: str = ""  # table of results, "table3", or one of its rows, "table3/resunet-b2"
    job: str = ""  # a training, by its id
    runs: str = ""  # trainings set side by side, ids with commas
    batch: str = ""  # a batch of recordings, by its job's id
    partial: bool = False  # read what is there of a recording that is cut short
    layer: str = ""  # id of a layer in place of a recording's own annotations; see ``layers``
    first: str = ""  # two detectors side by side; "" means the usual ones
    second: str = ""
    pre: float = 0.0  # s, what if the RR interval before the beat were this; 0: as recorded
    post: float = 0.0  # s, the one after it
    pane: str = ""  # by what errors are looked for: "groups", "map", "suspects"; "": the matrix
    where: str = ""  # which beats are listed, see ``compare.filters``; "": the chosen beat's cell
    sort: str = ""  # what they are ordered by; "": the most confident first
    topic: str = ""  # of the guide; "": the methods
    projection: str = ""  # of the map of beats: "tsne"; "": principal components
    trust: bool = False  # how the map stands up to tests is shown


def view() -> View:
    """Return what is looked at now."""
    current = st.session_state.get(_VIEW)
    return current if isinstance(current, View) else View()


def set_view(**changes: Any) -> None:
    """Change what is looked at; choosing another recording starts at its beginning.

    Call it in a widget's callback, or before ``st.rerun``.
    """
    current = view()
    if changes.get("database", current.database) != current.database:
        changes = {"record": "", "scope": "", "where": "", "layer": "", **changes}
    if changes.get("record", current.record) != current.record:
        changes = {"lead": "", "time": 0.0, "beat": None, "target": "", "partial": False, **changes}
        changes = {"pre": 0.0, "post": 0.0, **changes}
        if not current.scope:  # a set that is compared keeps the layer of one of its recordings
            changes = {"layer": "", **changes}
    if changes.get("layer", current.layer) != current.layer:
        changes = {"beat": None, **changes}
    if changes.get("beat", current.beat) != current.beat:
        changes = {"pre": 0.0, "post": 0.0, **changes}
    if changes.get("checkpoint", current.checkpoint) != current.checkpoint:
        changes = {"target": "", **changes}
    st.session_state[_VIEW] = replace(current, **changes)


def read_url() -> None:
    """Take over what the URL says, when someone other than us wrote it.

    It is taken whole: what it doesn't name is as it always is, so that the back button and a link
    show what they showed, whatever was looked at in between.
    """
    st.session_state[_SHOWN] = {}
    there = st.query_params.to_dict()
    if not there or there == st.session_state.get(_WRITTEN):
        return
    found = {
        name: _parse(name, there[short]) for name, short in _URL_NAMES.items() if short in there
    }
    odd = [_URL_NAMES[name] for name, value in found.items() if value is None]
    odd += sorted(there.keys() - _URL_NAMES.values())
    view = View(**{name: value for name, value in found.items() if value is not None})
    st.session_state[_VIEW] = view
    st.session_state[_ODD] = ({short: there[short] for short in odd}, view)


def not_understood() -> dict[str, str]:
    """Return what the address says and no one could read, until something else is looked at."""
    odd, read = st.session_state.get(_ODD, ({}, None))
    return odd if read == view() else {}


def shown(**fields: Any) -> None:
    """Tell what stands in for fields of the View that nobody chose, in this run.

    The View keeps them open (another recording may have another default), but the URL names them,
    so that a link shows the same thing where the defaults differ.
    """
    st.session_state[_SHOWN].update(fields)


def write_url() -> None:
    """Write what is looked at into the URL, leaving out what is as it always is."""
    default = asdict(View())
    stand_in = st.session_state[_SHOWN]
    wanted = {
        _URL_NAMES[name]: _text(value)
        for name, chosen in asdict(view()).items()
        if (value := stand_in.get(name) if chosen == default[name] else chosen) is not None
        and value != default[name]
    }
    st.session_state[_WRITTEN] = wanted
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def _text(value: Any) -> str:
    """Return a value as the URL holds it: times to the millisecond, without needless zeros."""
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def link(page: str, **changes: Any) -> str:
    """Return the address of ``page`` (its URL path) for the present view with ``changes``."""
    default = asdict(View())
    items = {
        _URL_NAMES[name]: _text(value)
        for name, value in asdict(replace(view(), **changes)).items()
        if value != default[name]
    }
    return f"{page}?{urlencode(items)}" if items else page


def _parse(name: str, text: str) -> Any:
    """Return the value that the URL's text names, None where it names none."""
    kind = {field.name: field.type for field in fields(View)}[name]
    try:
        if kind in (float, "float"):
            number = float(text)
            return number if 0 <= number < 1e9 else None
        if kind in (bool, "bool"):
            return {"True": True, "False": False}.get(text)
        if name == "beat":
            return int(text) if 0 <= int(text) < 10**9 else None
    except ValueError:
        return None
    return text[: _LONG.get(name, 200)]
