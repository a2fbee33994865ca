"""Which recordings a word means."""

import pytest

from ecgcore.errors import RecordError
from ecgcore.records.splits import SPLITS, named_records, select_records


def test_a_recording_named_twice_is_taken_once() -> None:
    assert named_records(" 100, 208,100 ,") == ("100", "208")
    assert select_records("208,100,208", ("100", "208")) == ("208", "100")


def test_groups_and_all() -> None:
    assert named_records("DS1") == SPLITS["DS1"]
    assert select_records("all", ("a", "b")) == ("a", "b")


@pytest.mark.parametrize("wanted", ["nobody", "", " , "])
def test_what_is_not_there_is_named(wanted: str) -> None:
    with pytest.raises(RecordError, match=r"No record .* here; there are 1: a"):
        select_records(wanted, ("a",))
