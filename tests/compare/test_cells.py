"""The cells of a matrix that can be looked into, and what the matrix shares with the figures."""

import numpy as np

from ecgcore.compare.cells import cells
from ecgcore.compare.confusion import confusion
from ecgcore.compare.summary import summarise
from ecgcore.compare.table import beat_table
from ecgcore.features.inputs import InputSpec
from ecgcore.records.demo import demo_database
from ecgcore.training.evaluate import evaluate
from ecgcore.training.predict import predict
from tests.make_predictions import make_predictions
from tests.make_record import make_checkpoint
from tests.tiny_networks import Convolutional


def test_wrong_cells_come_first_by_number_and_each_has_a_beat_to_see():
    part = make_predictions(
        ["N", "N", "N", "S", "V", "V"],
        ["N", "S", "S", "V", "N", "V"],
        usable=[True, True, False, True, False, True],
    )
    found = cells(confusion([part]), beat_table([part]))
    assert list(found) == [("N", "S"), ("S", "V"), ("N", "N"), ("V", "V")]
    assert found["N", "S"] == 2  # one of them has no signal and is counted all the same
    meta = make_checkpoint(Convolutional(), InputSpec(), ("N", "S", "V")).meta
    assert summarise(meta, [make_predictions(["N"], ["V"], usable=[False])]) is None


def test_matrix_and_figures_count_the_same_beats():
    """With a stretch said to be unusable, which neither may leave out."""
    base = demo_database()
    spec = InputSpec(rr=("pre", "post"), channels=("difference", "raw"))
    checkpoint = make_checkpoint(Convolutional(), spec, ("N", "S", "V"))
    seen = []

    def with_gap(checkpoint, record, peaks):
        found = predict(checkpoint, record, peaks)
        usable = found.usable & (np.arange(len(peaks)) % 5 > 0)
        seen.append(type(found)(**{**vars(found), "usable": usable}))
        return seen[-1]

    figures = evaluate(checkpoint, base, base.records[:2], predictor=with_gap)
    matrix = confusion(seen)
    assert matrix.unusable > 0
    assert matrix.counts.sum() == figures.total.n_beats
    for row, name in enumerate(matrix.truths):
        there = figures.total.confusion[figures.total.classes.index(name)]
        np.testing.assert_array_equal(matrix.counts[row], there[: len(matrix.classes)])
    assert any(f"{matrix.unusable} of the beats" in flag for flag in figures.protocol.flags)
