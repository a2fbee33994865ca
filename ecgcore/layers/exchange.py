"""Layers as files: WFDB annotations that say where they come from, and tables."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ecgcore import __version__
from ecgcore.errors import LayerError
from ecgcore.layers.edits import Edit, in_force
from ecgcore.layers.layer import Layer, Origin
from ecgcore.layers.reviews import moment
from ecgcore.records.annotation_file import parse_annotations
from ecgcore.records.annotation_writer import annotation_bytes
from ecgcore.records.annotations import annotation_notice, checked_annotations
from ecgcore.schema import Annotations, RecordHeader


def layer_file(layer: Layer, annotations: Annotations, history: Sequence[Edit]) -> bytes:
    """Return a layer as a WFDB annotation file, with its provenance in notes at the front.

    ``annotations`` and ``history`` are those of the version that ``layer`` has. Read again, by us
    or by wfdb, it holds the same annotations.
    """
    return annotation_bytes(annotations, fs=layer.fs, about=provenance(layer, history))


def provenance(layer: Layer, history: Sequence[Edit]) -> tuple[str, ...]:
    """Return who made a layer, when, from what and with what, a line each."""
    made = in_force(history)
    counts = [(kind, sum(edit.kind == kind for edit in made)) for kind in _kinds(made)]
    authors = list(dict.fromkeys(edit.author for edit in history))
    origin = f"{layer.origin.words} {layer.origin.detail}".strip()
    lines = [
        f"{__version__}, layer: {layer.name}",
        f"of: {layer.database}/{layer.record}",
        f"by: {layer.author}, {moment(layer.created)}",
        f"from: {origin}; recording {layer.origin.digest or 'unknown'}",
        f"version: {layer.state}",
    ]
    if made:
        told = ", ".join(f"{count} {kind}" for kind, count in counts)
        lines.append(f"edits: {told}; last {moment(history[-1].at)}")
        lines.append(f"edited by: {', '.join(authors)}")
    return tuple(lines)


def read_layer_file(
    content: bytes, header: RecordHeader, label: str
) -> tuple[Annotations, Origin, tuple[str, ...]]:
    """Return the annotations of a file, what it is, and what must be told of it.

    ``label`` names it. Raises RecordError where the bytes are no annotations of such a recording,
    and LayerError where no beat is among them. A file of ours that was written of another recording
    is taken with a warning.
    """
    found = checked_annotations(
        content,
        length=header.length,
        fs=header.fs,
        start=0,
        stop=header.length,
        label=label,
        annotator="file",
    )
    if not (found.aami != "").any():
        raise LayerError(f"{label} holds no beats of this recording.")
    about = parse_annotations(content, label).about
    notice = annotation_notice(found)
    told = [] if notice is None else [notice.text]
    here = f"of: {header.database}/{header.name}"
    other = [line for line in about if line.startswith("of: ") and line != here]
    if other:
        told.append(f"{label} was written {other[0].replace(': ', ' ')}, not {here[4:]}.")
    return found, Origin(kind="file", name=label, detail="; ".join(about)), tuple(told)


def layer_table(annotations: Annotations, fs: float) -> pd.DataFrame:
    """Return annotations as a table, one row each."""
    return pd.DataFrame(
        {
            "sample": annotations.sample,
            "time_s": np.round(annotations.sample / fs, 4),
            "symbol": annotations.symbol,
            "aami": annotations.aami,
            "note": list(annotations.aux),
        }
    )


def _kinds(history: Sequence[Edit]) -> list[str]:
    return list(dict.fromkeys(edit.kind for edit in history))
