"""What a reader of a recording must be told of its signal: badges with a sentence."""

import numpy as np

from ecgcore.records.catalog import Database
from ecgcore.records.segments import Segmented
from ecgcore.records.source import Single, Window
from ecgcore.records.units import UNCALIBRATED
from ecgcore.schema import FloatArray, Notice


def database_notices(database: Database) -> tuple[Notice, ...]:
    """Tell that a recording is synthetic where its whole database is."""
    if not database.synthetic:
        return ()
    text = "This recording is synthetic: it comes from a generator, not from a person."
    return (Notice(code="synthetic", text=text),)


def signal_notices(source: Single | Segmented, window: Window) -> tuple[Notice, ...]:
    """Tell what is odd about the samples in ``window``: nothing for most recordings."""
    notices: list[Notice] = []
    if source.held < source.claimed:
        text = f"The signal file is cut short: {source.held} of {source.claimed} samples are there."
        notices.append(Notice(code="partial", text=text))
    guessed = [n for n, u in zip(source.leads, source.units, strict=True) if u == UNCALIBRATED]
    if guessed:
        text = (
            f"The header gives no gain for {', '.join(guessed)}: amplitudes assume 200 adu/mV "
            "and are no measurement."
        )
        notices.append(Notice(code="uncalibrated", text=text))
    if window.checksum_faults:
        text = (
            f"The samples of {', '.join(window.checksum_faults)} do not add up to the header's "
            "checksum: this is not, or not only, the signal that the header was written for."
        )
        notices.append(Notice(code="checksum", text=text))
    if _is_empty(window.signal, source.header.fs):
        text = "No lead has a signal here: all samples are missing or the same."
        notices.append(Notice(code="no-signal", text=text))
        return tuple(notices)
    seconds = np.isnan(window.signal).sum(axis=0) / source.header.fs
    gaps = [f"{n} {s:.2f} s" for n, s in zip(source.leads, seconds, strict=True) if s > 0]
    if gaps:
        notices.append(Notice(code="gaps", text=f"Samples are missing: {', '.join(gaps)}."))
    return tuple(notices)


def _is_empty(signal: FloatArray, fs: float) -> bool:
    """Tell whether every lead is missing throughout, or constant for at least a second."""
    if not signal.shape[0]:
        return False
    if np.isnan(signal).all():
        return True
    return signal.shape[0] >= fs and all(_is_constant(lead) for lead in signal.T)


def _is_constant(lead: FloatArray) -> bool:
    present = lead[~np.isnan(lead)]
    return not present.size or bool((present == present[0]).all())
