"""Recordings as arrays of beats to train on.

Nothing is cached: the beats of DS1 take two seconds to prepare, and a cache that outlived a change
of the filters or the features would train on what no longer is.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ecgcore.errors import EcgError
from ecgcore.features.inputs import InputSpec, beat_inputs
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.database import Database
from ecgcore.records.reader import read_record
from ecgcore.schema import BoolArray, FloatArray, HalfArray, IntArray, Peaks, StrArray
from ecgcore.training.drawn_patients import mostly_atrial_patients
from ecgcore.training.leads import own_lead, pick_lead
from ecgcore.training.virtual_leads import virtual_leads


@dataclass(frozen=True, kw_only=True, eq=False)
class BeatSet:
    """Labelled beats of several recordings, ready for a network."""

    x: FloatArray  # (n, channels, points) or (n, 1, frequencies, times)
    rr: FloatArray  # (n, RR features)
    label: IntArray  # (n,), index into classes
    record: StrArray  # (n,)
    classes: tuple[str, ...]
    notes: tuple[str, ...] = ()  # sentences to show: recordings without the wanted lead
    # (versions, n, channels, points): the beats in virtual leads, to train on besides their own
    versions: HalfArray | None = None
    rhythms: FloatArray | None = None  # (m, RR features) of drawn rhythms, for normal beats
    ventricular: FloatArray | None = None  # (m, RR features) of drawn rhythms, for V beats
    drawn: "BeatSet | None" = None  # beats of drawn patients, to train on besides these
    channels: tuple[str, ...] = ()  # the names of those of ``x``
    sample: IntArray | None = None  # (n,), R-peaks, absolute samples of their recordings

    def __len__(self) -> int:
        return int(self.label.size)

    def subset(self, keep: BoolArray) -> "BeatSet":
        """Return the beats that ``keep`` (n,) marks; of drawn ones, those of the records kept."""
        drawn = self.drawn
        if drawn is not None:
            drawn = drawn.subset(np.isin(drawn.record, np.unique(self.record[keep])))
        return BeatSet(
            x=self.x[keep],
            rr=self.rr[keep],
            label=self.label[keep],
            record=self.record[keep],
            classes=self.classes,
            notes=self.notes,
            versions=None if self.versions is None else self.versions[:, keep],
            rhythms=self.rhythms,
            ventricular=self.ventricular,
            drawn=drawn,
            channels=self.channels,
            sample=None if self.sample is None else self.sample[keep],
        )

    def with_drawn(self) -> "BeatSet":
        """Return these beats and the drawn ones, which have one version in every virtual lead.

        A drawn beat's record is no record's name, so that nothing is drawn from it again with
        that record's own.
        """
        drawn = self.drawn
        if drawn is None or not len(drawn):
            return self
        versions = self.versions
        if versions is not None:
            same = np.broadcast_to(drawn.x.astype(np.float16), (len(versions), *drawn.x.shape))
            versions = np.concatenate((versions, same), axis=1)
        return replace(
            self,
            x=np.concatenate((self.x, drawn.x)),
            rr=np.concatenate((self.rr, drawn.rr)),
            label=np.concatenate((self.label, drawn.label)),
            record=np.concatenate((self.record, np.char.add(drawn.record, " drawn"))),
            versions=versions,
            drawn=None,
            sample=None,
        )

    def counts(self) -> dict[str, int]:
        """Return how many beats each class has."""
        found = np.bincount(self.label, minlength=len(self.classes)).tolist()
        return dict(zip(self.classes, found, strict=True))

    def digest(self) -> str:
        """Return a hash of inputs and labels: the same data give the same on every machine."""
        sha = hashlib.sha256(repr((self.classes, self.x.shape)).encode())
        for array in (self.x.astype(np.float16), self.rr.astype(np.float16), self.label):
            sha.update(np.ascontiguousarray(array).tobytes())
        return sha.hexdigest()[:16]


Labeller = Callable[[str, Peaks], StrArray]  # record, its b peaks -> class (b,), "" to leave out


def by_aami(record: str, peaks: Peaks) -> StrArray:  # noqa: ARG001 - a Labeller
    """Label beats with their AAMI class."""
    assert peaks.aami is not None  # annotated peaks have it
    return peaks.aami


def load_beats(
    database: Database,
    records: Sequence[str],
    spec: InputSpec,
    classes: tuple[str, ...],
    labeller: Labeller = by_aami,
    lead: str | None = None,
    virtual: int = 0,
    drawn: int = 0,
) -> BeatSet:
    """Return the annotated, usable beats whose label is among ``classes``.

    The inputs are made from all beats of a recording, so its median beat and mean RR interval
    are the recording's, whichever of its beats are kept. ``lead``: the run's, see ``leads``; where
    a recording lacks it another is taken, as in ``predict``, and ``notes`` say so. ``virtual``:
    how many versions in virtual leads to make of each beat; ``drawn``: how many beats to take of
    drawn patients (``drawn_patients``), both always the same ones. Raises
    RecordError as the reader and ``beat_inputs``, and EcgError when no beat has one of the classes.
    """
    place = {name: index for index, name in enumerate(classes)}
    own, others = own_lead(spec, lead), []
    parts, versions = [], []
    rng, chance = np.random.default_rng(0), np.random.default_rng(1)
    patients: list[tuple[FloatArray, FloatArray, IntArray, StrArray]] = []
    for name in records:
        record = read_record(database, name)
        peaks = annotated_peaks(record)
        taken = pick_lead(record.header.leads, own)
        if own not in (None, taken):
            others.append(f"{name} ({taken})")
        inputs = beat_inputs(record, peaks, spec, taken)
        label = np.array([place.get(str(c), -1) for c in labeller(name, peaks)], dtype=np.int64)
        keep = inputs.beats.usable & (label >= 0)
        names = np.full(int(keep.sum()), name)
        parts.append((inputs.x[keep], inputs.rr[keep], label[keep], names, peaks.sample[keep]))
        if virtual:
            versions.append(virtual_leads(record, peaks, inputs, virtual, rng)[:, keep])
        if drawn:
            patients += [
                (x, rr, np.array([place.get(str(c), -1) for c in said]), np.full(len(said), name))
                for x, rr, said in mostly_atrial_patients(record, peaks, inputs, chance)
            ]
    if not parts or not sum(len(part[2]) for part in parts):
        raise EcgError(
            f"No beat of {', '.join(records) or 'no record'} in {database.name} is of the classes "
            f"{', '.join(classes)}; choose other records."
        )
    x, rr, label, of, sample = (np.concatenate(column) for column in zip(*parts, strict=True))
    notes = (f"Trained on another lead than {own}: {', '.join(others)}.",) if others else ()
    return BeatSet(
        x=x,
        rr=rr,
        label=label,
        record=of,
        sample=sample,
        classes=classes,
        notes=notes,
        channels=spec.channels,
        versions=np.concatenate(versions, axis=1) if versions else None,
        drawn=_some(patients, classes, spec, drawn) if patients else None,
    )


def _some(
    patients: list[tuple[FloatArray, FloatArray, IntArray, StrArray]],
    classes: tuple[str, ...],
    spec: InputSpec,
    count: int,
) -> BeatSet:
    """Return ``count`` beats of all drawn patients together, drawn at random, always the same."""
    x, rr, label, record = (np.concatenate(column) for column in zip(*patients, strict=True))
    known = np.flatnonzero(label >= 0)
    chosen = np.sort(np.random.default_rng(0).permutation(known)[:count])
    return BeatSet(
        x=x[chosen],
        rr=rr[chosen],
        label=label[chosen],
        record=record[chosen],
        classes=classes,
        channels=spec.channels,
    )
