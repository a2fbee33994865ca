"""Which beats explanations are judged on: as even over the predicted classes as there are beats.

Most beats are of one class, whose prediction hardly depends on the waveform (what is ordinary is
N). So each class that the network predicts gives as many beats as the others, drawn at random with
a seed among all usable beats of the recordings that may test the checkpoint (``tested_beats``);
what a rare class can't give, the others do. Predicted, not annotated: it is the predicted class
whose map is looked at, and recordings without labels can be judged as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecgcore.errors import EcgError, RecordError
from ecgcore.faithfulness.cases import Cases, cases_of, joined
from ecgcore.faithfulness.stability import Variants, joined_variants, variants_of
from ecgcore.features.inputs import beat_inputs
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.records.database import Database
from ecgcore.records.reader import read_header, read_record
from ecgcore.schema import IntArray, StrArray
from ecgcore.training.context import by_itself
from ecgcore.training.predict import checkpoint_lead
from ecgcore.training.seen import tested_beats
from ecgcore.training.store import ANNOTATED, DETECTOR, find_beats, stored_predictions

Progress = Callable[[int, int, str], None]  # steps done, of, the next one

BEATS: Final = 500
CHECKED: Final = 48  # of them, those whose maps are made again and again


@dataclass(frozen=True, kw_only=True, eq=False)
class JudgedBeats:
    """B beats; the first ``checked`` of them with variants. Each class is among both alike."""

    cases: Cases
    variants: Variants  # of the first ``checked``
    record: StrArray  # (B,)
    checked: int
    left_out: dict[str, str]  # recordings that could not be classified, and why

    def __len__(self) -> int:
        return len(self.cases)


def draw_beats(
    checkpoint: Checkpoint,
    database: Database,
    records: Sequence[str],
    *,
    beats: int = BEATS,
    checked: int = CHECKED,
    seed: int = 0,
    progress: Progress | None = None,
) -> JudgedBeats:
    """Return beats of recordings, in random order; one recording is in memory at a time.

    A recording that can't be read or classified is left out and named. Raises EcgError where no
    beat can be judged.
    """
    rng = np.random.default_rng(seed)
    names, rows, labels = [], [], []
    left_out: dict[str, str] = {}
    for number, name in enumerate(records):
        if progress:
            progress(number, len(records), f"classifying {name}")
        try:
            header = read_header(database, name)
            source = ANNOTATED if "atr" in header.annotators else DETECTOR
            # The network's own word: a map explains that, not what the context makes of it.
            found = by_itself(stored_predictions(checkpoint, database, name, source=source))
        except RecordError as error:
            left_out[name] = str(error)
            continue
        there = np.flatnonzero(found.usable & tested_beats(checkpoint.meta, header, found.peaks))
        names.append(np.full(there.size, name))
        rows.append(there)
        labels.append(found.probability[there].argmax(axis=1))
    if not sum(part.size for part in rows):
        raise EcgError(f"No beat of {', '.join(records) or 'no record'} can be judged.")
    record, row, label = (np.concatenate(column) for column in (names, rows, labels))
    chosen = even(label, beats, rng)
    checks = chosen[np.sort(even(label[chosen], checked, rng))]
    order = np.concatenate([checks, np.setdiff1d(chosen, checks)])
    found_beats = _read(
        checkpoint, database, record[order], row[order], label[order], len(checks), seed
    )
    return replace(found_beats, left_out=left_out)


def even(label: IntArray, count: int, rng: np.random.Generator) -> IntArray:
    """Return at most ``count`` of beats (n,), as many of each label as can be, in random order."""
    groups = sorted(
        (rng.permutation(np.flatnonzero(label == k)) for k in np.unique(label)), key=len
    )
    chosen: list[IntArray] = []
    left = count
    for number, group in enumerate(groups):
        take = min(len(group), left // (len(groups) - number))
        chosen.append(group[:take])
        left -= take
    found: IntArray = rng.permutation(np.concatenate(chosen))
    return found


def _read(
    checkpoint: Checkpoint,
    database: Database,
    name: StrArray,
    row: IntArray,
    label: IntArray,
    checked: int,
    seed: int,
) -> JudgedBeats:
    parts, places, variants, varied = [], [], [], []
    for one in dict.fromkeys(name.tolist()):
        mine = np.flatnonzero(name == one)
        header = read_header(database, one)
        lead = checkpoint_lead(checkpoint.meta, header.leads)
        whole = read_record(database, one)
        source = ANNOTATED if "atr" in header.annotators else DETECTOR
        peaks = find_beats(whole, source, lead)
        inputs = beat_inputs(whole, peaks, checkpoint.meta.input, lead)
        parts.append(cases_of(checkpoint, inputs, row[mine], label[mine]))
        places.append(mine)
        first = mine[mine < checked]
        if first.size:
            variants.append(variants_of(inputs, row[first], parts[-1].own, seed))
            varied.append(first)
    back = np.argsort(np.concatenate(places))
    cases = joined(parts).some(back)
    return JudgedBeats(
        cases=cases,
        variants=_ordered(joined_variants(variants), np.argsort(np.concatenate(varied))),
        record=name,
        checked=checked,
        left_out={},
    )


def _ordered(variants: Variants, back: IntArray) -> Variants:
    return replace(
        variants,
        noisy=tuple(x[back] for x in variants.noisy),
        moved=tuple(x[back] for x in variants.moved),
        columns=tuple(step[back] for step in variants.columns),
    )
