"""Which checkpoint suits a recording of a person in another database, and what is said of it."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from ecgcore.features.inputs import InputSpec
from ecgcore.models.checkpoint import read_meta
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.reader import read_record
from ecgcore.schema import Protocol
from ecgcore.training.protocols import IdentitySplit
from ecgcore.training.seen import tested_beats as kept_apart
from ecgcore.ui.beat_roles import Roles, beat_roles
from ecgcore.ui.beat_stepper import default_beat, kinds
from ecgcore.ui.checkpoint_picker import _of_people, _of_split, default_checkpoint
from tests.make_predictions import make_predictions
from tests.make_record import make_checkpoint, make_record
from tests.tiny_networks import Convolutional
from tests.ui.seen import finished

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


def test_beats_that_trained_are_told_of_a_random_split_of_a_recording_s_beats():
    made = make_checkpoint(Convolutional(), InputSpec(), ("N", "V"))
    told = Protocol(name="intra-patient", train="mitdb all", test="mitdb all")
    split = asdict(IdentitySplit(kind="random"))
    beats = replace(made, meta=replace(made.meta, protocol=told, training={"split": split}))
    here = f"Beats of this recording trained {beats.name}; only its test beats are compared."
    assert _of_split(beats, "mitdb", ("208",)) == here
    assert _of_split(beats, "mitdb", ("208", "213")).startswith("Beats of 2 of these 2 recordings")
    assert _of_split(beats, "nsrdb", ("16265",)) == ""


def test_explain_says_of_each_beat_whether_it_trained(open_page, mitdb):
    record = read_record(mitdb, "208")
    tests = kept_apart(read_meta("beats-waveform"), record.header, annotated_peaks(record))
    for tested, said in ((True, "a test beat: the network was not"), (False, "a training beat:")):
        beat = str(int(np.flatnonzero(tests == tested)[0]))
        app = open_page("explain", db="mitdb", rec="208", beat=beat, ckpt="beats-waveform")
        told = " ".join(box.value for box in (*finished(app).markdown, *app.caption))
        assert said in told
        assert "only its test beats" not in told
        assert "beside each beat stands whether it did" in told
    offered = app.selectbox(key="step_kind").options
    assert f"test beats ({int(tests.sum()):,})" in offered
    assert any(name.startswith("training beats") for name in offered)


def test_beats_that_all_trained_are_said_to_have_on_explain(hours):
    told = _of_people(hours, "nsrdb", ("16265",), compared=False)
    assert told == ("All beats of this recording trained hours.",)


def test_roles_are_of_the_beats_that_were_split(hours):
    part = make_predictions(["16265"] * 4, ["16265"] * 4, record="16265", classes=PEOPLE)
    at = np.array([10, 30, 50, 70]) * part.header.fs
    peaks = replace(part.peaks, sample=at.astype(np.int64))
    part = replace(part, peaks=peaks, header=replace(part.header, database="nsrdb"))
    roles = beat_roles(hours.meta, part)
    assert roles.trained.tolist() == [True, True, True, False]
    assert not roles.tests.any()
    assert roles.words(3) == "neither a training nor a test beat"
    assert beat_roles(hours.meta, replace(part, peaks=replace(peaks, source="beatlens"))) is None
    other = replace(part.header, database="qtdb", name="sel16265")
    assert beat_roles(hours.meta, replace(part, header=other)) is None


def test_where_beats_were_split_the_first_shown_tested():
    part = make_predictions(list("NNNNV"), list("NNNNV"))
    roles = Roles(trained=np.arange(5) != 2, tests=np.arange(5) == 2)
    assert default_beat(part) == 4
    assert default_beat(part, roles) == 2
    late = Roles(trained=np.arange(5) < 2, tests=np.arange(5) >= 2)
    assert default_beat(part, late) == 4  # of the rarest class, as ever
    assert kinds(part, roles)["training beats"].tolist() == [0, 1, 3, 4]


def test_a_beat_that_trained_is_not_compared_and_that_is_said(open_page, mitdb):
    record = read_record(mitdb, "208")
    peaks = annotated_peaks(record)
    trained = int(np.flatnonzero(~kept_apart(read_meta("beats-waveform"), record.header, peaks))[0])
    app = open_page("compare", db="mitdb", rec="208", beat=str(trained), ckpt="beats-waveform")
    told = " ".join(box.value for box in (*finished(app).warning, *app.caption)).replace("\\", "")
    assert f"Beat {trained:,} of 208 is outside the checkpoint's test" in told
    assert "Beats of this recording trained beats-waveform; only its test beats are" in told
