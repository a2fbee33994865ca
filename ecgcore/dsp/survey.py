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

from ecgcore.dsp.envelope import Envelope, bin_width, empty_envelope, fill
from ecgcore.dsp.no_ecg import no_ecg, together
from ecgcore.dsp.quality import no_ecg_notices
from ecgcore.records.database import Database
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
        return together(self.no_ecg)


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
    found = no_ecg(
        trace,
        header.fs,
        envelope.limits,
        None if progress is None else lambda share: progress(0.5 + 0.5 * share),
    )
    seconds = {r: float((s[:, 1] - s[:, 0]).sum()) / header.fs for r, s in found.items()}
    bad = together(found)
    everything = int((bad[:, 1] - bad[:, 0]).sum()) == header.length
    return Survey(
        lead=lead,
        fs=header.fs,
        envelope=envelope,
        no_ecg=found,
        notices=(*signal_notices, *no_ecg_notices(lead, seconds, everything)),
    )
