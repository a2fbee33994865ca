"""What a reader of a recording must be told of its signal: badges with a sentence."""

from ecgcore.records.database import Database
from ecgcore.records.facts import Facts
from ecgcore.records.segments import Segmented
from ecgcore.records.source import Single
from ecgcore.records.units import UNCALIBRATED
from ecgcore.schema import Notice


def database_notices(database: Database) -> tuple[Notice, ...]:
    """Tell that a recording is synthetic where its whole database is."""
    if not database.synthetic:
        return ()
    text = "This recording is synthetic: it comes from a generator, not from a person."
    return (Notice(code="synthetic", text=text),)


def signal_notices(
    source: Single | Segmented, facts: Facts, checksum_faults: tuple[str, ...]
) -> tuple[Notice, ...]:
    """Tell what is odd about the samples that ``facts`` are of: nothing for most recordings."""
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
    if checksum_faults:
        text = (
            f"The samples of {', '.join(checksum_faults)} do not add up to the header's "
            "checksum: this is not, or not only, the signal that the header was written for."
        )
        notices.append(Notice(code="checksum", text=text))
    if facts.is_empty(source.header.fs):
        text = "No lead has a signal here: all samples are missing or the same."
        notices.append(Notice(code="no-signal", text=text))
        return tuple(notices)
    seconds = facts.missing / source.header.fs
    gaps = [f"{n} {s:.2f} s" for n, s in zip(source.leads, seconds, strict=True) if s > 0]
    if gaps:
        notices.append(Notice(code="gaps", text=f"Samples are missing: {', '.join(gaps)}."))
    return tuple(notices)
