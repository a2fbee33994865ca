"""What a beat would be to a network if one RR interval beside it were another.

The R-peaks before the beat (or after it) are moved together, so that one interval changes and no
other; every RR feature is then computed anew, as it always is. The waveform stays as it was
recorded: a real early beat would look different too (its T wave overlaps, its P wave may hide), so
this asks what the network makes of the rhythm, not what the heart would do.
"""

from dataclasses import replace

import numpy as np

from ecgcore.errors import EcgError
from ecgcore.features.channels import RR_CHANNELS
from ecgcore.features.inputs import BeatInputs
from ecgcore.features.rr import rr_features
from ecgcore.schema import Peaks


def intervals_beside(peaks: Peaks, beat: int) -> tuple[float | None, float | None]:
    """Return the RR intervals before and after a beat, s; None where there is no such beat."""
    at = peaks.sample
    before = float(at[beat] - at[beat - 1]) / peaks.fs if beat > 0 else None
    after = float(at[beat + 1] - at[beat]) / peaks.fs if beat + 1 < len(peaks) else None
    return before, after


def with_intervals(
    peaks: Peaks, beat: int, *, pre: float | None = None, post: float | None = None
) -> Peaks:
    """Return the peaks with the interval before and/or after one beat changed to so many seconds.

    All other intervals keep their length; sample numbers may fall below 0, as only differences
    mean anything then. Raises EcgError for an interval that does not exist or is shorter than a
    sample.
    """
    sample = peaks.sample.copy()
    for name, seconds, there in zip(
        ("before", "after"), (pre, post), intervals_beside(peaks, beat), strict=True
    ):
        if seconds is None:
            continue
        if there is None:
            raise EcgError(f"Beat {beat} has no beat {name} it, so that interval can't be changed.")
        length = int(np.rint(seconds * peaks.fs))
        if length < 1:
            raise EcgError(f"An RR interval of {seconds:g} s is too short; choose a longer one.")
        grown = length - int(np.rint(there * peaks.fs))
        if name == "before":
            sample[:beat] -= grown
        else:
            sample[beat + 1 :] += grown
    return replace(peaks, sample=sample)


def with_rhythm(
    inputs: BeatInputs, beat: int, *, pre: float | None = None, post: float | None = None
) -> BeatInputs:
    """Return the inputs with one beat's rhythm as if the intervals beside it were others.

    Its RR features, and early RR rows among its channels, are computed anew; its waveform and all
    other beats stay. Raises EcgError as ``with_intervals``.
    """
    if pre is None and post is None:
        return inputs
    moved = with_intervals(inputs.beats.peaks, beat, pre=pre, post=post)
    rr, stack = inputs.rr, inputs.stack
    if inputs.spec.rr:
        rr = rr.copy()
        rr[beat] = rr_features(moved, inputs.spec.rr).values[beat]
    rows = [RR_CHANNELS[name] for name in inputs.spec.channels if name in RR_CHANNELS]
    if rows:
        ratios = stack.ratios.copy()
        ratios[beat] = rr_features(moved, tuple(rows)).values[beat]
        stack = replace(stack, ratios=ratios)
    return replace(inputs, rr=rr, stack=stack)


def hears_rhythm(spec_rr: tuple[str, ...], channels: tuple[str, ...]) -> bool:
    """Return whether an input with these RR features and channels holds any RR interval."""
    return bool(spec_rr) or any(name in RR_CHANNELS for name in channels)
