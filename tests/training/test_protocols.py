"""Splits: nothing on both sides, nothing lost."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.errors import CheckpointError
from ecgcore.features.inputs import InputSpec
from ecgcore.features.rr import RR_FEATURES, RR_IRREGULARITY, rr_features
from ecgcore.schema import Peaks
from ecgcore.training.protocols import (
    ONE_PERSON,
    IdentitySplit,
    beat_class_flags,
    split_flags,
    whole_record_flags,
)

samples = st.lists(st.integers(0, 20_000), min_size=2, max_size=80, unique=True).map(
    lambda found: np.sort(np.array(found, dtype=np.int64))
)
splits = st.builds(
    IdentitySplit,
    kind=st.sampled_from(["random", "time"]),
    fraction=st.floats(0.1, 0.9),
    seed=st.integers(0, 5),
    stop=st.none() | st.floats(20, 200),
    start=st.dictionaries(st.sampled_from(["a", "b"]), st.floats(0, 30)),
)


@given(split=splits, sample=samples)
def test_training_beats_are_of_the_stretch(split, sample):
    inside, trains = split.stretch("a", sample, 128.0), split.trains("a", sample, 128.0)
    assert not (trains & ~inside).any()
    seconds = sample[inside] / 128.0
    assert (seconds >= split.start.get("a", 0.0)).all()
    assert split.stop is None or (seconds < split.stop).all()


@given(split=splits, sample=samples)
def test_a_random_split_has_its_share_and_a_time_split_its_order(split, sample):
    inside, trains = split.stretch("b", sample, 128.0), split.trains("b", sample, 128.0)
    if split.kind == "random":
        assert trains.sum() == round(split.fraction * inside.sum())
    elif trains.any() and (inside & ~trains).any():
        assert sample[trains].max() < sample[inside & ~trains].min()


@given(split=splits)
def test_a_split_survives_json(split):
    assert IdentitySplit.from_json(asdict(split)) == split


def test_a_random_split_is_each_recording_s_own():
    sample = np.arange(0, 10_000, 100)
    split = IdentitySplit()
    assert (split.trains("a", sample, 128) == split.trains("a", sample, 128)).all()
    assert (split.trains("a", sample, 128) != split.trains("b", sample, 128)).any()


FOUR, FIVE = ("N", "S", "V", "F"), ("N", "S", "V", "F", "Q")
PUBLISHED = {"database": "mitdb", "train": "DS1", "test": "DS2"}
ALONE = InputSpec(channels=("raw",), scale="beat", rr=("pre", "post", "log_pre_local"))


def test_flags_say_what_must_be_said():
    random, time = (split_flags(IdentitySplit(kind=kind), ALONE) for kind in ("random", "time"))
    assert any("same people" in flag for flag in time)
    assert set(time) < set(random)
    assert any("Q" in flag for flag in beat_class_flags(FOUR, ALONE, **PUBLISHED))
    assert not any("Q" in flag for flag in beat_class_flags(FIVE, ALONE, **PUBLISHED))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ()),
        ({"scale": "record"}, ("median beat",)),
        ({"channels": ("raw", "previous")}, ("median beat",)),
        ({"channels": ("raw", "rr_pre_global")}, ("mean RR",)),
        ({"channels": ("raw", "rr_pre_local")}, ()),
        ({"rr": ("log_pre_global",)}, ("mean RR",)),
        ({"rr": ("pre", "local_step_share")}, ("mean RR",)),
        ({"channels": ("difference",), "rr": ("global_mean",)}, ("median beat", "mean RR")),
        ({"channels": ("next_typical",)}, ("median beat and", "most like each")),
        (
            {"channels": ("typical_deviation", "ectopic_part"), "rr": ("global_mean",)},
            ("median beat, the beats most like each, its early, odd beats and", "mean RR"),
        ),
    ],
)
def test_an_input_that_draws_on_the_whole_record_is_said_in_every_task(change, said):
    spec = replace(ALONE, **change)
    flags = whole_record_flags(spec)
    assert len(flags) == bool(said)
    assert all(word in flags[0] for word in said)
    for word in ("median beat", "mean RR"):
        assert (word in "".join(flags)) == (word in " ".join(said))
    assert set(flags) <= set(beat_class_flags(FIVE, spec, **PUBLISHED))
    assert set(flags) <= set(split_flags(IdentitySplit(), spec))


@given(
    name=st.sampled_from(sorted(set(RR_FEATURES) - {"pre", "post"})),
    rr=st.lists(st.floats(0.6, 1.0), min_size=40, max_size=40),
)
def test_rr_features_that_say_so_are_those_that_change_with_a_far_stretch(name, rr):
    """A slower rhythm 300 beats away changes the record's mean and nothing near."""
    near = np.array(rr * 8)
    far = near.copy()
    far[:20] *= 2.5
    samples = [np.cumsum(np.rint(x * 360)).astype(np.int64) for x in (near, far)]
    values = [
        rr_features(Peaks(sample=sample, source="made", fs=360.0), (name,)).values[-20:-1]
        for sample in samples
    ]
    moved = not np.allclose(*values, rtol=1e-6)
    # The irregularity nearby spans 15 intervals a side, the scatter and what is made of it 110.
    nearby = (*RR_IRREGULARITY, "local_scatter", "log_odds_fibrillation")
    assert moved == (RR_FEATURES[name].whole_record and name not in nearby)


def test_what_is_known_of_ds1_and_ds2_is_said_of_them_only():
    for change in ({"database": "svdb"}, {"train": "101,106"}, {"test": "all"}):
        told = " ".join(beat_class_flags(FOUR, ALONE, **(PUBLISHED | change)))
        assert "Class Q is left out" in told
        assert "DS1" not in told
        assert "201" not in told
    assert ONE_PERSON in beat_class_flags(FOUR, ALONE, **PUBLISHED)


@pytest.mark.parametrize("plain", [{"kind": "nonsense"}, {"fraction": 2}, {"start": []}])
def test_a_split_that_makes_no_sense_is_said(plain):
    with pytest.raises(CheckpointError, match="split"):
        IdentitySplit.from_json(plain)
