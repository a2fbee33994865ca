"""Named groups of records.

DS1 and DS2 are the inter-patient halves of mitdb by de Chazal, O'Dwyer and Reilly, IEEE Trans.
Biomed. Eng. 51(7), 2004; the paced records 102, 104, 107 and 217 are in neither. Note that 201
(DS1) and 202 (DS2) come from one person: the published split is kept, and told.
"""

from typing import Final

from ecgcore.errors import RecordError

DS1: Final = tuple(
    "101 106 108 109 112 114 115 116 118 119 122 124 "
    "201 203 205 207 208 209 215 220 223 230".split()
)
DS2: Final = tuple(
    "100 103 105 111 113 117 121 123 200 202 210 212 "
    "213 214 219 221 222 228 231 232 233 234".split()
)

SPLITS: Final[dict[str, tuple[str, ...]]] = {"DS1": DS1, "DS2": DS2}


def named_records(wanted: str) -> tuple[str, ...]:
    """Return the names in ``DS1``, ``DS2`` or a comma-separated list, whether or not they exist."""
    return SPLITS.get(wanted) or tuple(part.strip() for part in wanted.split(",") if part.strip())


def select_records(wanted: str, available: tuple[str, ...]) -> tuple[str, ...]:
    """Return the records meant by ``DS1``, ``DS2``, ``all`` or a comma-separated list.

    Raises RecordError naming what is missing.
    """
    if wanted == "all":
        return available
    names = named_records(wanted)
    missing = [name for name in names if name not in available]
    if missing or not names:
        raise RecordError(
            f"No record {', '.join(missing) or wanted!r} here; there are {len(available)}: "
            f"{', '.join(available[:8])}{' …' if len(available) > 8 else ''}."
        )
    return names
