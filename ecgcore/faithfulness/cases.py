"""Beats whose explanations are judged, and how their maps are made.

All that is perturbed here is the beat itself: the input's own channels (``own_channels``). The
neighbouring beats' channels, early RR rows and late RR features stay as they were recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ecgcore.explain.attribution import Reference
from ecgcore.explain.reference import beside, own_channels, reference_of
from ecgcore.explain.registry import explain, explainer
from ecgcore.features.inputs import BeatInputs
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.models.network import Network
from ecgcore.schema import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Cases:
    """B beats, of any recordings, with the class that is explained of each."""

    x: Tensor  # (B, C, …)
    rr: Tensor  # (B, R)
    target: Tensor  # (B,), class indices
    reference: Reference  # B rows: each beat's own recording's
    own: tuple[int, ...]  # channels of x that show the beat itself

    def __len__(self) -> int:
        return len(self.x)

    @property
    def ordinary(self) -> Tensor:
        """What each beat becomes when all of it is put back (B, C, …): all else as it is."""
        return beside(self.reference, self.x, self.own).x

    def some(self, rows: slice | IntArray) -> "Cases":
        """Return some of the beats."""
        at = rows if isinstance(rows, slice) else torch.from_numpy(rows)
        reference = replace(self.reference, x=self.reference.x[at], rr=self.reference.rr[at])
        return replace(
            self, x=self.x[at], rr=self.rr[at], target=self.target[at], reference=reference
        )


def cases_of(
    checkpoint: Checkpoint, inputs: BeatInputs, rows: IntArray, target: IntArray | None = None
) -> Cases:
    """Return beats ``rows`` (B,) of a recording's inputs; ``target`` (B,), else the predicted."""
    x = torch.from_numpy(take_rows(inputs, rows))
    rr = torch.from_numpy(inputs.rr[rows])
    if target is None:
        with torch.no_grad():
            wanted = checkpoint.network(x, rr).argmax(dim=1)
    else:
        wanted = torch.from_numpy(np.asarray(target, dtype=np.int64))
    return Cases(
        x=x,
        rr=rr,
        target=wanted,
        reference=reference_of(checkpoint, inputs).like(x, rr),
        own=own_channels(inputs.spec),
    )


def joined(parts: Sequence[Cases]) -> Cases:
    """Return beats of several recordings as one. Raises ValueError without any."""
    first = parts[0]
    reference = replace(
        first.reference,
        x=torch.cat([part.reference.x for part in parts]),
        rr=torch.cat([part.reference.rr for part in parts]),
    )
    x, rr, target = (
        torch.cat([getattr(part, name) for part in parts]) for name in ("x", "rr", "target")
    )
    return replace(first, x=x, rr=rr, target=target, reference=reference)


def take_rows(inputs: BeatInputs, rows: IntArray) -> FloatArray:
    """Return what the network sees of beats ``rows`` (B,), in that order: (B, C, …)."""
    return shown_rows(inputs, inputs.rows(rows), rows)


def shown_rows(inputs: BeatInputs, stacked: FloatArray, rows: IntArray) -> FloatArray:
    """Return what the network sees of beats ``rows`` (B,) with channels ``stacked`` (B, C, points).

    Pictures are made one by one, so that each is what it is alone.
    """
    if inputs.spec.kind == "waveform":
        return stacked
    parts = [inputs.shown(stacked[k : k + 1], rows[k : k + 1]) for k in range(len(rows))]
    return np.concatenate(parts)


def maps_of(method: str, network: Network, cases: Cases) -> Tensor:
    """Return each beat's own map (B, …), signed where the method's is. Errors as ``explain``."""
    entry = explainer(method)
    reference = cases.reference
    if entry.swaps:
        reference = beside(reference, cases.x, cases.own)
    found = explain(method, network, cases.x, cases.rr, cases.target, reference)
    return found.of(cases.own)
