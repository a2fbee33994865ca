"""How far one lead can be trusted, and each beat in it."""

from dataclasses import dataclass

from ecgcore.dsp.no_ecg import no_ecg
from ecgcore.dsp.quality_seconds import noisy_stretches, quality_at, quality_seconds
from ecgcore.schema import IntArray, Recording, StrArray


@dataclass(frozen=True, kw_only=True, eq=False)
class LeadQuality:
    """What is wrong with a lead of a recording, or of a window of it, and where."""

    lead: str
    fs: float  # Hz
    start: int  # absolute sample of the window's first
    seconds: StrArray  # (s,), of each second from ``start`` on, see ``quality_seconds``
    no_ecg: dict[str, IntArray]  # reason -> stretches (k, 2), [first, stop), absolute samples
    noisy: IntArray  # likewise

    def of(self, sample: IntArray) -> StrArray:
        """Return the quality (b,) of the seconds in which beats at ``sample`` (b,) lie."""
        return quality_at(sample - self.start, self.seconds, self.fs)


def lead_quality(record: Recording, lead: str | None = None) -> LeadQuality:
    """Judge one lead second by second. Raises RecordError for an unknown lead."""
    trace = record.lead(lead)
    found = no_ecg(trace, record.fs)
    seconds = quality_seconds(trace, record.fs, found)
    return LeadQuality(
        lead=record.lead_name(lead),
        fs=record.fs,
        start=record.start,
        seconds=seconds,
        no_ecg={reason: stretches + record.start for reason, stretches in found.items()},
        noisy=noisy_stretches(seconds, record.fs, record.start),
    )
