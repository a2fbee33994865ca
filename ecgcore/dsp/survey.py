"""What a whole recording comes to in one lead, found in bounded memory: its survey.

The recording is gone through twice: once from end to end for the envelope, the extremes and what
its reader must be told; once by blocks for the stretches that carry no ECG. Of a recording of one
block (``blocks``) all of it is what the whole trace at once would give; in a longer one a square
wave or a flat second may be judged a little differently where it crosses a seam.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgcore.dsp.blocks import Block, blocks
from ecgcore.dsp.envelope import Envelope, bin_width, empty_envelope, fill
from ecgcore.dsp.quality import no_ecg_notices, unusable_by_reason
from ecgcore.dsp.stretches import merged, runs
from ecgcore.records.catalog import Database
from ecgcore.records.reader import scan_record
from ecgcore.records.trace import Trace
from ecgcore.schema import IntArray, Notice, RecordHeader, choose_lead

Progress = Callable[[float], None]  # told the share that is done; what it raises ends the work


@dataclass(frozen=True, kw_only=True, eq=False)
class Survey:
    """What is known of one lead of a whole recording."""

    lead: str
    fs: float  # Hz
    envelope: Envelope
    no_ecg: dict[str, IntArray]  # reason -> stretches (k, 2), [start, stop), in order
    notices: tuple[Notice, ...]  # on the signal, and on this lead

    @property
    def length(self) -> int:
        """Samples of the recording."""
        return self.envelope.length

    @property
    def bad(self) -> IntArray:
        """The stretches (k, 2) without ECG for any of the reasons."""
        return merged(np.concatenate(list(self.no_ecg.values())).reshape(-1, 2))


def survey(
    database: Database, header: RecordHeader, lead: str, progress: Progress | None = None
) -> Survey:
    """Survey one lead. Raises RecordError where the record can't be read or has no such lead."""
    column = choose_lead(header.leads, lead)
    envelope = empty_envelope(header.length, bin_width(header.length, header.fs))

    def take(start: int, signal: NDArray[np.float32]) -> None:
        fill(envelope, signal[:, column], start)
        if progress is not None:
            progress(0.5 * (start + len(signal)) / header.length)

    signal_notices = scan_record(database, header.name, take, allow_partial=header.partial)
    trace = Trace(database=database, header=header, lead=lead)
    found: dict[str, list[IntArray]] = {}
    every = blocks(header.length, header.fs)
    for k, block in enumerate(every):
        for reason, stretches in _no_ecg(trace, block, header.fs, envelope.limits).items():
            found.setdefault(reason, []).append(stretches)
        if progress is not None:
            progress(0.5 + 0.5 * (k + 1) / len(every))
    no_ecg = {reason: merged(np.concatenate(parts)) for reason, parts in found.items()}
    seconds = {r: float((s[:, 1] - s[:, 0]).sum()) / header.fs for r, s in no_ecg.items()}
    bad = merged(np.concatenate(list(no_ecg.values())))
    everything = int((bad[:, 1] - bad[:, 0]).sum()) == header.length
    return Survey(
        lead=lead,
        fs=header.fs,
        envelope=envelope,
        no_ecg=no_ecg,
        notices=(*signal_notices, *no_ecg_notices(lead, seconds, everything)),
    )


def _no_ecg(
    trace: Trace, block: Block, fs: float, limits: tuple[float, float]
) -> dict[str, IntArray]:
    """Return a block's own stretches without ECG, absolute samples, by reason."""
    own = slice(block.first - block.begin, block.stop - block.begin)
    masks = unusable_by_reason(trace[block.begin : block.end], fs, limits)
    return {
        reason: np.array(runs(mask[own]), dtype=np.int64).reshape(-1, 2) + block.first
        for reason, mask in masks.items()
    }
