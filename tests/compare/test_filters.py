"""Which beats are listed, and how that stands in an address."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgcore.compare.filters import (
    BeatFilter,
    apply_filter,
    from_text,
    misread,
    of_cell,
    to_text,
)

TABLE = pd.DataFrame(
    {
        "record": ["100", "100", "200", "200", "200"],
        "beat": [0, 1, 0, 1, 2],
        "true": ["N", "S", "N", "", "V"],
        "predicted": ["N", "N", "S", "V", "V"],
        "confidence": [0.9, 0.6, 0.7, 0.8, 0.5],
        "pre_rr": [np.nan, 0.4, 0.8, 0.8, 1.0],
    }
)


def beats(wanted: BeatFilter) -> list[int]:
    return apply_filter(TABLE, wanted).index.tolist()


def test_nothing_asked_lists_every_beat_with_a_true_class():
    assert beats(BeatFilter()) == [0, 1, 2, 4]


def test_each_question_narrows_the_list():
    assert beats(of_cell(("S", "N"))) == [1]
    assert beats(BeatFilter(wrong=True)) == [1, 2]
    assert beats(BeatFilter(record=("200",))) == [2, 4]
    assert beats(BeatFilter(true=("N", "V"), predicted=("V",))) == [4]
    assert beats(BeatFilter(record=("nobody",))) == []


def test_a_range_holds_its_ends_and_no_beat_without_a_value():
    assert beats(BeatFilter().with_range("pre_rr", 0.4, 0.8)) == [1, 2]
    assert beats(BeatFilter().with_range("pre_rr", -math.inf, 5)) == [1, 2, 4]
    assert beats(BeatFilter().with_range("confidence", 0.7, math.inf)) == [0, 2]


def test_what_was_not_measured_passes_nothing():
    assert beats(BeatFilter().with_range("noise", 0, 1)) == []
    assert beats(BeatFilter(pattern=("more T",))) == []


def test_a_later_range_takes_the_place_of_an_earlier_one():
    twice = BeatFilter().with_range("noise", 0, 1).with_range("noise", 0.5, 2)
    assert twice.ranges == (("noise", 0.5, 2),)
    assert twice.with_range("noise", -math.inf, math.inf) == BeatFilter()
    assert twice.range_of("noise") == (0.5, 2)


names = st.lists(st.text(min_size=1, max_size=8), max_size=3, unique=True).map(tuple)
bound = st.integers(0, 30_000).map(lambda n: n / 10_000)


@settings(max_examples=40)
@given(names, names, names, names, bound, bound, st.booleans())
def test_every_filter_survives_the_address(true, predicted, record, pattern, low, more, wrong):
    wanted = BeatFilter(true=true, predicted=predicted, record=record, pattern=pattern, wrong=wrong)
    wanted = wanted.with_range("confidence", low, low + more).with_range("noise", low, math.inf)
    found = from_text(to_text(wanted))
    assert [part[0] for part in found.ranges] == ["confidence", "noise"]
    for mine, there in zip(wanted.ranges, found.ranges, strict=True):
        assert there[1:] == pytest.approx(mine[1:], abs=1e-4)
    assert (found.true, found.predicted, found.record, found.pattern, found.wrong) == (
        true, predicted, record, pattern, wrong,
    )  # fmt: skip


@given(st.text(max_size=60))
def test_any_text_is_a_filter(text):
    apply_filter(TABLE, from_text(text))


def test_what_a_text_says_wrongly_is_asked_of_nobody():
    assert from_text("conf:a-b;conf:0.9-0.1;who:me;any;true:") == BeatFilter()
    assert from_text("true:S;pred:N").cell == ("S", "N")
    assert not from_text("true:S;pred:N").beyond_cell
    assert from_text("true:S;pred:N;wrong").beyond_cell


def test_the_parts_that_say_nothing_are_named():
    assert misread("wrong;colour:red;conf:high;conf:0.9-0.1;true:;any;;rec:100") == (
        "colour:red",
        "conf:high",
        "conf:0.9-0.1",
        "true:",
    )
    assert misread("") == misread(to_text(of_cell(("S", "N")))) == ()
