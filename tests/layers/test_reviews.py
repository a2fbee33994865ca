"""reviews: verdicts kept with name and time, the last of each reviewer counts, exported whole."""

import pytest
import wfdb

from ecgcore.errors import LayerError
from ecgcore.layers.reviews import (
    add_review,
    review_annotations,
    review_history,
    review_table,
    reviews,
)
from ecgcore.records.annotation_writer import annotation_bytes
from ecgcore.safe_csv import csv_bytes


def say(storage, header, sample=100, verdict="wrong", reviewer="Ann", **more):
    return add_review(
        storage, header, sample=sample, annotated="N", verdict=verdict, reviewer=reviewer, **more
    )


def test_a_verdict_is_kept_with_name_and_time(storage, header):
    said = say(storage, header, suggested="V", note="wide ", context={"checkpoint": "x", "p": 0.9})
    assert reviews(storage, "made") == (said,)
    assert (said.reviewer, said.note, said.context["p"]) == ("Ann", "wide", 0.9)
    assert said.at > 1.7e9
    assert reviews(storage, "made", "2") == ()


def test_the_last_word_of_each_reviewer_counts_and_all_are_kept(storage, header):
    say(storage, header)
    say(storage, header, reviewer="Ben", verdict="right")
    say(storage, header, verdict="unsure")
    assert [(r.reviewer, r.verdict) for r in reviews(storage, "made", "1")] == [
        ("Ben", "right"),
        ("Ann", "unsure"),
    ]
    say(storage, header, verdict="withdrawn")
    assert [r.reviewer for r in reviews(storage, "made")] == ["Ben"]
    assert len(review_history(storage, "made")) == 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "perhaps"},
        {"reviewer": " "},
        {"sample": 2000},
        {"suggested": "+"},
        {"note": "x" * 1001},
        {"note": "\x1b[31m"},
    ],
)
def test_what_can_not_be_is_refused(storage, header, wrong):
    with pytest.raises(LayerError):
        say(storage, header, **wrong)
    assert review_history(storage, "made") == ()


def test_they_go_out_as_a_table_and_as_annotations(storage, header, tmp_path):
    say(storage, header, sample=300, note="=cmd()", reviewer="@Ann")
    say(storage, header, sample=100, suggested="V", note="wide\nQRS " + "x" * 300)
    found = reviews(storage, "made", "1")
    text = csv_bytes(review_table(found)).decode("utf-8-sig")
    assert "'=cmd()" in text
    assert "'@Ann" in text
    assert "x" * 300 in text
    (tmp_path / "r.rev").write_bytes(annotation_bytes(review_annotations(found), fs=header.fs))
    theirs = wfdb.rdann(str(tmp_path / "r"), "rev")
    assert (theirs.sample.tolist(), theirs.symbol) == ([100, 300], ["V", "N"])
    assert theirs.aux_note[0].startswith("wrong (N) by Ann 20")
    assert "wide QRS" in theirs.aux_note[0]


def test_a_table_of_nothing_has_its_columns():
    assert "reviewer" in review_table(()).columns
