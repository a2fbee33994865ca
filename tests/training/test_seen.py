"""What a checkpoint has seen, and what its figures elsewhere are called."""

from dataclasses import replace

import pytest

from ecgcore.features.inputs import InputSpec
from ecgcore.records.splits import DS1, DS2
from ecgcore.schema import Protocol
from ecgcore.training.evaluate import evaluated_protocol
from ecgcore.training.protocols import ONE_PERSON
from ecgcore.training.seen import CROSS_DATABASE, seen_flags, trained_on
from tests.make_record import make_checkpoint
from tests.tiny_networks import Convolutional


def trained(by: str, task: str = "beat-class"):
    meta = make_checkpoint(Convolutional(), InputSpec(), ("N", "V")).meta
    told = Protocol(name="inter-patient", train=by, test="mitdb DS2", flags=(ONE_PERSON,))
    return replace(meta, protocol=told, task=task)


def test_recordings_of_the_training_set_are_named():
    meta = trained("mitdb DS1")
    assert trained_on(meta, "mitdb", (DS2[0], DS1[0], DS1[1])) == DS1[:2]
    assert trained_on(meta, "mitdb", DS2) == ()
    assert trained_on(meta, "other", DS1) == ()
    assert trained_on(trained("mitdb DS1", "identity"), "mitdb", DS1) == ()


@pytest.mark.parametrize("by", ["mitdb 101,106", "mitdb 101, 106", "mitdb 106 , 101"])
def test_a_list_is_split_however_it_is_spaced(by):
    assert trained_on(trained(by), "mitdb", ("100", "101", "106")) == ("101", "106")


def test_all_recordings_trained():
    assert trained_on(trained("mitdb all"), "mitdb", ("100", "101")) == ("100", "101")


def test_figures_on_training_patients_say_so():
    meta = trained("mitdb DS1")
    found = evaluated_protocol(meta, "mitdb", ("101", "106", "100"), "annotated")
    assert found.flags[0] == "2 of 3 test recordings trained this checkpoint: 101, 106."
    assert seen_flags(meta, "mitdb", DS1) == ("All 22 test recordings trained this checkpoint.",)
    assert seen_flags(meta, "mitdb", DS1[:1]) == ("The test recording trained this checkpoint.",)
    assert seen_flags(meta, "mitdb", DS2) == ()
    assert evaluated_protocol(meta, "mitdb", DS2, "annotated").name == "inter-patient"


def test_another_database_is_another_protocol():
    found = evaluated_protocol(
        trained("mitdb DS1"), "svdb", ("101", "106"), "annotated", ("Said.",)
    )
    assert found.name == CROSS_DATABASE
    assert found.flags == ("Said.",)  # 201 and 202 are of mitdb, and these never trained it
