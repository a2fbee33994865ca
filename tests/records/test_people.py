"""people: whose recording it is; splits: the groups agree with what the real headers say."""

from collections import defaultdict
from dataclasses import replace
from datetime import date

import pytest

from ecgcore.errors import RecordError
from ecgcore.records.people import Person, person, recorded_on
from ecgcore.records.reader import read_headers
from ecgcore.records.splits import SPLITS, named_records, select_records
from tests.make_record import make_record


def test_an_excerpt_is_of_the_person_it_was_cut_from():
    assert person("qtdb", "sel16265") == person("nsrdb", "16265")
    assert person("qtdb", "sel100") == Person(database="qtdb", name="sel100")


def test_recordings_of_a_folder_are_one_person_s():
    assert person("ecgid", "Person_01/rec_1") == person("ecgid", "Person_01/rec_20")
    assert person("ecgid", "Person_01/rec_1") != person("ecgid", "Person_02/rec_1")


def test_the_same_name_in_another_database_is_someone_else():
    assert person("mitdb", "16265") != person("nsrdb", "16265")
    assert person("nsrdb", "sel16265") != person("qtdb", "sel16265")


def test_the_excerpts_of_nsrdb_are_there_under_their_names(nsrdb, qtdb):
    excerpts = select_records("hours-later", qtdb.records)
    people = [person("qtdb", record) for record in excerpts]
    assert len(set(people)) == 10
    assert all(one.database == "nsrdb" and one.name in nsrdb.records for one in people)


def test_days_of_ecgid_are_those_of_its_headers(ecgid):
    headers, faults = read_headers(ecgid)
    assert not faults
    days = defaultdict(dict)
    for header in headers:
        days[person("ecgid", header.name)][header.name] = recorded_on(header)
    assert all(day is not None for one in days.values() for day in one.values())
    later = {
        record for one in days.values() for record, day in one.items() if day > min(one.values())
    }
    assert later == set(named_records("later-days"))
    assert set(ecgid.records) - later == set(named_records("first-day"))
    assert len({person("ecgid", record) for record in later}) == 20


@pytest.mark.parametrize(
    ("comment", "day"),
    [
        ("ECG date: 07.12.2004", date(2004, 12, 7)),
        ("ECG date: 31.02.2004", None),
        ("Age: 25", None),
    ],
)
def test_a_day_is_read_from_the_comments_or_not_at_all(comment, day):
    record, _ = make_record()
    header = replace(record.header, comments=("Sex: male", comment))
    assert recorded_on(header) == day


def test_groups_of_one_database_share_no_recording():
    assert not set(SPLITS["first-day"]) & set(SPLITS["later-days"])
    assert not set(SPLITS["DS1"]) & set(SPLITS["DS2"])
    with pytest.raises(RecordError, match="sel16265"):
        select_records("hours-later", ("16265",))
