"""Input rows of rhythm and drawn beats on real recordings."""

import numpy as np

from ecgcore.dsp.filters import BandPass, BaselineMedians
from ecgcore.dsp.segmentation import WindowSpec
from ecgcore.features.beat_image import BeatImageSpec
from ecgcore.features.inputs import InputSpec, beat_inputs
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.database import Database
from ecgcore.records.reader import read_record


def _above(low: np.ndarray, high: np.ndarray) -> float:
    """Return how often a value of ``high`` exceeds one of ``low`` (AUROC)."""
    return float((high[:, None] > low[None, :]).mean())


def test_early_rows_tell_single_premature_beats(mitdb: Database) -> None:
    """118 has them one at a time; in runs (209) the mean of the last ten comes down with them."""
    record = read_record(mitdb, "118")
    peaks = annotated_peaks(record)
    spec = InputSpec(
        filters=(BaselineMedians(),),
        window=WindowSpec(kind="daeac"),
        channels=("raw", "rr_pre_global", "rr_pre_local"),
        scale="range",
    )
    found = beat_inputs(record, peaks, spec)
    early = found.x[:, 1:, 0]
    assert np.ptp(found.x[found.beats.usable, 0], axis=1).max() < 1 + 1e-4
    for row in early.T:
        assert _above(low=row[peaks.aami == "S"], high=row[peaks.aami == "N"]) > 0.9
        assert abs(np.median(row) - 1) < 0.1


def test_pictures_of_ventricular_beats_in_208_differ_from_normal_ones(mitdb: Database) -> None:
    """The nearest of two mean pictures names a beat's class far better than chance."""
    record = read_record(mitdb, "208")
    peaks = annotated_peaks(record)
    spec = InputSpec(
        kind="image",
        filters=(BandPass(),),
        channels=("raw",),
        image=BeatImageSpec(height=32, width=32),
    )
    x = beat_inputs(record, peaks, spec).x[:, 0]
    normal, ventricular = x[peaks.aami == "N"], x[peaks.aami == "V"]
    means = normal[::2].mean(axis=0), ventricular[::2].mean(axis=0)
    rest = normal[1::2], ventricular[1::2]
    right = [
        np.mean(((part - mine) ** 2).sum((1, 2)) < ((part - other) ** 2).sum((1, 2)))
        for part, mine, other in zip(rest, means, means[::-1], strict=True)
    ]
    assert min(right) > 0.9
