"""Which beats train and which test, and what must be said beside the figures.

* ``inter-patient``: train on DS1, test on DS2 (de Chazal et al. 2004). Every choice is made on
  DS1 by held-out patients; DS2's labels are read once, at the end.
* ``intra-patient``: beats of each recording drawn at random, as the beat-image studies do.
* ``identity-random``: beats of each recording drawn at random (Kim and Jung 2022).
* ``identity-time``: the first part of each recording trains, the rest tests.
* ``identity-hours``, ``identity-sessions``: other recordings of the people test, of hours later or
  of other days.
"""

import zlib
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError

from ecgcore.errors import CheckpointError
from ecgcore.features.channels import RR_CHANNELS, TYPICAL
from ecgcore.features.inputs import InputSpec
from ecgcore.features.rr import RR_FEATURES
from ecgcore.schema import BoolArray, IntArray

SAME_PATIENTS: Final = "The same people are in training and test."
SAME_RECORDING: Final = "Training and test beats are of the same recording, minutes apart at most."
RANDOM_BEATS: Final = "Random beat split: neighbouring beats fall on both sides."
ONE_PERSON: Final = "Records 201 (DS1) and 202 (DS2) are of one person, as in the published split."

CLOSED_SET: Final = "Closed set: nobody is tested who is not among the people known."
HOURS_LATER: Final = "Test recordings were made hours later, with the electrodes left in place."
OTHER_DAYS: Final = "Test recordings were made on other days than those that trained."

OwnSplit = Literal["random", "time"]  # of the recordings that train
SplitKind = Literal[OwnSplit, "whole"]
ProtocolName = Literal[
    "inter-patient",
    "intra-patient",
    "identity-random",
    "identity-time",
    "identity-hours",
    "identity-sessions",
]
OWN: Final[dict[OwnSplit, ProtocolName]] = {"random": "identity-random", "time": "identity-time"}
LATER: Final[tuple[ProtocolName, ...]] = ("identity-hours", "identity-sessions")


@dataclass(frozen=True, kw_only=True)
class IdentitySplit:
    """Which beats of a recording train; the others of the stretch test.

    ``start`` (s, by record) skips what is no ECG, such as calibration pulses; ``stop`` (s) ends
    the stretch, so that all people give about as much; None takes the whole recording. With the
    kind "whole" all of the stretch trains, and other recordings test.
    """

    kind: SplitKind = "random"
    fraction: Annotated[float, Field(gt=0, lt=1)] = 0.7
    seed: int = 0
    stop: Annotated[float, Field(gt=0)] | None = None
    start: dict[str, float] = field(default_factory=dict)

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "IdentitySplit":
        """Return the split that ``dataclasses.asdict`` wrote. Raises CheckpointError for others."""
        try:
            return TypeAdapter(cls).validate_python(plain)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise CheckpointError(
                f"The checkpoint's split can't be used: {where or 'split'}: {first['msg']}; "
                "restore the checkpoint from where it came from, or train it again."
            ) from None

    def stretch(self, record: str, sample: IntArray, fs: float) -> BoolArray:
        """Return which beats (b,) at ``sample`` (absolute) lie in the record's stretch."""
        seconds = sample / fs
        inside: BoolArray = seconds >= self.start.get(record, 0.0)
        return inside if self.stop is None else inside & (seconds < self.stop)

    def trains(self, record: str, sample: IntArray, fs: float) -> BoolArray:
        """Return which beats (b,) train; those of the stretch that don't are the test beats.

        Random: a share of the beats, drawn by ``seed`` and the record's name, so that each
        recording can be split by itself. Time: those before the stretch's first ``fraction`` of
        time has passed.
        """
        inside = self.stretch(record, sample, fs)
        index = np.flatnonzero(inside)
        trains = np.zeros(sample.size, dtype=np.bool_)
        if self.kind == "whole":
            return inside
        if self.kind == "random":
            rng = np.random.default_rng([self.seed, zlib.crc32(record.encode())])
            trains[rng.permutation(index)[: round(self.fraction * index.size)]] = True
        elif index.size:
            first, last = sample[index[0]], sample[index[-1]]
            trains[index] = sample[index] < first + self.fraction * (last - first)
        return trains

    def tests(self, record: str, sample: IntArray, fs: float) -> BoolArray:
        """Return which beats (b,) of a recording that trained test: the others of its stretch."""
        tests: BoolArray = self.stretch(record, sample, fs) & ~self.trains(record, sample, fs)
        return tests


def split_flags(
    split: IdentitySplit, spec: InputSpec, protocol: ProtocolName | None = None
) -> tuple[str, ...]:
    """Return the sentences that go with figures of people who trained.

    ``protocol``: which of those a split may make; needed for the kind "whole".
    """
    flags = (*whole_record_flags(spec), SAME_PATIENTS)
    if split.kind == "whole":
        later = HOURS_LATER if protocol == "identity-hours" else OTHER_DAYS
        return (*flags, later, CLOSED_SET)
    flags = (*flags, SAME_RECORDING)
    return (*flags, RANDOM_BEATS) if split.kind == "random" else flags


def beat_class_flags(
    classes: tuple[str, ...],
    spec: InputSpec,
    *,
    database: str,
    train: str,
    test: str,
    virtual_leads: bool = False,
) -> tuple[str, ...]:
    """Return the sentences that go with an inter-patient run's figures.

    ``train`` and ``test`` as in the configuration: what is known of DS1 and DS2 is said of them
    only.
    """
    published = (database, train, test) == ("mitdb", "DS1", "DS2")
    flags = [*whole_record_flags(spec)]
    if virtual_leads:
        flags.append("Trained on mixtures of both leads; of a beat it sees one lead.")
    if "Q" not in classes:
        which = "Class Q (8 beats in DS1)" if published else "Class Q"
        flags.append(f"{which} is left out of training; true Q beats count wrong.")
    if published:
        flags.append(ONE_PERSON)
    return tuple(flags)


def whole_record_flags(spec: InputSpec) -> tuple[str, ...]:
    """Return the sentence to say when the input of one beat depends on the whole recording."""
    compared = set(spec.channels) - {"raw", *RR_CHANNELS}
    rhythm = {*spec.rr, *(RR_CHANNELS[name] for name in spec.channels if name in RR_CHANNELS)}
    used = []
    if compared or spec.scale == "record":
        used.append("its median beat")
    if compared & TYPICAL:
        used.append("the beats most like each")
    if "ectopic_part" in compared:
        used.append("its early, odd beats")
    if any(RR_FEATURES[name].whole_record for name in rhythm):
        used.append("its mean RR interval")
    words = " and ".join(part for part in (", ".join(used[:-1]), *used[-1:]) if part)
    return (f"Uses the whole test record without labels, for {words}.",) * bool(used)
