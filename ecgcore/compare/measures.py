"""What more is known of a set's beats than the network said: noise, and clusters in time.

Both need the recordings again (and clusters a second pass through the network), so they are
measured when somebody asks, recording by recording.

A beat's pattern names the cluster whose share of the beat departs most from that cluster's mean
share over the recording, in standard deviations over the set: "more T", "less P". Where no share
is a standard deviation away the pattern is "usual".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from ecgcore.background import Report
from ecgcore.clusters.model import ClusterModel, patterns
from ecgcore.dsp.detectors import DETECTORS
from ecgcore.dsp.noise import lead_noise
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.records.database import Database
from ecgcore.records.trace import open_record
from ecgcore.schema import DoubleArray, FloatArray, Predictions, StrArray
from ecgcore.training.prepared import stored_inputs
from ecgcore.training.store import ANNOTATED

USUAL: Final = "usual"
_LEAST: Final = 1.0  # standard deviations


@dataclass(frozen=True, kw_only=True, eq=False)
class Measures:
    """Measures of b beats of one recording."""

    noise: DoubleArray  # (b,), in the lead's unit; see ``dsp.noise``
    uncertainty: FloatArray | None = None  # (b,), mean entropy of the clusters, 0 to 1
    shares: FloatArray | None = None  # (b, K), of each cluster


def measure(
    checkpoint: Checkpoint,
    database: Database,
    predictions: Sequence[Predictions],
    model: ClusterModel | None,
    report: Report,
) -> dict[str, Measures]:
    """Return the measures of each recording by name; those of clusters where a ``model`` is given.

    Calls ``report`` before each recording, which may raise to end it. Raises RecordError for a
    recording that can no longer be read.
    """
    found = {}
    for k, part in enumerate(predictions):
        report(k / max(1, len(predictions)), part.header.name)
        record = open_record(database, part.header.name, allow_partial=part.header.partial)
        noise = lead_noise(record.lead(part.lead), record.fs, part.peaks.sample)
        if model is None:
            found[part.header.name] = Measures(noise=noise)
            continue
        source = part.peaks.source if part.peaks.source in DETECTORS else ANNOTATED
        spec = checkpoint.meta.input
        inputs = stored_inputs(spec, record, part.peaks, source, part.lead)
        seen = patterns(checkpoint.network, inputs, model)
        found[part.header.name] = Measures(
            noise=noise, uncertainty=seen.entropy, shares=seen.shares
        )
    return found


def with_measures(
    table: pd.DataFrame, measures: Mapping[str, Measures], labels: Sequence[str]
) -> pd.DataFrame:
    """Return ``beat_table`` with the columns ``noise``, ``uncertainty`` and ``pattern``.

    The last two only where clusters were measured; ``labels`` are the clusters' names.
    """
    name, beat = table["record"].to_numpy(), table["beat"].to_numpy()
    noise, unsure = np.full(len(table), np.nan), np.full(len(table), np.nan)
    shares = np.full((len(table), len(labels)), np.nan, dtype=np.float32)
    for record, one in measures.items():
        here = name == record
        noise[here] = one.noise[beat[here]]
        if one.uncertainty is not None and one.shares is not None:
            unsure[here] = one.uncertainty[beat[here]]
            usual = one.shares.mean(axis=0)
            shares[here] = one.shares[beat[here]] - usual
    more = table.assign(noise=noise)
    if labels and np.isfinite(unsure).any():
        more = more.assign(uncertainty=unsure, pattern=_patterns(shares, labels))
    return more


def _patterns(departure: FloatArray, labels: Sequence[str]) -> StrArray:
    """Return the pattern of each beat, of its shares' departures from the usual (n, K)."""
    spread = np.nanstd(departure, axis=0)
    scaled = np.nan_to_num(departure / np.maximum(spread, 1e-6))
    most = np.abs(scaled).argmax(axis=1)
    value = scaled[np.arange(len(scaled)), most]
    side = np.where(value > 0, "more ", "less ")
    named = np.char.add(side, np.array(labels, dtype=np.str_)[most])
    found: StrArray = np.where(np.abs(value) >= _LEAST, named, USUAL)
    return found
