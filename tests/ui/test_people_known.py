"""Which checkpoint suits a recording of a person in another database, and what is said of it."""

from dataclasses import asdict, replace

import pytest

from ecgcore.features.inputs import InputSpec
from ecgcore.schema import Protocol
from ecgcore.training.protocols import IdentitySplit
from ecgcore.ui.checkpoint_picker import _of_people, default_checkpoint
from tests.make_record import make_checkpoint, make_record
from tests.tiny_networks import Convolutional

PEOPLE = ("16265", "16272")


@pytest.fixture
def hours():
    """Return a checkpoint trained on nsrdb and tested on qtdb."""
    made = make_checkpoint(Convolutional(), InputSpec(), PEOPLE)
    told = Protocol(name="identity-hours", train="nsrdb all", test="qtdb hours-later")
    split = asdict(IdentitySplit(kind="whole", stop=60.0))
    meta = replace(made.meta, task="identity", protocol=told, training={"split": split})
    return replace(made, name="hours", meta=meta)


@pytest.mark.parametrize(
    ("database", "record", "chosen"),
    [
        ("nsrdb", "16265", "hours"),
        ("qtdb", "sel16265", "hours"),
        ("qtdb", "sel100", "beats"),
        ("mitdb", "16265", "beats"),
    ],
)
def test_a_person_is_known_under_both_names(hours, database, record, chosen):
    there = {"beats": make_checkpoint(Convolutional(), InputSpec(), ("N", "V")).meta}
    there["hours"] = hours.meta
    header = replace(make_record()[0].header, database=database, name=record)
    assert default_checkpoint(there, header) == chosen


def test_what_trained_is_said_of_the_training_recordings_only(hours):
    trained = " ".join(_of_people(hours, "nsrdb", ("16265",)))
    assert "trained hours; none is compared" in trained
    assert not _of_people(hours, "qtdb", ("sel16265", "sel16272"))
    told = " ".join(_of_people(hours, "qtdb", ("sel16265", "sel16273")))
    assert "1 of these 2 recordings are of nobody" in told
