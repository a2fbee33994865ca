"""Shapes by class."""

import numpy as np
import pytest

from ecgcore.dsp.segmentation import WindowSpec, cut_beats
from ecgcore.errors import RecordError
from ecgcore.features.shapes import EXAMPLES, aligned_on_r, class_shapes, evenly
from ecgcore.schema import Beats, Peaks
from tests.make_beats import beats_of
from tests.make_record import make_record


def drawn(count: int, usable: np.ndarray | None = None) -> Beats:
    waveform = np.random.default_rng(0).normal(size=(count, 32))
    return beats_of(waveform, usable, around=(10.0, 10.0))


def test_every_usable_beat_counts_in_one_class() -> None:
    usable = np.arange(300) % 7 > 0
    aami = np.array(list("NVS"))[np.arange(300) % 3]
    found = class_shapes(drawn(300, usable), aami)
    assert [shape.name for shape in found] == ["N", "S", "V"]
    assert sum(shape.count for shape in found) == usable.sum()
    assert sum(shape.left_out for shape in found) == (~usable).sum()


def test_mean_and_spread_are_those_of_the_class() -> None:
    beats = drawn(500)
    aami = np.where(np.arange(500) < 100, "V", "N")
    ventricular = class_shapes(beats, aami)[1]
    np.testing.assert_allclose(ventricular.mean, beats.waveform[:100].mean(axis=0), atol=1e-6)
    inside = (beats.waveform[:100] >= ventricular.low) & (beats.waveform[:100] <= ventricular.high)
    assert inside.mean() == pytest.approx(0.8, abs=0.02)
    assert ventricular.example_beats.max() < 100
    assert len(ventricular.examples) == EXAMPLES


def test_without_classes_all_beats_are_one() -> None:
    (shape,) = class_shapes(drawn(30))
    assert (shape.name, shape.count) == ("", 30)


def test_nothing_usable_is_said() -> None:
    with pytest.raises(RecordError, match="no usable beat"):
        class_shapes(drawn(3, np.zeros(3, dtype=bool)))


def test_no_peak_at_all_is_said() -> None:
    record, _ = make_record(5)
    none = Peaks(sample=np.empty(0, dtype=np.int64), source="made", fs=360.0)
    with pytest.raises(RecordError, match="no R-peak in lead MLII"):
        aligned_on_r(record, none, WindowSpec(), 64)


def test_evenly_keeps_ends_and_order() -> None:
    chosen = evenly(np.arange(1000), 10)
    assert (chosen[0], chosen[-1], chosen.size) == (0, 999, 10)
    assert np.ptp(np.diff(chosen)) <= 1
    assert np.array_equal(evenly(np.arange(5), 10), np.arange(5))


def test_a_fixed_window_is_the_cut_itself() -> None:
    record, peaks = make_record(30)
    window = WindowSpec(before=0.3, after=0.4)
    beats, axis = aligned_on_r(record, peaks, window, 100)
    expected = cut_beats(record, peaks, window, 100).waveform
    np.testing.assert_allclose(beats.waveform, expected, atol=1e-5)
    assert axis[0] == pytest.approx(-0.3)
    assert axis[-1] < 0.4


@pytest.mark.parametrize("kind", ["cycle", "daeac"])
def test_windows_that_follow_the_rhythm_keep_r_in_place(kind: str) -> None:
    record, peaks = make_record(30)
    window = WindowSpec(kind=kind)
    beats, axis = aligned_on_r(record, peaks, window, 200)
    at_r = axis[np.nanargmax(beats.waveform, axis=1)]
    assert np.abs(at_r).max() < 2 * (axis[1] - axis[0])
    begin, end = window.bounds(peaks)
    step = axis[1] - axis[0]
    shown = np.isfinite(beats.waveform).sum(axis=1) * step
    assert (shown <= (end - begin) / record.fs + 2 * step).all()
    assert np.isnan(beats.waveform).any()
    (shape,) = class_shapes(beats)
    assert np.isfinite(shape.mean[np.abs(axis).argmin()])
    assert np.array_equal(np.isnan(shape.mean), np.isnan(beats.waveform).mean(axis=0) > 0.5)
