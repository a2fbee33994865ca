from dataclasses import asdict, replace

from ecgcore.compare.scope import held_out
from ecgcore.features.inputs import InputSpec
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
