import shutil
import threading
from dataclasses import replace

import numpy as np
import pytest

from ecgcore.background import Background
from ecgcore.compare import gather
from ecgcore.compare.gather import GatherKey
from ecgcore.errors import RecordError
from ecgcore.features.inputs import InputSpec
from ecgcore.records.database import Database
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


def _gathered(key, base=None, told=None):
    told = [] if told is None else told
    return gather.gather(
        key, CHECKPOINT, base or demo_database(), lambda share, step: told.append((share, step))
    )


def test_it_gathers_what_predict_says_in_the_order_asked(home):  # where nothing is kept yet
    base = demo_database()
    names, told = base.records[2:0:-1], []
    found = _gathered(_key(names), told=told)
    assert [part.header.name for part in found.found] == list(names)
    for part in found.found:
        expected = stored_predictions(CHECKPOINT, base, part.header.name)
        np.testing.assert_array_equal(part.probability, expected.probability)
    shares, steps = zip(*told, strict=True)
    assert list(shares) == sorted(shares)
    first, second = (f"{k + 1} of 2, {name}" for k, name in enumerate(names))
    begun = {share: step for share, step in reversed(told) if share in (0.0, 0.5, 1.0)}
    assert begun == {0.0: first, 0.5: second, 1.0: ""}
    assert {f"{first}: reading", f"{first}: classifying", f"{second}: reading"} <= set(steps)
    assert all(step.startswith((first, second)) for step in steps[:-1])


def test_cancel_stops_before_the_next_recording_and_start_goes_on(monkeypatch):
    base, gate, began, calls = demo_database(), threading.Event(), threading.Event(), []

    def slow(checkpoint, database, record, **options):
        calls.append(record)
        began.set()
        gate.wait(30)
        return stored_predictions(checkpoint, database, record, **options)

    monkeypatch.setattr(gather, "stored_predictions", slow)
    runner, key = Background(), _key(base.records[:3])

    def work(report):
        return gather.gather(key, CHECKPOINT, base, report)

    runner.start(key, work)
    assert began.wait(30)
    runner.cancel(key)
    gate.set()
    assert runner.wait(key, 60).phase == "cancelled"
    assert calls == [base.records[0]]
    runner.start(key, work)
    assert len(runner.wait(key, 60).result.found) == 3


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyError("a defect"), "could not be classified; the log tells why."),
        (RecordError("The disk is away."), "The disk is away."),
    ],
)
def test_one_bad_recording_does_not_stop_the_others(monkeypatch, error, said):
    base = demo_database()

    def picky(checkpoint, database, record, **options):
        if record == base.records[0]:
            raise error
        return stored_predictions(checkpoint, database, record, **options)

    monkeypatch.setattr(gather, "stored_predictions", picky)
    found = _gathered(_key(base.records[:2]))
    ((name, sentence),) = found.failed
    assert name == base.records[0]
    assert said in sentence
    assert [part.header.name for part in found.found] == [base.records[1]]
    assert found.total == 2


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
    assert _gathered(plain, cut).failed
    (found,) = _gathered(replace(plain, partial=(name,)), cut).found
    assert found.header.partial
    assert 0 < found.peaks.sample[-1] < head.length
    again = stored_predictions(CHECKPOINT, cut, name, partial=True)
    np.testing.assert_array_equal(again.probability, found.probability)
