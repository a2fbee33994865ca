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
    told = replace(meta.protocol, train="made 100,200")
    meta = replace(meta, task="identity", training={"split": asdict(split)}, protocol=told)
    counted = held_out(meta, part).truth != ""
    trained = split.trains("100", part.peaks.sample, part.peaks.fs)
    inside = part.peaks.sample / part.peaks.fs < 20
    assert counted.any()
    assert not (counted & trained).any()
    assert not (counted & ~inside).any()
    assert ((counted | trained) == inside).all()


def test_a_recording_that_trained_nothing_counts_whole():
    part = make_predictions(["100"] * 40, ["100"] * 40, classes=("100", "200"))
    meta = make_checkpoint(Convolutional(), InputSpec(), ("100", "200")).meta
    whole = {"split": asdict(IdentitySplit(kind="whole", stop=20.0))}
    meta = replace(meta, task="identity", training=whole)
    for by, all_count in (("made 100", False), ("made 200", True), ("other all", True)):
        told = replace(meta.protocol, train=by)
        counted = held_out(replace(meta, protocol=told), part).truth != ""
        assert counted.all() == counted.any() == all_count


def test_other_checkpoints_keep_all():
    part = make_predictions(["N", "V"], ["N", "N"])
    assert held_out(make_checkpoint(Convolutional(), InputSpec(), ("N", "V")).meta, part) is part
