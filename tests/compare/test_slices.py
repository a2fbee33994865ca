"""Groups of errors and what they cost, against scores that are computed the long way."""

import numpy as np
import pytest

from ecgcore.compare.confusion import confusion
from ecgcore.compare.filters import apply_filter
from ecgcore.compare.slices import error_slices, set_macro_f1
from ecgcore.compare.table import beat_table
from ecgcore.training.metrics import class_metrics
from tests.make_predictions import make_predictions

FOUR = ("N", "S", "V", "F")


def some_set():
    rng = np.random.default_rng(3)
    parts = []
    for name in ("100", "200"):
        truth = rng.choice([*FOUR, "Q"], 300, p=[0.7, 0.1, 0.1, 0.07, 0.03])
        label = np.where(rng.random(300) < 0.75, np.where(truth == "Q", "N", truth),
                         rng.choice(FOUR, 300))  # fmt: skip
        parts.append(make_predictions(truth, label, record=name, classes=FOUR))
    return parts


def score(parts, mended=None):
    """Macro F1 by ``class_metrics``; ``mended`` (record, true, predicted) counts as right."""
    names = (*FOUR, "Q")
    truth = np.concatenate([part.truth for part in parts])
    label = np.concatenate([part.label for part in parts])
    record = np.concatenate([[part.header.name] * len(part.peaks) for part in parts])
    if mended:
        here = (record == mended[0]) & (truth == mended[1]) & (label == mended[2])
        label = np.where(here, truth, label)
    probability = (label[:, None] == np.array(names)).astype(np.float32)
    return class_metrics(truth, probability, names).macro["f1_4"]


def test_a_slice_costs_what_mending_it_brings():
    parts = some_set()
    matrix, table = confusion(parts), beat_table(parts)
    found = error_slices(matrix, table)
    now = score(parts)
    assert set_macro_f1(matrix) == pytest.approx(now)
    assert len(found) > 10
    for one in found:
        mended = score(parts, (one.record, one.true, one.predicted))
        assert one.cost == pytest.approx(mended - now, abs=1e-12)
    costs = [one.cost for one in found]
    assert costs == sorted(costs, reverse=True)


def test_slices_hold_every_error_once_and_their_filter_lists_them():
    parts = some_set()
    matrix, table = confusion(parts), beat_table(parts)
    table = table.assign(pattern=np.where(table["beat"] % 2, "more T", "usual"))
    for by_pattern in (False, True):
        found = error_slices(matrix, table, by_pattern=by_pattern)
        assert sum(one.support for one in found) == (table["true"] != table["predicted"]).sum()
        for one in found:
            rows = apply_filter(table, one.wanted)
            assert len(rows) == one.support
            assert one.confidence == pytest.approx(rows["confidence"].mean())
    assert {one.pattern for one in found} == {"more T", "usual"}


def test_few_of_a_rare_class_cost_more_than_many_of_a_common_one():
    part = make_predictions(
        ["N"] * 1000 + ["F"] * 10 + ["S", "V"] * 50,
        ["N"] * 980 + ["S"] * 20 + ["N"] * 8 + ["F"] * 2 + ["S", "V"] * 50,
        classes=FOUR,
    )
    first, second = error_slices(confusion([part]), beat_table([part]))
    assert (first.true, first.support) == ("F", 8)
    assert (second.true, second.support) == ("N", 20)


def test_a_set_without_errors_has_no_slices():
    part = make_predictions(["N", "V"], ["N", "V"])
    assert error_slices(confusion([part]), beat_table([part])) == ()
