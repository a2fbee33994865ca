from dataclasses import asdict, replace

from ecgcore.compare.scope import held_out, trained_on
from ecgcore.features.inputs import InputSpec
from ecgcore.records.splits import DS1, DS2
from ecgcore.schema import Protocol
from ecgcore.training.protocols import IdentitySplit
from tests.make_predictions import make_predictions
from tests.make_record import make_checkpoint
from tests.tiny_networks import Convolutional


def test_trained_beats_and_those_outside_the_stretch_do_not_count():
    part = make_predictions(["100"] * 40, ["100"] * 40, classes=("100", "200"))
    split = IdentitySplit(kind="random", fraction=0.5, stop=20.0)
    meta = make_checkpoint(Convolutional(), InputSpec(), ("100", "200")).meta
    meta = replace(meta, task="identity", training={"split": asdict(split)})
    counted = held_out(meta, part).truth != ""
    trained = split.trains("100", part.peaks.sample, part.peaks.fs)
    inside = part.peaks.sample / part.peaks.fs < 20
    assert counted.any()
    assert not (counted & trained).any()
    assert not (counted & ~inside).any()
    assert ((counted | trained) == inside).all()


def test_other_checkpoints_keep_all():
    part = make_predictions(["N", "V"], ["N", "N"])
    assert held_out(make_checkpoint(Convolutional(), InputSpec(), ("N", "V")).meta, part) is part


def test_recordings_of_the_training_set_are_named():
    meta = make_checkpoint(Convolutional(), InputSpec(), ("N", "V")).meta
    meta = replace(meta, protocol=Protocol(name="inter-patient", train="mitdb DS1", test="DS2"))
    assert trained_on(meta, "mitdb", (DS2[0], DS1[0], DS1[1])) == DS1[:2]
    assert trained_on(meta, "mitdb", DS2) == ()
    assert trained_on(meta, "other", DS1) == ()
    assert trained_on(replace(meta, task="identity"), "mitdb", DS1) == ()
