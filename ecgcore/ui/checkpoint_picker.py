"""Which checkpoint is looked through, and what must always be said of it."""

import streamlit as st

from ecgcore.errors import CheckpointError
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.models.meta import CheckpointMeta
from ecgcore.schema import RecordHeader
from ecgcore.training.seen import known_person, split_records, trained_on
from ecgcore.ui import model_cache
from ecgcore.ui.checkpoint_order import listed
from ecgcore.ui.errors import instead
from ecgcore.ui.state import set_view, shown, view
from ecgcore.ui.text import plain


def checkpoint_picker(header: RecordHeader) -> Checkpoint:
    """Let choose a checkpoint in the sidebar and return it, loaded.

    Without a choice, and for one in the URL that is not there or can't be used, which is said: the
    one that knows this person, else the first for beat classes. Raises CheckpointError when there
    is none, or when that can't be used.
    """
    there, broken = model_cache.metas()
    if not there:
        raise CheckpointError(
            next(
                iter(broken.values()),
                "There is no checkpoint yet; train one with: "
                "python -m ecgcore train --config FILE.",
            )
        )
    default = default_checkpoint(there, header)
    loaded, reason = _usable(view().checkpoint or default, there, broken)
    if loaded is None:
        if view().checkpoint in ("", default):
            raise CheckpointError(reason)
        instead(f"{reason} {default} is shown instead.")
        loaded = model_cache.checkpoint(default)
    shown(checkpoint=loaded.name)

    def changed() -> None:
        set_view(checkpoint=st.session_state["pick_checkpoint"])

    st.session_state["pick_checkpoint"] = loaded.name
    st.sidebar.selectbox(
        "Checkpoint",
        list(there),
        key="pick_checkpoint",
        format_func=lambda found: listed(found, there[found]),
        on_change=changed,
        placeholder="choose …",
        help="★: to begin with. Type to search: a name, “beats” or “people”.",
    )
    return loaded


def _usable(
    name: str, there: dict[str, CheckpointMeta], broken: dict[str, str]
) -> tuple[Checkpoint | None, str]:
    """Return a checkpoint, or why it can't be used."""
    if name not in there:
        return None, broken.get(name, f"There is no checkpoint {name!r}.")
    try:
        return model_cache.checkpoint(name), ""
    except CheckpointError as error:
        return None, str(error)


def default_checkpoint(there: dict[str, CheckpointMeta], header: RecordHeader) -> str:
    """Return the checkpoint that suits a recording best."""
    for name, meta in there.items():
        if known_person(meta, header.database, header.name) is not None:
            return name
    return next(
        (name for name, meta in there.items() if meta.task == "beat-class"), next(iter(there))
    )


def badges(checkpoint: Checkpoint) -> tuple[str, ...]:
    """Return what the strip says of a checkpoint: its name and how it was tested."""
    protocol = checkpoint.meta.protocol
    return checkpoint.name, f"{protocol.name}: trained on {protocol.train}"


def told_if_trained(
    checkpoint: Checkpoint, database: str, records: tuple[str, ...], *, compared: bool = True
) -> None:
    """Say it when what is looked at helped to train the checkpoint, or is of nobody it knows.

    ``compared``: whether a split recording's test beats alone are shown; else all are, one by one.
    """
    if checkpoint.meta.task == "identity":
        for sentence in _of_people(checkpoint, database, records, compared=compared):
            st.caption(f":orange[:material/flag:] {plain(sentence)}")
        return
    if part := _of_split(checkpoint, database, records, compared=compared):
        st.caption(f":orange[:material/flag:] {plain(part)}")
    seen = trained_on(checkpoint.meta, database, records)
    if not seen:
        return
    which = (
        f"{len(seen)} of these {len(records)} recordings" if len(records) > 1 else "This recording"
    )
    st.caption(
        f":orange[:material/flag:] {which} trained {plain(checkpoint.name)}: it does better here "
        "than on people it has never seen."
    )


def _of_people(
    checkpoint: Checkpoint, database: str, records: tuple[str, ...], *, compared: bool = True
) -> tuple[str, ...]:
    """Return what a checkpoint for user recognition has seen of these, and whom it can't know."""
    meta, several = checkpoint.meta, len(records) > 1
    known = [name for name in records if known_person(meta, database, name) is not None]
    strangers = len(records) - len(known)
    told = []
    if part := _of_split(checkpoint, database, tuple(known), of=len(records), compared=compared):
        told.append(part)
    if strangers:
        who = (
            f"{strangers} of these {len(records)} recordings are of nobody"
            if several
            else "This person is not"
        )
        told.append(
            f"{who} among the {len(meta.classes)} people this checkpoint knows: whatever it "
            f"answers{' for them' * several} is wrong."
        )
    return tuple(told)


def _of_split(
    checkpoint: Checkpoint,
    database: str,
    records: tuple[str, ...],
    of: int | None = None,
    *,
    compared: bool = True,
) -> str:
    """Return the sentence on recordings of which beats trained, "" where there are none.

    What of them is compared, if anything, is what their split keeps apart. ``of``: how many
    recordings there are in all, ``records`` without it.
    """
    meta, of = checkpoint.meta, len(records) if of is None else of
    trained = split_records(meta, database, records)
    if not trained:
        return ""
    which = f"{len(trained)} of these {of} recordings" if of > 1 else "this recording"
    whole = meta.training["split"].get("kind") == "whole"
    if not compared:
        if whole:
            return f"All beats of {which} trained {checkpoint.name}."
        return (
            f"Beats of {which} trained {checkpoint.name}; beside each beat stands whether it did."
        )
    left = "none is" if whole else f"only {'their' if of > 1 else 'its'} test beats are"
    return f"Beats of {which} trained {checkpoint.name}; {left} compared."
