"""Experts' marks of waves against the clusters' names, sample by sample.

The marks are those of the QT database (Laguna et al. 1997), ``.q1c``: P and QRS from onset to end,
T mostly from its peak to its end only, for about thirty beats a recording. Beside the clusters
stands what position alone would score (``waves``): the clusters add something where they do as well
with fewer points, so precision is told with recall. Precision of T is low for everyone, as the
first half of most T waves carries no mark.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ecgcore.clusters.model import ClusterModel, samples, segment
from ecgcore.clusters.sample import record_inputs
from ecgcore.clusters.waves import WAVES, around, before_beat, wave_at
from ecgcore.errors import RecordError
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.records.database import Database
from ecgcore.records.reader import read_header, read_record_annotations
from ecgcore.schema import Annotations, IntArray, StrArray

EXPERT: Final = "q1c"
MARKED: Final = ("P", "QRS", "T")
_SYMBOLS: Final = {"p": "P", "N": "QRS", "t": "T"}


@dataclass(frozen=True, kw_only=True, eq=False)
class MarkedWaves:
    """Stretches that experts marked: [start, stop], absolute samples."""

    start: IntArray  # (w,)
    stop: IntArray  # (w,)
    wave: StrArray  # (w,), of MARKED

    def at(self, sample: np.ndarray[Any, np.dtype[np.float64]]) -> StrArray:
        """Return the marked wave at samples (…), "" where there is none."""
        found: StrArray = np.full(sample.shape, "", dtype="<U8")
        for a, b, wave in zip(self.start, self.stop, self.wave, strict=True):
            found[(sample >= a) & (sample <= b)] = wave
        return found


def marked_waves(marks: Annotations) -> MarkedWaves:
    """Return the waves among delineation marks ``( p )``, ``( N )``, ``( t )``.

    A wave without onset starts at its peak; one without end is left out, as are other marks.
    """
    found: list[tuple[int, int, str]] = []
    onset: int | None = None
    peak: tuple[int, str] | None = None
    for sample, symbol in zip(marks.sample.tolist(), marks.symbol.tolist(), strict=True):
        if symbol == "(":
            onset, peak = sample, None
        elif symbol in _SYMBOLS:
            peak = (sample, _SYMBOLS[symbol])
        elif symbol == ")":
            if peak is not None:
                found.append((onset if onset is not None else peak[0], sample, peak[1]))
            onset = peak = None
        else:
            onset = peak = None
    start, stop, wave = zip(*found, strict=True) if found else ((), (), ())
    return MarkedWaves(
        start=np.array(start, dtype=np.int64),
        stop=np.array(stop, dtype=np.int64),
        wave=np.array(wave, dtype="<U8"),
    )


def check_names(
    checkpoint: Checkpoint,
    model: ClusterModel,
    database: Database,
    records: Sequence[str],
    lead: str | None = None,
) -> dict[str, Any]:
    """Return recall and precision of each marked wave, of the clusters and of position alone.

    Counted over the points of the beats between a recording's first and last mark; ``records`` has
    each recording's recall by the clusters. Raises RecordError where a recording has no such marks.
    """
    by_cluster: list[tuple[StrArray, StrArray]] = []
    by_place: list[tuple[StrArray, StrArray]] = []
    leads, each = [], {}
    for name in records:
        inputs = record_inputs(checkpoint, database, name, lead)
        marks, _ = read_record_annotations(database, read_header(database, name), annotator=EXPERT)
        waves = marked_waves(marks) if marks is not None else None
        if waves is None or not waves.start.size:
            raise RecordError(f"{database.name}/{name} has no expert's marks (.{EXPERT}).")
        peaks = inputs.beats.peaks
        rows = np.flatnonzero(
            inputs.beats.usable
            & (peaks.sample >= waves.start.min())
            & (peaks.sample <= waves.stop.max())
        )
        where = samples(inputs)[rows]
        since, until = around(where, peaks.sample, peaks.fs)
        x = inputs.take(slice(int(rows[0]), int(rows[-1]) + 1))[rows - rows[0]]
        best = segment(checkpoint.network, x, model).argmax(axis=-1)
        after, before = np.array(model.after), np.array(model.before)
        named = np.where(before_beat(since, until), before[best], after[best])
        truth = waves.at(where)
        by_cluster.append((named.ravel(), truth.ravel()))
        by_place.append((np.array(WAVES)[wave_at(since, until)].ravel(), truth.ravel()))
        leads.append(inputs.beats.lead)
        each[name] = {wave: f["recall"] for wave, f in agreement(*by_cluster[-1]).items()}
    return {
        "database": database.name,
        "leads": sorted(set(leads)),
        "clusters": agreement(*map(np.concatenate, zip(*by_cluster, strict=True))),
        "position": agreement(*map(np.concatenate, zip(*by_place, strict=True))),
        "records": each,
    }


def agreement(named: StrArray, truth: StrArray) -> dict[str, dict[str, float]]:
    """Return recall and precision of each marked wave, of names (n,) and marks (n,)."""
    found = {}
    for wave in MARKED:
        hit = float(((named == wave) & (truth == wave)).sum())
        marked, said = float((truth == wave).sum()), float((named == wave).sum())
        found[wave] = {
            "recall": hit / marked if marked else float("nan"),
            "precision": hit / said if said else float("nan"),
            "samples": marked,
        }
    return found
