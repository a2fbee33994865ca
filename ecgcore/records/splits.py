"""Named groups of records.

DS1 and DS2 are the inter-patient halves of mitdb by de Chazal, O'Dwyer and Reilly, IEEE Trans.
Biomed. Eng. 51(7), 2004; the paced records 102, 104, 107 and 217 are in neither. Note that 201
(DS1) and 202 (DS2) come from one person: the published split is kept, and told.

``detector-tuning`` and ``detector-test`` are DS1 and DS2 with two of the paced records each: all
that is learned or set for a detector comes from the former, so that DS2 stays unseen where beats
are classified at detected R-peaks.

``hours-later`` are the excerpts of qtdb that were taken from nsrdb's recordings, 9 to 21 hours in.
``first-day`` and ``later-days`` part ecgid by the dates in its headers: every person's recordings
of the first day, and those of any other day, which 20 of the 90 people have.
"""

from typing import Final

from ecgcore.errors import RecordError
from ecgcore.records.people import FROM_NSRDB

DS1: Final = tuple(
    "101 106 108 109 112 114 115 116 118 119 122 124 "
    "201 203 205 207 208 209 215 220 223 230".split()
)
DS2: Final = tuple(
    "100 103 105 111 113 117 121 123 200 202 210 212 "
    "213 214 219 221 222 228 231 232 233 234".split()
)

# ecgid: how many recordings each person has, and how many of them, the first ones, are of the
# first day where there are others.
_RECORDINGS: Final = (
    "20 22 5 2 2 2 2 2 7 5 3 2 2 3 2 3 2 2 2 2 3 2 2 5 5 4 3 5 2 5 2 6 2 5 5 5 2 2 2 4 2 4 2 2 2 "
    "5 2 2 2 2 4 11 5 2 2 2 3 2 5 3 4 3 6 3 2 2 3 2 2 3 5 8 2 1 3 3 3 2 2 2 2 2 2 2 3 2 2 3 2 2"
)
_ON_THE_FIRST_DAY: Final = {
    **dict.fromkeys((1, 9, 26, 27, 28, 30, 32, 34, 35, 36, 40, 42, 46, 51), 2),
    **dict.fromkeys((2, 24, 25, 53, 71), 3),
    52: 9,
}


def _ecgid(*, first_day: bool) -> tuple[str, ...]:
    return tuple(
        f"Person_{person:02d}/rec_{number}"
        for person, count in enumerate(map(int, _RECORDINGS.split()), 1)
        for number in range(1, count + 1)
        if (number <= _ON_THE_FIRST_DAY.get(person, count)) == first_day
    )


SPLITS: Final[dict[str, tuple[str, ...]]] = {
    "DS1": DS1,
    "DS2": DS2,
    "detector-tuning": (*DS1, "102", "104"),
    "detector-test": (*DS2, "107", "217"),
    "hours-later": tuple(f"sel{record}" for record in FROM_NSRDB),
    "first-day": _ecgid(first_day=True),
    "later-days": _ecgid(first_day=False),
}


def named_records(wanted: str) -> tuple[str, ...]:
    """Return the names of a group, or of a list with commas each once; they need not exist."""
    parts = (part.strip() for part in wanted.split(","))
    return SPLITS.get(wanted) or tuple(dict.fromkeys(part for part in parts if part))


def select_records(wanted: str, available: tuple[str, ...]) -> tuple[str, ...]:
    """Return the records meant by a group (``DS1``), ``all`` or a comma-separated list.

    Raises RecordError naming what is missing.
    """
    if wanted == "all":
        return available
    names = named_records(wanted)
    missing = [name for name in names if name not in available]
    if missing or not names:
        raise RecordError(
            f"No record {', '.join(missing) or wanted!r} here; there are {len(available)}: "
            f"{', '.join(available[:8])}{', …' if len(available) > 8 else '.'}"
        )
    return names
