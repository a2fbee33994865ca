"""Which recordings a checkpoint's clusters are fitted on: those that trained it."""

from collections.abc import Mapping
from typing import Final

from ecgcore.errors import EcgError
from ecgcore.models.meta import CheckpointMeta
from ecgcore.records.database import Database
from ecgcore.records.splits import select_records

MOST: Final = 48  # recordings; clusters of more cost time and change little


def fitting_set(
    meta: CheckpointMeta, there: Mapping[str, Database], fallback: Database
) -> tuple[Database, tuple[str, ...]]:
    """Return a database and the recordings to fit on.

    Those of the checkpoint's protocol, such as "mitdb DS1"; where they are not among the databases
    ``there``, recordings of ``fallback`` stand in: never labelled, so they spoil no test, but the
    clusters then are of another population, and ``ClusterModel.about`` says of which.
    """
    home, _, wanted = meta.protocol.train.partition(" ")
    base = there.get(home)
    if base is None:
        return fallback, fallback.records[:MOST]
    try:
        names = select_records(wanted or "all", base.records)
    except EcgError:  # a part of a recording, or recordings that are not here
        names = base.records
    return base, names[:MOST]
