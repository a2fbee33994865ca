"""Splits: nothing on both sides, nothing lost."""

from dataclasses import asdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.training.protocols import IdentitySplit, beat_class_flags, identity_flags

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


def test_flags_say_what_must_be_said():
    random, time = (identity_flags(IdentitySplit(kind=kind)) for kind in ("random", "time"))
    assert any("same people" in flag for flag in time)
    assert set(time) < set(random)
    four, five = ("N", "S", "V", "F"), ("N", "S", "V", "F", "Q")
    assert any("whole test record" in flag for flag in beat_class_flags(five, ("difference",)))
    assert not any("whole test record" in flag for flag in beat_class_flags(five, ("raw",)))
    assert any("Q" in flag for flag in beat_class_flags(four, ("raw",)))
