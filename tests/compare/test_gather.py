import shutil
import threading
from dataclasses import replace

import numpy as np
import pytest

from ecgcore.compare import gather
from ecgcore.compare.gather import Gatherings, GatherKey
from ecgcore.errors import CheckpointError, RecordError
from ecgcore.features.inputs import InputSpec
from ecgcore.records.catalog import Database
from ecgcore.records.demo import demo_database
from ecgcore.records.reader import read_header
from ecgcore.training.store import stored_predictions
from tests.make_record import make_checkpoint
from tests.tiny_networks import Convolutional

CHECKPOINT = make_checkpoint(
    Convolutional(), InputSpec(rr=("pre", "post"), channels=("difference", "raw")), ("N", "S", "V")
)


def _key(records: tuple[str, ...]) -> GatherKey:
    base = demo_database()
    heads = [read_header(base, name) for name in records]
    return GatherKey(
        checkpoint="made",
        digest="made",
        database=base.name,
        records=tuple((head.name, head.digest) for head in heads),
    )


def test_it_gathers_what_predict_says_in_the_order_asked():
    base = demo_database()
    names = base.records[2:0:-1]
    work, key = Gatherings(), _key(names)
    assert work.state(key) is None
    work.start(key, lambda: CHECKPOINT, base)
    state = work.wait(key, 60)
    assert state.phase == "done"
    assert [part.header.name for part in state.found] == list(names)
    for part in state.found:
        expected = stored_predictions(CHECKPOINT, base, part.header.name)
        np.testing.assert_array_equal(part.probability, expected.probability)


def test_a_second_start_joins_the_first(monkeypatch):
    base, gate, calls = demo_database(), threading.Event(), []

    def slow(checkpoint, database, record, **options):
        calls.append(record)
        gate.wait(30)
        return stored_predictions(checkpoint, database, record, **options)

    monkeypatch.setattr(gather, "stored_predictions", slow)
    work, key = Gatherings(), _key(base.records[:1])
    work.start(key, lambda: CHECKPOINT, base)
    work.start(key, lambda: CHECKPOINT, base)
    gate.set()
    assert work.wait(key, 60).phase == "done"
    assert calls == [base.records[0]]


def test_cancel_stops_before_the_next_recording_and_start_goes_on(monkeypatch):
    base, gate, began, calls = demo_database(), threading.Event(), threading.Event(), []

    def slow(checkpoint, database, record, **options):
        calls.append(record)
        began.set()
        gate.wait(30)
        return stored_predictions(checkpoint, database, record, **options)

    monkeypatch.setattr(gather, "stored_predictions", slow)
    work, key = Gatherings(), _key(base.records[:3])
    work.start(key, lambda: CHECKPOINT, base)
    assert began.wait(30)
    work.cancel(key)
    gate.set()
    state = work.wait(key, 60)
    assert state.phase == "cancelled"
    assert calls == [base.records[0]]
    work.start(key, lambda: CHECKPOINT, base)
    assert len(work.wait(key, 60).found) == 3


def test_one_bad_recording_does_not_stop_the_others(monkeypatch):
    base = demo_database()

    def picky(checkpoint, database, record, **options):
        if record == base.records[0]:
            raise KeyError("a defect")
        return stored_predictions(checkpoint, database, record, **options)

    monkeypatch.setattr(gather, "stored_predictions", picky)
    work, key = Gatherings(), _key(base.records[:2])
    work.start(key, lambda: CHECKPOINT, base)
    state = work.wait(key, 60)
    assert [name for name, _ in state.failed] == [base.records[0]]
    assert len(state.found) == 1
    assert state.done == state.total == 2


def test_what_failed_is_tried_again_by_a_new_start(monkeypatch):
    base, fail = demo_database(), [True]

    def flaky(checkpoint, database, record, **options):
        if record == base.records[0] and fail:
            raise RecordError("The disk is away.")
        return stored_predictions(checkpoint, database, record, **options)

    monkeypatch.setattr(gather, "stored_predictions", flaky)
    work, key = Gatherings(), _key(base.records[:2])
    work.start(key, lambda: CHECKPOINT, base)
    assert work.wait(key, 60).failed == ((base.records[0], "The disk is away."),)
    fail.clear()
    work.start(key, lambda: CHECKPOINT, base)
    state = work.wait(key, 60)
    assert state.failed == ()
    assert [part.header.name for part in state.found] == list(base.records[:2])
    assert work.start(key, lambda: CHECKPOINT, base) is state  # nothing failed: nothing is redone


def test_a_recording_cut_short_is_gathered_as_far_as_it_goes(tmp_path):
    base = demo_database()
    name = base.records[0]
    for path in base.root.glob(f"{name}.*"):
        shutil.copy(path, tmp_path / path.name)
    signal = next(path for path in tmp_path.iterdir() if path.suffix == ".dat")
    signal.write_bytes(signal.read_bytes()[: signal.stat().st_size // 2])
    cut = Database(name="cut", root=tmp_path, records=(name,))
    head = read_header(cut, name, allow_partial=True)
    plain = GatherKey(
        checkpoint="made", digest="made", database="cut", records=((name, head.digest),)
    )
    work = Gatherings()
    work.start(plain, lambda: CHECKPOINT, cut)
    assert work.wait(plain, 60).failed
    key = replace(plain, partial=(name,))
    work.start(key, lambda: CHECKPOINT, cut)
    (found,) = work.wait(key, 60).found
    assert found.header.partial
    assert 0 < found.peaks.sample[-1] < head.length
    again = stored_predictions(CHECKPOINT, cut, name, partial=True)
    np.testing.assert_array_equal(again.probability, found.probability)


def test_a_checkpoint_that_cannot_be_loaded_is_said():
    def load():
        raise CheckpointError("Checkpoint made: NaN weights.")

    work, key = Gatherings(), _key(demo_database().records[:1])
    work.start(key, load, demo_database())
    state = work.wait(key, 60)
    assert state.phase == "done"
    assert state.failed == (("made", "Checkpoint made: NaN weights."),)


@pytest.mark.parametrize("more", [3, 8])
def test_results_are_forgotten_beyond_a_few(more, monkeypatch):
    base = demo_database()
    monkeypatch.setattr(gather, "stored_predictions", lambda *_, **__: None)
    work = Gatherings()
    base_key = _key(base.records[:1])
    keys = [GatherKey(**{**vars(base_key), "digest": str(k)}) for k in range(more)]
    for key in keys:
        work.start(key, lambda: CHECKPOINT, base)
        work.wait(key, 30)
    there = [key for key in keys if work.state(key) is not None]
    assert there == keys[-gather._KEPT :]
