"""What was measured of a checkpoint's clusters, as ``results/clusters.json`` keeps it."""

import json
import logging
from dataclasses import dataclass
from typing import Any, Final

from ecgcore.clusters.marks import MARKED
from ecgcore.settings import settings

NAME: Final = "clusters.json"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """How well the clusters' proportions say what the network says, and how true the names are."""

    database: str
    records: int
    unseen: bool  # whether no judged recording was fitted on
    agreement: float  # of a forest on the proportions alone, share of beats
    macro_f1: float
    majority: float  # agreement of always saying the commonest class
    with_rr: float | None  # agreement where the forest has the RR features too; None without any
    marks: str  # the database and lead of the experts' marks, "" where the names were not checked
    found: dict[str, float]  # of P, QRS and T, the share of marked samples that the names find


def judged_clusters(checkpoint: str, digest: str, count: int, kind: str) -> Judged | None:
    """Return what was measured of these clusters; None where it was of others, or of none.

    A file that can't be read is logged and holds nothing: figures beside a panel are no reason not
    to show it.
    """
    path = settings().results_dir / NAME
    try:
        entry = json.loads(path.read_text(encoding="utf-8")).get(checkpoint)
        if entry is None:
            return None
        made = entry["digest"], entry["k"], entry["fit"].get("kind")
        return _judged(entry) if made == (digest, count, kind) else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        _log.warning("%s can't be read (%s)", path, error)
        return None


def _judged(entry: dict[str, Any]) -> Judged:
    views, fit, test = entry["fidelity"]["views"], entry["fit"], entry["judged"]
    plain, rhythm = views["proportions"], views.get("proportions_and_rr")
    common = fit["database"] == test["database"] and set(fit["records"]) & set(test["records"])
    # Names mean something only where the network sees waves.
    checks = [] if "names_note" in entry else entry["names"][:1]
    return Judged(
        database=str(test["database"]),
        records=len(test["records"]),
        unseen=not common,
        agreement=float(plain["agreement"]),
        macro_f1=float(plain["macro_f1"]),
        majority=float(plain["majority"]),
        with_rr=None if rhythm is None else float(rhythm["agreement"]),
        marks="".join(f"{one['database']}, {one['leads'][0]}" for one in checks),
        found={
            wave: float(share)
            for one in checks
            for wave in MARKED
            if (share := one["clusters"][wave]["recall"]) is not None
        },
    )
