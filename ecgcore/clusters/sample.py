"""Beats to fit clusters on: some of every recording, rare classes among them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgcore.clusters.model import check_clusterable, samples
from ecgcore.clusters.waves import WaveArray, around, before_beat, wave_at
from ecgcore.errors import EcgError, RecordError
from ecgcore.features.inputs import BeatInputs, beat_inputs
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.records.database import Database
from ecgcore.records.reader import read_header, read_record
from ecgcore.schema import BoolArray, FloatArray, IntArray, StrArray
from ecgcore.training.predict import checkpoint_lead, classify
from ecgcore.training.store import find_beats

Progress = Callable[[int, int, str], None]  # steps done, of, the next one

BEATS: Final = 2400  # in all, of any class …
RARE: Final = 20  # … and as many more of each predicted class in each recording


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample:
    """Beats with what position alone says of their points, and the network's own classes."""

    x: FloatArray  # (n, …)
    rr: FloatArray  # (n, R)
    wave: WaveArray  # (n, columns)
    before: BoolArray  # (n, columns)
    label: IntArray  # (n,): index of the predicted class
    record: StrArray  # (n,)
    seen: int  # beats that were chosen from

    def __len__(self) -> int:
        return int(self.label.size)

    @property
    def ordinary(self) -> BoolArray:
        """The beats (n,) of the class that was predicted most often."""
        mine: BoolArray = self.label == np.bincount(self.label).argmax()
        return mine


def draw_sample(
    checkpoint: Checkpoint,
    database: Database,
    records: Sequence[str],
    *,
    beats: int = BEATS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Sample:
    """Return beats of some recordings, drawn at random with a seed.

    Each recording gives as many of any class, and up to ``RARE`` more of each class that the
    network predicts, so that what it does with rare beats has clusters as well. One recording is
    in memory at a time. Raises EcgError for pictures and where no beat is usable, RecordError as
    the reader does.
    """
    found = _drawn(checkpoint, database, records, record_inputs, beats, seed, progress)
    if found is None:
        raise EcgError(f"No beat of {', '.join(records) or 'no record'} is usable; choose others.")
    return found


def draw_other_leads(
    checkpoint: Checkpoint,
    database: Database,
    records: Sequence[str],
    *,
    beats: int = BEATS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Sample | None:
    """Return beats drawn alike from each recording's other lead; None where there is none.

    There the network meets beats that it did not learn by heart, as in recordings that it never
    saw. No label is used. Raises as ``draw_sample``.
    """
    return _drawn(checkpoint, database, records, other_inputs, beats, seed, progress)


def _drawn(
    checkpoint: Checkpoint,
    database: Database,
    records: Sequence[str],
    seen_of: Callable[[Checkpoint, Database, str], BeatInputs | None],
    beats: int,
    seed: int,
    progress: Progress | None,
) -> Sample | None:
    check_clusterable(checkpoint.meta.input)
    rng = np.random.default_rng(seed)
    each = -(-beats // max(1, len(records)))
    parts, seen = [], 0
    for number, name in enumerate(records):
        if progress:
            progress(number, len(records), name)
        inputs = seen_of(checkpoint, database, name)
        if inputs is None:
            continue
        usable = np.flatnonzero(inputs.beats.usable)
        seen += usable.size
        label = predicted(checkpoint, inputs)
        chosen = [rng.permutation(usable)[:each]]
        chosen += [
            rng.permutation(usable[label[usable] == k])[:RARE]
            for k in range(len(checkpoint.meta.classes))
        ]
        rows = np.unique(np.concatenate(chosen))
        since, until = around(samples(inputs)[rows], inputs.beats.peaks.sample, _fs(inputs))
        parts.append(
            (
                taken(inputs, rows),
                inputs.rr[rows],
                wave_at(since, until),
                before_beat(since, until),
                label[rows],
                np.full(rows.size, name),
            )
        )
    if not sum(len(part[4]) for part in parts):
        return None
    x, rr, wave, before, label, record = (np.concatenate(c) for c in zip(*parts, strict=True))
    return Sample(x=x, rr=rr, wave=wave, before=before, label=label, record=record, seen=seen)


def of_each_class(
    usable: IntArray, label: IntArray, most: int, rng: np.random.Generator
) -> IntArray:
    """Return at most ``most`` usable beats of each predicted class, drawn, in order."""
    mine = label[usable]
    drawn = [rng.permutation(usable[mine == k])[:most] for k in np.unique(mine)]
    rows: IntArray = np.sort(np.concatenate([usable[:0], *drawn]))
    return rows


def taken(inputs: BeatInputs, rows: IntArray) -> FloatArray:
    """Return the network's inputs of some beats (n, …), without making those of all."""
    if inputs.spec.kind == "waveform":
        return inputs.rows(rows)
    return np.concatenate([inputs.take(slice(0)), *(inputs.take(slice(k, k + 1)) for k in rows)])


def both_leads(checkpoint: Checkpoint, database: Database, name: str) -> Iterator[BeatInputs]:
    """Yield what a checkpoint sees of a recording's lead of its own, and of the next one."""
    yield record_inputs(checkpoint, database, name)
    other = other_inputs(checkpoint, database, name)
    if other is not None:
        yield other


def other_inputs(checkpoint: Checkpoint, database: Database, name: str) -> BeatInputs | None:
    """Return what a checkpoint sees of the first lead that is not its own, None without one."""
    leads = read_header(database, name).leads
    mine = checkpoint_lead(checkpoint.meta, leads)
    for lead in [lead for lead in leads if lead != mine][:1]:
        try:
            return record_inputs(checkpoint, database, name, lead)
        except RecordError:  # nothing usable in it
            return None
    return None


def record_inputs(
    checkpoint: Checkpoint, database: Database, name: str, lead: str | None = None
) -> BeatInputs:
    """Return what a checkpoint sees of a recording: annotated beats, else detected ones."""
    header = read_header(database, name)
    lead = checkpoint_lead(checkpoint.meta, header.leads, lead)
    record = read_record(database, name)
    return beat_inputs(record, find_beats(record, lead=lead), checkpoint.meta.input, lead)


def predicted(checkpoint: Checkpoint, inputs: BeatInputs) -> IntArray:
    """Return the index of each beat's predicted class (b,)."""
    found = []
    for k in range(0, len(inputs), 1024):
        rows = slice(k, k + 1024)
        found.append(classify(checkpoint, inputs.take(rows), inputs.rr[rows])[0].argmax(axis=1))
    label: IntArray = np.concatenate(found).astype(np.int64)
    return label


def _fs(inputs: BeatInputs) -> float:
    return inputs.beats.peaks.fs
