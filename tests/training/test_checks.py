"""What a run is refused for, before anything is read."""

from dataclasses import replace

import pytest

from ecgcore.errors import CheckpointError, EcgError, RecordError
from ecgcore.features.inputs import InputSpec
from ecgcore.features.spectrogram import SpectrogramSpec
from ecgcore.training.checks import check_run
from ecgcore.training.config import TrainConfig
from ecgcore.training.protocols import IdentitySplit

HERE = ("100", "101", "102", "103", "104")
GOOD = TrainConfig(
    name="x",
    title="X",
    architecture="resunet-b2",
    task="beat-class",
    database="mitdb",
    protocol="inter-patient",
    train="100,101, 102",
    test="103,104",
    classes=("N", "V"),
    folds=(("100",), ("101", "102")),
    input=InputSpec(rr=("pre",)),
)
PICTURE = InputSpec(kind="spectrogram", channels=("raw",), spectrogram=SpectrogramSpec(length=0.1))


def test_a_good_run_is_let_through():
    check_run(GOOD, HERE)
    check_run(replace(GOOD, folds=()), HERE)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seeds": ()}, "no seeds"),
        ({"input": PICTURE}, r"waveform.*'spectrogram'"),
        ({"architecture": "identity-cnn"}, r"spectrogram.*'waveform'"),
        ({"test": "102,103"}, "102 would"),
        ({"test": "all"}, "100, 101, 102 would"),
        ({"folds": (("100", "103"),)}, "103, not among"),
        ({"folds": (("100",), ("101", "100"))}, "100 more than once"),
        ({"folds": (("100", "100"),)}, "100 more than once"),
        ({"folds": ((), ("100",))}, "some of the training"),
        ({"folds": (("100", "101", "102"),)}, "leave others"),
    ],
)
def test_what_makes_no_run_is_said(change, said):
    with pytest.raises(EcgError, match=said):
        check_run(replace(GOOD, **change), HERE)


def test_records_and_networks_that_are_not_there_are_said():
    with pytest.raises(RecordError, match="999"):
        check_run(replace(GOOD, train="999"), HERE)
    with pytest.raises(CheckpointError, match="perceptron"):
        check_run(replace(GOOD, architecture="perceptron"), HERE)


def test_people_are_in_training_and_test_by_design():
    plain = {"protocol": "identity-random", "task": "identity", "train": "all", "test": "all"}
    who = replace(GOOD, **plain, classes=(), folds=(), split=IdentitySplit())
    check_run(replace(who, architecture="identity-cnn", input=PICTURE), HERE)
