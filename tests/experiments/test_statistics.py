"""Several seeds and several patients together, against what is worked out one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.experiments.statistics import Counts, patient_intervals, summary, without_each
from ecgcore.training.metrics import FIVE, class_metrics

COLUMNS = (0, 1, 2, 3)


def _counts(seed: int, seeds: int = 2, records: int = 4) -> Counts:
    rng = np.random.default_rng(seed)
    shape = (seeds, records)
    return Counts(
        confusion=rng.integers(0, 30, (*shape, 5, 5)),
        missed=rng.integers(0, 4, (*shape, 5)),
        extra=rng.integers(0, 4, (*shape, 5)),
    )


@given(seed=st.integers(0, 1000))
def test_figures_of_counts_are_those_of_the_beats(seed):
    rng = np.random.default_rng(seed)
    truth, label = rng.choice(FIVE[:4], 60), rng.integers(0, 5, 60)
    found = class_metrics(truth, np.eye(5, dtype=np.float32)[label], FIVE)
    counts = Counts(confusion=found.confusion, missed=found.missed, extra=found.extra)
    mine = counts.figures(COLUMNS)
    assert mine["macro_f1"] == pytest.approx(found.macro["f1_4"])
    assert mine["accuracy"] == pytest.approx(found.accuracy)
    np.testing.assert_allclose(counts.f1(), [found.per_class[c].f1 for c in FIVE])


@given(seed=st.integers(0, 1000))
def test_each_record_left_out_is_the_others_together(seed):
    counts = _counts(seed)
    left = without_each(counts, COLUMNS)
    assert left.shape == (2, 4)
    for record in range(4):
        others = [k for k in range(4) if k != record]
        alone = Counts(
            confusion=counts.confusion[1, others].sum(0),
            missed=counts.missed[1, others].sum(0),
            extra=counts.extra[1, others].sum(0),
        )
        assert left[1, record] == pytest.approx(float(alone.figures(COLUMNS)["macro_f1"]))


def test_patients_who_are_alike_leave_no_interval_and_others_do():
    same = _counts(0, seeds=3, records=1)
    alike = Counts(**{k: np.repeat(v, 6, axis=1) for k, v in vars(same).items()})
    low, high = patient_intervals(alike, FIVE, COLUMNS)["macro_f1"]
    mean = alike.weighted(np.ones((1, 6), np.int64)).figures(COLUMNS)["macro_f1"].mean()
    assert low == pytest.approx(high) == pytest.approx(mean)
    low, high = patient_intervals(_counts(1, records=6), FIVE, COLUMNS)["macro_f1"]
    assert low < high


def test_intervals_are_the_same_twice_and_empty_for_a_class_of_nobody():
    counts = _counts(2)
    counts.confusion[..., 4, :] = counts.confusion[..., 4] = 0
    counts.missed[..., 4] = counts.extra[..., 4] = 0
    first = patient_intervals(counts, FIVE, COLUMNS)
    assert first == patient_intervals(counts, FIVE, COLUMNS)
    assert first["f1_Q"] == [None, None]


def test_a_summary_has_mean_and_deviation_of_every_figure():
    seeds = [{"a": 1.0, "b": {"c": 2, "d": None}}, {"a": 3.0, "b": {"c": 2, "d": 5.0}}]
    found = summary(seeds)
    assert found["a"] == {"mean": 2.0, "std": pytest.approx(2**0.5), "n": 2}
    assert found["b.c"]["std"] == 0
    assert found["b.d"] == {"mean": 5.0, "std": None, "n": 1}
